package station

import (
	"context"
	"runtime"
	"testing"

	"espero-soft.com/printroom/vault/store"
)

// killAt runs a batch that dies the moment a state is durable.
func (r *room) killAt(state store.State, ids []string) {
	r.t.Helper()
	dead := make(chan struct{})
	r.edge = func(_ string, s store.State) {
		if s == state {
			runtime.Goexit() // no code of the station's runs after this but its unlocking
		}
	}
	go func() {
		defer close(dead)
		if err := r.PrintBatch(context.Background(), ids); err != nil {
			r.t.Errorf("the batch ended by itself: %v", err)
		}
	}()
	<-dead
	r.edge = nil
	r.restart()
}

func TestKilledInEachState(t *testing.T) {
	for _, c := range []struct {
		state  store.State
		reboot bool
		want   store.State
		prints int // after the next batch
	}{
		{store.Intent, false, store.Ready, 1},
		{store.Created, false, store.Ready, 1},
		{store.Sending, false, store.Uncertain, 0},
		{store.Sent, false, store.DeviceDone, 1},
		{store.Sent, true, store.Uncertain, 1},
		{store.DeviceDone, true, store.DeviceDone, 1},
	} {
		name := string(c.state)
		if c.reboot {
			name += " and the printer restarted"
		}
		t.Run(name, func(t *testing.T) {
			r := newRoom(t)
			ids := r.pay("PAGES 2")
			r.killAt(c.state, ids)
			if c.reboot {
				r.printer.reboot()
			}
			r.check(r.Recover(t.Context()))
			if got := r.state(ids[0]); got != c.want {
				t.Fatalf("after the restart %s, want %s", got, c.want)
			}
			var again []string
			for _, j := range NextBatch(r.Snapshot().Jobs) {
				again = append(again, j.ID)
			}
			r.check(r.PrintBatch(t.Context(), again))
			if n := r.printer.printed(); n != c.prints {
				t.Errorf("%d letters came out in all, want %d", n, c.prints)
			}
		})
	}
}

// TestRecoverBesideABatch: what the batch is doing must not be taken for what
// a crash left behind.
func TestRecoverBesideABatch(t *testing.T) {
	r := newRoom(t)
	ids := r.pay("PAGES 2", "PAGES 2", "PAGES 2", "PAGES 2", "PAGES 2", "PAGES 2")
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 20 {
			if err := r.Recover(context.Background()); err != nil {
				t.Error(err)
			}
		}
	}()
	r.check(r.PrintBatch(t.Context(), ids))
	<-done
	for _, id := range ids {
		if j := r.job(id); j.State != store.DeviceDone {
			t.Errorf("%s for %q, want DEVICE_DONE", j.State, j.Hold)
		}
	}
	if n := r.printer.printed(); n != len(ids) {
		t.Errorf("%d letters came out, want %d", n, len(ids))
	}
}
