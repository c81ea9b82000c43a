package station

import (
	"context"
	"errors"

	"espero-soft.com/printroom/vault/journal"
)

// revokedSetting holds a value while central's last word was that it revoked this
// station, so that a start without central does not forget it.
const revokedSetting = "revoked"

func errRevoked() *Fault {
	return &Fault{Code: Revoked, Err: errors.New("central revoked this station")}
}

// Revoked tells whether central revoked this station. It asks for nothing any
// more then; a list of people that central gives it all the same ends that.
func (s *Station) Revoked() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.revoked
}

// revoke locks the station for good: whoever is at work is logged out, every key
// is wiped, the running batch's too, which ends with the letter that is on its way
// to the printer, and what was drawn ahead is wiped.
func (s *Station) revoke(ctx context.Context) {
	var first bool
	var coming *ahead
	s.change(func() {
		if first = !s.revoked; !first {
			return
		}
		s.revoked = true
		if s.run != nil {
			s.batch.Stopping = true
			coming = s.run.coming
		}
		s.wake()
	})
	if !first {
		return
	}
	s.JournalReport(s.lockOut(ctx, func(Person) bool { return true }))
	s.using.Lock() // a letter that is being opened is opened
	s.mu.Lock()
	s.wipeClaims(nil)
	s.mu.Unlock()
	s.using.Unlock()
	coming.letGo()
	s.JournalReport(s.cfg.Journal.Record(ctx, journal.Access{Action: journal.ActionRevoke}, journal.OutcomeDone))
	if err := s.cfg.Store.SetSetting(ctx, revokedSetting, []byte{1}); err != nil {
		s.cfg.Log.Error("revoked", "error", err)
	}
	s.cfg.Log.Error("revoked")
	s.tell()
}

// loadRevoked brings back what central said last.
func (s *Station) loadRevoked(ctx context.Context) error {
	v, err := s.cfg.Store.Setting(ctx, revokedSetting)
	s.revoked = len(v) > 0
	return fault(err)
}

// restored takes note that central knows the station again, as after it enrolled
// anew.
func (s *Station) restored(ctx context.Context) error {
	if !s.Revoked() {
		return nil
	}
	if err := s.cfg.Store.SetSetting(ctx, revokedSetting, []byte{}); err != nil {
		return fault(err)
	}
	s.change(func() { s.revoked = false })
	return nil
}
