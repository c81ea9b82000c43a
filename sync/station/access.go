package station

import (
	"context"
	"errors"
	"fmt"
	"time"

	"espero-soft.com/printroom/vault/journal"
)

const (
	// anchorEvery is how often the journal is tied to the TPM's counter while
	// letters are opened. It is what a folder that was put back may lack without
	// being noticed offline; more often would wear the counter out.
	anchorEvery = 5 * time.Minute
	// clockSkew is how far the station's clock may be behind central's.
	clockSkew = 5 * time.Minute
)

// intent journals that something is going to be opened. Without its permit
// nothing is: the journal must be the latest one, and central not away for longer
// than its policy allows.
func (s *Station) intent(ctx context.Context, a journal.Access) (p journal.Permit, err error) {
	if err := errors.Join(s.whole(), s.inTouch()); err != nil {
		return p, err
	}
	if err := s.anchor(ctx, a.Actor, anchorEvery); err != nil {
		return p, err
	}
	return s.cfg.Journal.Intent(ctx, a)
}

// anchor ties the journal to the TPM's counter, unless that was done within some
// time.
func (s *Station) anchor(ctx context.Context, actor string, within time.Duration) error {
	s.anchoring.Lock()
	defer s.anchoring.Unlock()
	now := s.cfg.Now()
	if since := now.Sub(s.anchored); !s.anchored.IsZero() && since >= 0 && since < within {
		return nil
	}
	if err := s.cfg.Journal.Anchor(ctx, actor); err != nil {
		return err
	}
	s.anchored = now
	return nil
}

// heard says that central answered, which ends that it was away for too long.
func (s *Station) heard() {
	now := s.cfg.Now()
	s.mu.Lock()
	s.answeredAt = now
	away := code(s.asError(partJournal)) == OfflineBudget
	s.mu.Unlock()
	if away {
		s.report(partJournal, nil)
	}
}

// fit tells whether letters can be opened, as far as the journal and central's
// policy go: an anchor is an entry too, in a journal that was found whole.
func (s *Station) fit(ctx context.Context, actor string) error {
	if err := s.anchor(ctx, actor, 0); err != nil {
		return err
	}
	return errors.Join(s.whole(), s.inTouch())
}

// elapsed is the time between two readings of the clock: by its face or by its
// running, whichever says more. The face can be set back, and the running stops
// while the machine sleeps.
func elapsed(from, to time.Time) time.Duration {
	return max(to.Sub(from), to.Round(0).Sub(from.Round(0)))
}

// inTouch tells whether central was heard of within the time that its policy
// allows for work without it. After a start that goes by the time that it last
// signed; a clock that is behind that can't tell how long ago it was.
func (s *Station) inTouch() error {
	s.mu.Lock()
	last, signed, most := s.answeredAt, s.confirmed, time.Duration(s.policy.OfflineSeconds)*time.Second
	s.mu.Unlock()
	now := s.cfg.Now()
	if last.IsZero() {
		last = signed
		if now.Before(last.Add(-clockSkew)) {
			return &Fault{Code: OfflineBudget, Err: fmt.Errorf("central signed at %s, the clock here says %s", last.UTC().Format(time.RFC3339), now.UTC().Format(time.RFC3339))}
		}
	}
	if away := elapsed(last, now); most > 0 && away > most {
		return &Fault{Code: OfflineBudget, Err: fmt.Errorf("central was last heard of %s ago, allowed are %s", away.Round(time.Second), most)}
	}
	return nil
}
