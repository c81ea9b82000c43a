package station

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"espero-soft.com/printroom/printer/preflight"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/store"
)

// passes refuses a letter in which something was found, now or before, for which
// the policy has letters held, unless a person let just that pass.
func (s *Station) passes(ctx context.Context, job string, now ...preflight.Code) error {
	j, err := s.cfg.Store.Job(ctx, job)
	if err != nil {
		return fault(err)
	}
	for _, c := range s.held(preflight.Merge(codes(j.Findings), now)) {
		if !slices.Contains(j.Overridden, string(c)) {
			return &Fault{Code: Preflight, Err: fmt.Errorf("the policy has letters held for %q", c)}
		}
	}
	return nil
}

// Override lets a letter be printed that is HELD for its findings, where another
// person agrees if the policy says so. What was found stays with it; something
// else that is found later holds it again.
func (s *Station) Override(ctx context.Context, job string, second *Second) error {
	if _, _, err := s.unlocked(); err != nil {
		return err
	}
	s.deciding.Lock()
	defer s.deciding.Unlock()
	j, err := s.cfg.Store.Job(ctx, job)
	if err != nil {
		return fault(err)
	}
	if !CanOverride(shown(j)) {
		return &Fault{Code: CodeState, Err: fmt.Errorf("the letter is %s for %q", j.State, j.Hold)}
	}
	if _, err := s.agreed(ctx, wire.ActPreflightOverride, j.ID, "", second); err != nil {
		return err
	}
	if err := s.record(ctx, journal.Access{Action: journal.ActionOverride, Object: j.ID, Reason: string(Preflight)}); err != nil {
		return err
	}
	return s.move(ctx, store.Move{
		Job: j.ID, From: []store.State{store.Held}, To: store.Ready, Hold: j.Hold, Overrides: s.let(j),
	})
}

// let are the findings that an override lets pass: those that hold the letter now,
// beside those that were let pass before.
func (s *Station) let(j store.Job) []string {
	return words(preflight.Merge(codes(j.Overridden), s.held(codes(j.Findings))))
}

// The reasons of a keep entry in the journal.
const (
	keptLonger  = "longer"
	keptAsLong  = "usual"
	keepNothing = "nothing is left of the letter that could be kept"
)

// KeepLonger has a letter kept as long as a proof of mailing is, 12 months from
// its drop-off, or as long as others again, where another person agrees if the
// policy says so. What must be kept as long, because it is registered or central
// says so, is, whatever was asked for here.
func (s *Station) KeepLonger(ctx context.Context, job string, longer bool, second *Second) error {
	if _, _, err := s.unlocked(); err != nil {
		return err
	}
	s.deciding.Lock()
	defer s.deciding.Unlock()
	j, err := s.cfg.Store.Job(ctx, job)
	if err != nil {
		return fault(err)
	}
	if !j.Keyed {
		return &Fault{Code: CodeState, Err: errors.New(keepNothing)}
	}
	if j.Longer == longer {
		return nil
	}
	if _, err := s.agreed(ctx, wire.ActRetentionChange, j.ID, j.Attempt, second); err != nil {
		return err
	}
	reason := keptAsLong
	if longer {
		reason = keptLonger
	}
	if err := s.record(ctx, journal.Access{Action: journal.ActionKeep, Object: j.ID, Attempt: j.Attempt, Reason: reason}); err != nil {
		return err
	}
	err = s.cfg.Store.KeepLonger(ctx, j.ID, longer)
	if errors.Is(err, store.ErrNotFound) {
		return &Fault{Code: CodeState, Err: errors.New(keepNothing)}
	}
	if err != nil {
		return fault(err)
	}
	return s.refreshJob(ctx, j.ID)
}
