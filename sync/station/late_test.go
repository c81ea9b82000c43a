package station

import (
	"context"
	"errors"
	"testing"
	"time"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/store"
)

// TestOrderJournaledBeforeACrash: what the program died before it could journal is
// journaled when it is told again.
func TestOrderJournaledBeforeACrash(t *testing.T) {
	r := newRoom(t)
	ids := r.pay("PAGES 2")
	o := order(wire.OrderCancel, ids[0])
	died := errors.New("the power was cut")
	func() {
		defer func() {
			if recover() != died {
				t.Error("nothing was journaled at all")
			}
			r.ordering.TryLock()
			r.ordering.Unlock()
		}()
		r.cfg.Journal = heardJournal{r.journal, func(journal.Access) { panic(died) }}
		_ = r.TakeOrders(t.Context(), wire.Notice{Orders: []wire.Order{o}})
	}()
	r.restart()
	r.order(o)
	r.order(o)
	r.wantDid(ids[0], " cancel order done")
	r.wantOutcomes(o.ID + " before_print")
}

// TestErasedWhileDrawnAhead: of a letter that is erased while another one is
// delivered nothing is kept until its turn, and the batch goes on.
func TestErasedWhileDrawnAhead(t *testing.T) {
	r := newRoom(t)
	ids := r.pay("PAGES 2", "PAGES 2", "PAGES 2")
	r.edge = func(id string, s store.State) {
		if id != ids[0] || s != store.Sent {
			return
		}
		r.mu.Lock()
		coming := r.run.coming
		r.mu.Unlock()
		<-coming.done
		if coming.job != ids[1] || coming.letter.raster.held() == 0 {
			t.Fatalf("%s is drawn ahead, %d bytes", coming.job, coming.letter.raster.held())
		}
		r.order(order(wire.OrderErase, ids[1]))
		if n := coming.letter.raster.held(); n != 0 {
			t.Errorf("%d bytes of the erased letter are in memory", n)
		}
	}
	r.check(r.PrintBatch(t.Context(), ids))
	if a, b := r.job(ids[1]), r.state(ids[2]); a.State != store.Held || a.Hold != OrderCancelled || b != store.DeviceDone {
		t.Errorf("%s for %q, and the next is %s", a.State, a.Hold, b)
	}
	if n := r.printer.printed(); n != 2 {
		t.Errorf("%d letters came out", n)
	}
}

// TestErasedWhileBeingDrawn: the drawing is given up, and the batch goes on.
func TestErasedWhileBeingDrawn(t *testing.T) {
	r := newRoom(t)
	ids := r.pay("PAGES 2", "PAGES 2", "PAGES 2")
	second := make(chan struct{})
	r.cfg.Journal = intentJournal{r.journal, func(ctx context.Context, a journal.Access) {
		if a.Object == ids[1] {
			close(second)
			<-ctx.Done()
		}
	}}
	r.edge = func(id string, s store.State) {
		if id == ids[0] && s == store.Sent {
			<-second
			r.order(order(wire.OrderErase, ids[1]))
		}
	}
	r.check(r.PrintBatch(t.Context(), ids))
	if a, b := r.job(ids[1]), r.state(ids[2]); a.State != store.Held || b != store.DeviceDone {
		t.Errorf("%s for %q, and the next is %s", a.State, a.Hold, b)
	}
}

type intentJournal struct {
	Journal
	hear func(context.Context, journal.Access)
}

func (j intentJournal) Intent(ctx context.Context, a journal.Access) (journal.Permit, error) {
	j.hear(ctx, a)
	return j.Journal.Intent(ctx, a)
}

// TestBatchGivesUpWaiting: while somebody else speaks to the printer, whoever
// gives up is not kept.
func TestBatchGivesUpWaiting(t *testing.T) {
	r := newRoom(t)
	ids := r.pay("PAGES 2")
	r.check(r.printing.Lock(t.Context()))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- r.PrintBatch(ctx, ids) }()
	cancel()
	wantFault(t, <-ended, Cancelled)
	wantFault(t, r.Recover(ctx), Cancelled)
	r.printing.Unlock()
	r.check(r.PrintBatch(t.Context(), ids))
}

// TestLeaseThatIsAboutToRunOut: the time to send the letter is not there.
func TestLeaseThatIsAboutToRunOut(t *testing.T) {
	r := newRoom(t)
	ids := r.pay("PAGES 2")
	j, err := r.kept.Job(t.Context(), ids[0])
	r.check(err)
	r.check(r.Renewed(t.Context(), j.Claim, time.Now().Add(leaseMargin-time.Second)))
	wantFault(t, r.PrintBatch(t.Context(), ids), LeaseLost)
	if got := r.state(ids[0]); got != store.Ready || r.printer.printed() != 0 {
		t.Errorf("%s, and %d letters came out", got, r.printer.printed())
	}
}

