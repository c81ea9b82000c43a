package station

import (
	"context"
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
	if err := s.inTouch(); err != nil {
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

// heard says that central answered.
func (s *Station) heard() {
	now := s.cfg.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answeredAt = now
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
	if most > 0 && now.Sub(last) > most {
		return &Fault{Code: OfflineBudget, Err: fmt.Errorf("central was last heard of %s ago, allowed are %s", now.Sub(last).Round(time.Second), most)}
	}
	return nil
}
