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

// tampered makes of a PIN that is not set what it is where it was set here before,
// and central knows so: somebody emptied its slot, and may have put another PIN
// there, which central did not approve.
func (s *Station) tampered(ctx context.Context, m member, err error) error {
	if code(err) != PINUnset || !m.set {
		return err
	}
	before, serr := s.cfg.Store.Setting(ctx, slotSetting(m.slot))
	if serr != nil || string(before) != m.Pseudonym {
		return err
	}
	return &Fault{Code: PINForeign, Err: err}
}
