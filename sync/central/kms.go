package central

import (
	"context"
	"errors"
)

// KMS keeps the keys that wrap what the database holds sealed: document keys, names, digests. Its methods
// are safe for concurrent use. The purpose is authenticated: what was wrapped for one unwraps for no other.
type KMS interface {
	// Wrap seals by the newest key. What it gives begins with that key's id.
	Wrap(ctx context.Context, purpose string, key []byte) ([]byte, error)
	// Unwrap opens what any key that is still there wrapped. What is refused is an ErrUnwrap.
	Unwrap(ctx context.Context, purpose string, wrapped []byte) ([]byte, error)

	// Keys are the ids of its keys, oldest first: the last one wraps. None begins as another does.
	Keys(ctx context.Context) ([][]byte, error)
	// Rotate makes a new key, which wraps from then on; it is durable when Rotate returns.
	Rotate(ctx context.Context) error
	// Drop destroys a key for good; one that is gone already is no error. The newest is an ErrNewest.
	Drop(ctx context.Context, id []byte) error
}

var (
	// ErrUnwrap: wrapped for another purpose, by a key that is not there, or changed.
	ErrUnwrap = errors.New("wrapped key refused")
	// ErrNewest: the key that wraps can't be dropped.
	ErrNewest = errors.New("the newest key is in use")
	// ErrKeyInUse: something is still wrapped by that key.
	ErrKeyInUse = errors.New("something is still wrapped by this key")
)
