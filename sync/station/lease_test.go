package station

import (
	"errors"
	"testing"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/store"
)

// Letters that central no longer has for us are not printed for nothing, and
// come back when they are leased anew.
func TestLeaseLostAndLeasedAnew(t *testing.T) {
	r := newRoom(t)
	ids := r.pay("PAGES 2", "PAGES 2")
	j, err := r.kept.Job(t.Context(), ids[0])
	r.check(err)
	r.check(r.Kept(t.Context(), j.Claim, ids[1:]))
	if a, b := r.job(ids[0]), r.state(ids[1]); a.State != store.Held || a.Hold != LeaseLost || b != store.Ready {
		t.Errorf("%s for %q and %s, want HELD for lease_lost and READY", a.State, a.Hold, b)
	}
	again, err := r.BeginClaim(t.Context())
	r.check(err)
	never := func(string) error { return errors.New("it is here") }
	r.check(r.TakeJob(t.Context(), again, wire.Job{ID: ids[0], WrappedKey: []byte{1}, Details: []byte{2}}, never))
	r.check(r.EndClaim(t.Context(), again))
	if j, err = r.kept.Job(t.Context(), ids[0]); err != nil || j.Claim != again || r.state(ids[0]) != store.Ready {
		t.Errorf("leased anew it is %s under claim %s (%v), want READY under %s", r.state(ids[0]), j.Claim, err, again)
	}
}

// A letter that was held for this printer may be another station's by now.
func TestLeaseOfAHeldLetterLost(t *testing.T) {
	r := newRoom(t)
	r.colour = 1
	ids := r.pay("PAGES 2", "CORRUPT")
	r.Station.printers[0].device = &pickyPrinter{fakePrinter: r.printer}
	r.check(r.PrintBatch(t.Context(), ids))
	j, err := r.kept.Job(t.Context(), ids[0])
	r.check(err)
	r.check(r.Kept(t.Context(), j.Claim, ids))
	if a := r.job(ids[0]); a.Hold != PrinterRefused {
		t.Errorf("still leased: HELD for %q", a.Hold)
	}
	r.check(r.Kept(t.Context(), j.Claim, nil))
	for _, id := range ids {
		if j := r.job(id); j.State != store.Held || j.Hold != LeaseLost || CanRetry(j) {
			t.Errorf("%s for %q, want HELD for lease_lost", j.State, j.Hold)
		}
	}
}
