package station

import (
	"testing"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/store"
)

// TestWrongRegisteredNumberIsHeld: the counter would refuse the piece, so it is
// not printed, and central is told at once.
func TestWrongRegisteredNumberIsHeld(t *testing.T) {
	r := newRoom(t)
	r.product, r.numbers = wire.ProductRegistered, []string{"RR123456789BE", "RR123456785BE"}
	ids := r.pay("PAGES 2", "PAGES 2")
	if j := r.job(ids[0]); j.State != store.Held || j.Hold != TrackingNumber {
		t.Errorf("a letter with a wrong check digit is %s (%s)", j.State, j.Hold)
	}
	if j := r.job(ids[1]); j.State != store.Ready {
		t.Errorf("a letter with a right number is %s (%s)", j.State, j.Hold)
	}
	told := r.told()
	if len(told) != 1 || told[0].Kind != wire.EventHeld || told[0].Job != ids[0] || told[0].Reason != string(TrackingNumber) {
		t.Errorf("central is told %+v", told)
	}
}
