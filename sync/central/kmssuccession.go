package central

import (
	"context"
	"errors"
)

// Succession is a KMS that takes the place of another, such as a token that of the key ring: next wraps, and
// what before wrapped is still opened. After Rewrap, when KMSKeys says that nothing is left of before, central
// is opened with next alone and before's keys are destroyed, the last of them by hand. The ids of the two must
// differ, as a key ring's and a token's do.
func Succession(before, next KMS) KMS { return succession{before, next} }

type succession struct{ before, next KMS }

func (s succession) Wrap(ctx context.Context, purpose string, key []byte) ([]byte, error) {
	return s.next.Wrap(ctx, purpose, key)
}

func (s succession) Unwrap(ctx context.Context, purpose string, wrapped []byte) ([]byte, error) {
	key, err := s.before.Unwrap(ctx, purpose, wrapped)
	if errors.Is(err, ErrUnwrap) {
		return s.next.Unwrap(ctx, purpose, wrapped)
	}
	return key, err
}

func (s succession) Keys(ctx context.Context) ([][]byte, error) {
	before, err := s.before.Keys(ctx)
	if err != nil {
		return nil, err
	}
	next, err := s.next.Keys(ctx)
	return append(before, next...), err
}

func (s succession) Rotate(ctx context.Context) error { return s.next.Rotate(ctx) }

// Drop takes the key from whichever has it: for the other it is gone already.
func (s succession) Drop(ctx context.Context, id []byte) error {
	if err := s.before.Drop(ctx, id); err != nil {
		return err
	}
	return s.next.Drop(ctx, id)
}
