package uitest

import (
	"context"
	"slices"

	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/store"
)

// Override makes a letter ready that is held for a finding.
func (s *Station) Override(ctx context.Context, id string, second *station.Second) error {
	return s.errand(ctx, "override", wire.ActPreflightOverride, id, second, station.CanOverride, func(j *station.Job) {
		j.State, j.Hold = store.Ready, ""
	})
}

// KeepLonger marks a letter as a proof, or as none.
func (s *Station) KeepLonger(ctx context.Context, id string, longer bool, second *station.Second) error {
	can := func(j station.Job) bool { return j.Product != postal.Registered }
	return s.errand(ctx, "keep", wire.ActRetentionChange, id, second, can, func(j *station.Job) { j.Longer = longer })
}

func (s *Station) errand(ctx context.Context, method string, act wire.SecondPersonAct, id string, second *station.Second,
	can func(station.Job) bool, do func(*station.Job)) error {
	if err := s.wait(ctx, method); err != nil {
		return err
	}
	s.mu.Lock()
	i := slices.IndexFunc(s.snap.Jobs, func(j station.Job) bool { return j.ID == id })
	f := &station.Fault{Code: station.CodeState}
	if i >= 0 && can(s.snap.Jobs[i]) {
		f = s.agreed(act, second)
	}
	s.mu.Unlock()
	if f != nil {
		return f
	}
	s.Change(func(c *station.Snapshot) {
		c.Jobs = slices.Clone(c.Jobs)
		do(&c.Jobs[i])
	})
	return nil
}

// Strict is a policy that wants a second person for everything.
func Strict() station.Policy {
	return station.Policy{MinPIN: 6, SecondPerson: map[wire.SecondPersonAct]bool{
		wire.ActReprintRegistered: true, wire.ActJournalExport: true, wire.ActPreflightOverride: true, wire.ActRetentionChange: true,
	}}
}
