package central

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"espero-soft.com/printroom/sync/wire"
)

// TestPieceComesBack: what the counter refused is out of its deposit, is still
// the one piece that may be mailed, and goes with another deposit.
func TestPieceComesBack(t *testing.T) {
	r := newRoom(t, nil)
	ctx := context.Background()
	s, other := r.enrol("press-1"), r.enrol("press-2")
	jobs := r.pay(2)
	token := r.claim(s, 10).FencingToken
	for i, job := range jobs {
		r.report(s, []wire.Event{r.event(wire.EventAttempt, job, code(i), token)}, accepted)
	}
	r.report(s, []wire.Event{r.event(wire.EventEnveloped, jobs[0], code(0), token), r.event(wire.EventEnveloped, jobs[1], code(1), token)}, accepted, accepted)
	back := r.event(wire.EventReturned, jobs[0], code(0), token)
	r.report(s, []wire.Event{back}, string(wire.ProblemBadRequest)) // no reason
	first, request := uuid.NewString(), r.depositOf(code(0), code(1))
	if _, err := s.Deposit(ctx, first, request); err != nil {
		t.Fatal(err)
	}
	returned := func() wire.Event {
		e := r.event(wire.EventReturned, jobs[0], code(0), token)
		e.Reason = "franking"
		return e
	}
	r.report(other, []wire.Event{returned()}, string(wire.ProblemAttemptUnknown))
	once := returned()
	r.report(s, []wire.Event{once, once, returned()}, accepted, duplicate, duplicate)
	if d := cmp.Diff(Ledger{Paid: 2, Enveloped: 2, DroppedOff: 1, Working: 1}, r.counts()); d != "" {
		t.Error(d)
	}
	if _, err := s.Deposit(ctx, first, request); err != nil { // its answer was lost
		t.Error(err)
	}
	if d := cmp.Diff(Ledger{Paid: 2, Enveloped: 2, DroppedOff: 1, Working: 1}, r.counts()); d != "" {
		t.Error("sent again, a deposit took the piece back in:", d)
	}
	if _, err := s.Deposit(ctx, uuid.NewString(), r.depositOf(code(1))); !errors.Is(err, wire.ProblemAttemptDeposited) {
		t.Errorf("the other piece twice: %v", err)
	}
	if _, err := s.Deposit(ctx, uuid.NewString(), r.depositOf(code(0))); err != nil {
		t.Errorf("the piece with another deposit: %v", err)
	}
}
