package station

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"espero-soft.com/printroom/printer/device"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/store"
)

// TestOrderAboutASuspect: the printer completed a job of which nothing was sent,
// and central has taken the letter back meanwhile. It may be on paper all the
// same, so a person has to pull it; and it keeps no other letter from the printer.
func TestOrderAboutASuspect(t *testing.T) {
	r := newRoom(t)
	ids := r.pay("PAGES 2", "PAGES 2")
	r.killAt(store.Created, ids)
	for _, j := range r.printer.jobs {
		j.State, j.Impressions = device.Completed, 3
	}
	order := wire.Order{ID: uuid.NewString(), Kind: wire.OrderCancel, Job: ids[0], At: time.Now()}
	r.check(r.TakeOrders(t.Context(), wire.Notice{Orders: []wire.Order{order}}))
	r.check(r.PrintBatch(t.Context(), ids[1:]))
	j := r.job(ids[0])
	if j.State != store.Uncertain || !j.Paper || j.Order != wire.OrderCancel {
		t.Fatalf("%s, paper %v, order %q; want UNCERTAIN with the order", j.State, j.Paper, j.Order)
	}
	r.check(r.Decide(t.Context(), Decision{Job: ids[0], Verdict: VerdictPull, Reason: ReasonOrder, Destroyed: true}))
	if got := kinds(t, r); got[wire.EventAttempt] != 2 || got[wire.EventUncertain] != 1 || got[wire.EventOrderDone] != 1 {
		t.Errorf("central was told %v", got)
	}
}
