package push

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/store"
)

// TestCentralWithoutOrders: an old central does not know what order_done is. The report is given up, and
// neither the batch it was in nor the letter's later events are held up.
func TestCentralWithoutOrders(t *testing.T) {
	r := newRoom()
	before := r.station.event("1")
	done := wire.Event{ID: uuid.NewString(), Kind: wire.EventOrderDone, Job: "1", Order: uuid.NewString(), Reason: wire.OrderBeforePrint}
	r.station.put(store.EventMessage, done)
	after := r.station.event("1")
	r.central.fail = refuse(done.ID, wire.ProblemBadRequest)
	r.mustPush(t)
	wantLeft(t, r.station)
	verdicts := map[string]wire.VerdictKind{}
	for _, v := range r.station.judged {
		verdicts[v.ID] = v.Verdict
	}
	want := map[string]wire.VerdictKind{before: wire.VerdictAccepted, done.ID: wire.VerdictRefused, after: wire.VerdictAccepted}
	if d := cmp.Diff(want, verdicts); d != "" {
		t.Error(d)
	}
}
