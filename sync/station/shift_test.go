package station

import (
	"context"
	"testing"
	"time"

	"espero-soft.com/printroom/vault/store"
)

// Another person's unlock takes the running batch over, and the journal names both.
func TestShiftChange(t *testing.T) {
	for _, locked := range []bool{false, true} {
		r := newRoom(t)
		ids := r.pay("PAGES 2", "PAGES 2", "PAGES 2")
		r.edge = func(id string, s store.State) {
			if id != ids[0] || s != store.Sent {
				return
			}
			if locked {
				r.check(r.Lock(context.Background()))
			}
			r.check(r.Unlock(context.Background(), anna, []byte(pin))) // nothing changes hands
			r.check(r.Unlock(context.Background(), boris, []byte(pin)))
		}
		r.check(r.PrintBatch(t.Context(), ids))
		r.wantDid(r.job(ids[0]).Batch, "p1 handover given done", "p2 handover taken done")
		a, err := r.kept.Attempt(t.Context(), string(r.job(ids[2]).Attempt))
		r.check(err)
		if a.Actor != boris || r.state(ids[2]) != store.DeviceDone {
			t.Errorf("the last letter is %s, printed by %s", r.state(ids[2]), a.Actor)
		}
	}
}

// A claim's key is wiped with its last letter, and at a lock if the batch does
// not need it.
func TestKeysOfClaimsThatAreDone(t *testing.T) {
	r := newRoom(t)
	one, two, three := r.pay("PAGES 2"), r.pay("PAGES 2", "PAGES 2"), r.pay("PAGES 2")
	r.check(r.Preview(t.Context(), three[0], []int{0}, func(PreviewPage) error { return nil }))
	held := func() int {
		r.mu.Lock()
		defer r.mu.Unlock()
		return len(r.claims)
	}
	r.edge = func(id string, s store.State) {
		if s != store.Sent {
			return
		}
		switch id {
		case two[0]:
			if n := held(); n != 2 { // the first claim is done
				t.Errorf("%d keys in memory, want those of two claims", n)
			}
			r.check(r.Lock(context.Background()))
			if n := held(); n != 1 {
				t.Errorf("%d keys in memory after the lock, want the batch's", n)
			}
		}
	}
	r.check(r.PrintBatch(t.Context(), append(one, two...)))
	if n := held(); n != 0 {
		t.Errorf("%d keys in memory after the batch", n)
	}
}

// A lease that has run out by our own clock may be another station's now.
func TestLeaseThatRanOut(t *testing.T) {
	r := newRoom(t)
	late, good := r.pay("PAGES 2"), r.pay("PAGES 2")
	j, err := r.kept.Job(t.Context(), late[0])
	r.check(err)
	r.check(r.Renewed(t.Context(), j.Claim, time.Now().Add(-time.Second)))
	wantFault(t, r.PrintBatch(t.Context(), append(late, good...)), LeaseLost)
	if a, b := r.state(late[0]), r.state(good[0]); a != store.Ready || b != store.DeviceDone {
		t.Errorf("%s and %s, want READY and DEVICE_DONE", a, b)
	}
	r.check(r.Renewed(t.Context(), j.Claim, time.Now().Add(time.Hour)))
	r.check(r.PrintBatch(t.Context(), late))
	if n := r.printer.printed(); n != 2 {
		t.Errorf("%d letters came out", n)
	}
}

// What happens while a letter is prepared is seen before it is printed.
func TestLeaseThatRunsOutWhilePreparing(t *testing.T) {
	r := newRoom(t)
	ids := r.pay("PAGES 2", "PAGES 2")
	j, err := r.kept.Job(t.Context(), ids[1])
	r.check(err)
	r.edge = func(id string, s store.State) {
		if id == ids[1] && s == store.Intent {
			r.check(r.Renewed(context.Background(), j.Claim, time.Now()))
		}
	}
	wantFault(t, r.PrintBatch(t.Context(), ids), LeaseLost)
	if j := r.job(ids[1]); j.State != store.Ready || j.Hold != LeaseLost {
		t.Errorf("%s for %q, want READY for lease_lost", j.State, j.Hold)
	}
}