// TestLateWordOnAnotherLease: central's no to a printing under a lease that is over
// holds no letter that is leased anew.
func TestLateWordOnAnotherLease(t *testing.T) {
	r := newRoom(t)
	id := r.printed()
	first := r.told()[0]
	if first.Kind != wire.EventAttempt {
		t.Fatalf("%+v", first)
	}
	no := wire.Verdict{ID: first.ID, Verdict: wire.VerdictRefused, Problem: wire.NewProblem(wire.ProblemStaleFencingToken, "")}
	r.check(r.Decide(t.Context(), Decision{Job: id, Verdict: VerdictPull, Reason: ReasonDamaged, Destroyed: true}))
	claim, err := r.BeginClaim(t.Context())
	r.check(err)
	r.check(r.TakeClaim(t.Context(), wire.Claim{ID: claim, FencingToken: 8, ExpiresAt: time.Now().Add(time.Hour), SealedKey: []byte{1}}))
	never := func(string) error { return errors.New("it is here") }
	r.check(r.TakeJob(t.Context(), claim, wire.Job{ID: id, WrappedKey: []byte{1}, Details: []byte{2}}, never))
	r.check(r.EndClaim(t.Context(), claim))
	r.check(r.Judged(t.Context(), first, no))
	if j := r.job(id); j.State != store.Ready {
		t.Errorf("%s for %q, want READY", j.State, j.Hold)
	}
}

// TestLateWordOnAnotherPrinting: nor one that is printed again.
func TestLateWordOnAnotherPrinting(t *testing.T) {
	r := newRoom(t)
	id := r.printed()
	first := r.told()[0]
	r.check(r.Decide(t.Context(), Decision{Job: id, Verdict: VerdictReprint, Reason: ReasonJam, Destroyed: true}))
	r.check(r.PrintBatch(t.Context(), []string{id}))
	r.check(r.Judged(t.Context(), first, wire.Verdict{
		ID: first.ID, Verdict: wire.VerdictRefused, Problem: wire.NewProblem(wire.ProblemAttemptSuperseded, ""),
	}))
	if j := r.job(id); j.State != store.DeviceDone || j.Number != 2 {
		t.Errorf("printing %d is %s for %q, want DEVICE_DONE", j.Number, j.State, j.Hold)
	}
}

// TestRefusedDeposit: central takes a deposit with one of its pieces not. The
// piece can be taken out, and the rest goes; while central has not answered
// nothing can.
func TestRefusedDeposit(t *testing.T) {
	r := newRoom(t)
	ids := r.pay("PAGES 2", "PAGES 2")
	d := r.dropped(ids)
	stored, err := r.kept.DepositByNumber(t.Context(), d.Number)
	r.check(err)
	bad := r.attempt(ids[0])
	var asked []wire.DepositRequest
	tell := func(answer error) error {
		return r.TellDeposit(t.Context(), stored.ID, func(q wire.DepositRequest) error {
			asked = append(asked, q)
			wantFault(t, r.TakeBack(t.Context(), r.attempt(ids[1]), ReturnAddress), DepositUntold)
			return answer
		})
	}
	wantFault(t, tell(wire.NewProblem(wire.ProblemBusy, "")), CentralRefused)
	wantFault(t, r.TakeBack(t.Context(), bad, ReturnAddress), DepositUntold)
	wantFault(t, tell(wire.NewProblem(wire.ProblemIDReused, "")), CentralRefused)
	wantFault(t, r.TakeBack(t.Context(), bad, ReturnAddress), DepositUntold)
	wantFault(t, tell(wire.NewProblem(wire.ProblemJobCancelled, "")), OrderCancelled)
	if v := r.deposit(d.Number); v.Refused == nil || v.Refused.Code != OrderCancelled || v.Acknowledged {
		t.Errorf("shown is %+v", v)
	}
	before := len(r.told())
	r.check(r.TakeBack(t.Context(), bad, ReturnAddress))
	if j := r.job(ids[0]); j.State != store.Enveloped || j.Hold != TakenOut {
		t.Errorf("the piece is %s for %q", j.State, j.Hold)
	}
	if n := len(r.told()); n != before {
		t.Errorf("central is told of %d things more: it knows nothing of the deposit", n-before)
	}
	r.check(tell(nil))
	last := asked[len(asked)-1]
	if len(last.Attempts) != 1 || last.Attempts[0] != string(r.attempt(ids[1])) || last.SlipSHA256 != asked[0].SlipSHA256 {
		t.Errorf("central was told %+v", last)
	}
	if v := r.deposit(d.Number); v.Refused != nil || v.Pieces != 1 {
		t.Errorf("shown is %+v", v)
	}
}

// TestDepositRefusedWhole: every piece can be taken out, and central hears no more
// of it.
func TestDepositRefusedWhole(t *testing.T) {
	r := newRoom(t)
	ids := r.pay("PAGES 2", "PAGES 2")
	d := r.dropped(ids)
	stored, err := r.kept.DepositByNumber(t.Context(), d.Number)
	r.check(err)
	wantFault(t, r.TellDeposit(t.Context(), stored.ID, func(wire.DepositRequest) error {
		return wire.NewProblem(wire.ProblemAttemptNotAccepted, "")
	}), CentralRefused)
	for _, id := range ids {
		r.check(r.TakeBack(t.Context(), r.attempt(id), ReturnLater))
	}
	r.check(r.TellDeposit(t.Context(), stored.ID, func(wire.DepositRequest) error {
		t.Error("central is told of an empty deposit")
		return nil
	}))
}
