package station

import (
	"context"
	"strconv"
)

// slotSetting remembers whose PIN was set in a slot.
func slotSetting(slot int) string { return "slot_" + strconv.Itoa(slot) }

// remember keeps that a person's PIN is in their slot, so that one that is gone
// can be told from one that was never set. Where it can't be kept, that can't be told.
func (s *Station) remember(ctx context.Context, m member) {
	if err := s.cfg.Store.SetSetting(ctx, slotSetting(m.slot), []byte(m.Pseudonym)); err != nil {
		s.cfg.Log.Warn("slots", "error", err)
	}
}

// recall shows the PINs that were set here since the kept list was signed, until
// the TPM has said how it stands with them: that may take seconds.
func (s *Station) recall(ctx context.Context) {
	s.mu.Lock()
	people := s.people
	s.mu.Unlock()
	s.asking.Lock()
	defer s.asking.Unlock()
	for _, m := range people {
		if m.PIN == PINIsUnset && s.holds(ctx, m) {
			s.showPIN(m.Pseudonym, func(p *Person) { p.PIN = PINIsSet })
		}
	}
}

// holds tells whether a person's PIN was set in their slot here.
func (s *Station) holds(ctx context.Context, m member) bool {
	who, err := s.cfg.Store.Setting(ctx, slotSetting(m.slot))
	return err == nil && string(who) == m.Pseudonym
}

// tampered makes of a PIN that is not set what it is where it was set here before,
// and central knows so: somebody emptied its slot, and may have put another PIN
// there, which central did not approve.
func (s *Station) tampered(ctx context.Context, m member, err error) error {
	if code(err) != PINUnset || !m.set || !s.holds(ctx, m) {
		return err
	}
	return &Fault{Code: PINForeign, Err: err}
}
