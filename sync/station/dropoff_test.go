package station

import (
	"encoding/json"
	"testing"

	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/store"
)

// answer gives central's verdict on every event of a kind in the outbox and
// acknowledges the rest.
func (r *room) answer(kind wire.EventKind, v wire.Verdict) {
	r.t.Helper()
	messages, err := r.Outbox(r.t.Context(), 1000)
	r.check(err)
	for _, m := range messages {
		var e wire.Event
		r.check(json.Unmarshal(m.Body, &e))
		verdict := wire.Verdict{ID: e.ID, Verdict: wire.VerdictAccepted}
		if e.Kind == kind {
			v.ID = e.ID
			verdict = v
		}
		r.check(r.Judged(r.t.Context(), e, verdict))
	}
}

// dropped prints, scans and drops off letters.
func (r *room) dropped(ids []string) Deposit {
	r.t.Helper()
	r.check(r.PrintBatch(r.t.Context(), ids))
	for _, id := range ids {
		_, err := r.Scan(r.t.Context(), string(r.job(id).Attempt))
		r.check(err)
	}
	r.answer(wire.EventEnveloped, wire.Verdict{Verdict: wire.VerdictAccepted})
	d, err := r.Deposit(r.t.Context())
	r.check(err)
	return d
}

func TestPieceWaitsForCentral(t *testing.T) {
	r := newRoom(t)
	ids := r.pay("PAGES 2")
	r.check(r.PrintBatch(t.Context(), ids))
	code := r.job(ids[0]).Attempt
	sheet := postal.SheetCode{Attempt: code, Sheet: 1, Sheets: 3}.String()
	if _, err := r.Scan(t.Context(), sheet); err != nil {
		t.Fatal(err)
	}
	_, err := r.Scan(t.Context(), sheet)
	wantFault(t, err, CodeState) // the second scan of one piece
	_, err = r.Deposit(t.Context())
	wantFault(t, err, NothingToDeposit)
	r.answer(wire.EventEnveloped, wire.Verdict{Verdict: wire.VerdictAccepted})
	if got := r.state(ids[0]); got != store.Enveloped {
		t.Fatalf("%s, want ENVELOPED", got)
	}
	d, err := r.Deposit(t.Context())
	r.check(err)
	if len(d.Attempts) != 1 || d.Attempts[0] != code || len(d.Slip) == 0 {
		t.Errorf("deposit %+v", d)
	}
	if got := r.state(ids[0]); got != store.Dropped {
		t.Errorf("%s, want DROPPED", got)
	}
	_, err = r.Deposit(t.Context())
	wantFault(t, err, NothingToDeposit)
}

func TestRefusedPieceIsHeld(t *testing.T) {
	r := newRoom(t)
	ids := r.pay("PAGES 2")
	r.check(r.PrintBatch(t.Context(), ids))
	_, err := r.Scan(t.Context(), string(r.job(ids[0]).Attempt))
	r.check(err)
	r.answer(wire.EventEnveloped, wire.Verdict{Verdict: wire.VerdictRefused, Problem: &wire.Problem{Type: wire.ProblemStaleFencingToken}})
	if j := r.job(ids[0]); j.State != store.Held || j.Hold != LeaseLost {
		t.Errorf("%s for %q, want HELD for lease_lost", j.State, j.Hold)
	}
	_, err = r.Deposit(t.Context())
	wantFault(t, err, NothingToDeposit)
}

func TestUnknownCodes(t *testing.T) {
	r := newRoom(t)
	for _, text := range []string{"", "hello", "B24:0000000000000:1/3", "323212345678901234567890"} {
		_, err := r.Scan(t.Context(), text)
		wantFault(t, err, CodeUnknown)
	}
}
