package station

import (
	"context"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/google/uuid"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/store"
)

// order is central's wish about a letter.
func order(kind wire.OrderKind, job string) wire.Order {
	return wire.Order{ID: uuid.NewString(), Kind: kind, Job: job, At: time.Now()}
}

func (r *room) order(orders ...wire.Order) {
	r.t.Helper()
	r.check(r.TakeOrders(context.Background(), wire.Notice{Waiting: 3, Orders: orders}))
}

// outcomes are what central is told of orders, in order.
func (r *room) outcomes() (done []string) {
	r.t.Helper()
	for _, e := range r.told() {
		if e.Kind == wire.EventOrderDone {
			done = append(done, e.Order+" "+e.Reason)
		}
	}
	return done
}

func (r *room) wantOutcomes(want ...string) {
	r.t.Helper()
	got := r.outcomes()
	if len(got) != len(want) {
		r.t.Fatalf("central is told %q, want %q", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			r.t.Errorf("central is told %q, want %q", got, want)
		}
	}
}

func TestOrderBeforePrint(t *testing.T) {
	r := newRoom(t)
	if w := r.Snapshot().Waiting; w != -1 {
		t.Errorf("%d letters wait before central said so", w)
	}
	ids := r.pay("PAGES 2", "PAGES 2", "CORRUPT")
	r.check(r.PrintBatch(t.Context(), ids[2:]))
	o := []wire.Order{order(wire.OrderCancel, ids[0]), order(wire.OrderRecall, ids[1]), order(wire.OrderCancel, ids[2]), {ID: uuid.NewString(), Kind: "burn", Job: ids[0]}}
	for range 3 { // told again, nothing is done twice
		r.order(o...)
	}
	r.wantOutcomes(o[0].ID+" before_print", o[1].ID+" before_print", o[2].ID+" before_print")
	for i, want := range []FaultCode{OrderCancelled, LeaseLost, OrderCancelled} {
		if j := r.job(ids[i]); j.State != store.Held || j.Hold != want || j.Order != "" || CanRetry(j) {
			t.Errorf("%+v, want HELD for %s", j, want)
		}
	}
	r.wantDid(ids[0], " cancel order done")
	r.wantDid(ids[1], " release order done")
	if w := r.Snapshot().Waiting; w != 3 {
		t.Errorf("%d letters wait, want 3", w)
	}
	r.check(r.PrintBatch(t.Context(), ids[:2]))
	if n := r.printer.printed(); n != 0 {
		t.Errorf("%d letters came out", n)
	}
}

// A report that was lost is made again; one that waits in the outbox is not.
func TestOrderToldAgainAfterItsReport(t *testing.T) {
	r := newRoom(t)
	ids := r.pay("PAGES 2")
	o := order(wire.OrderCancel, ids[0])
	r.order(o)
	messages, err := r.Outbox(t.Context(), 10)
	r.check(err)
	r.check(r.Delivered(t.Context(), messages[0].ID))
	r.order(o)
	r.order(o)
	r.wantOutcomes(o.ID + " before_print")
}

func TestOrderAboutALetterThatIsNotHere(t *testing.T) {
	r := newRoom(t)
	o := order(wire.OrderErase, uuid.NewString())
	_, err := r.BeginClaim(t.Context())
	r.check(err)
	r.order(o) // it may be among the letters that just arrive
	r.wantOutcomes()
	r.pay("PAGES 2")
	r.order(o)
	r.order(o)
	r.wantOutcomes(o.ID + " before_print")
}

// What an order stops on its way to the printer leaves nothing there.
func TestOrderInPrint(t *testing.T) {
	for _, at := range []store.State{store.Intent, store.Created} {
		for _, dies := range []bool{false, true} {
			r := newRoom(t)
			ids := r.pay("PAGES 2", "PAGES 2")
			o := order(wire.OrderCancel, ids[0])
			stop := func(id string, s store.State) {
				if id == ids[0] && s == at {
					r.order(o)
					if dies {
						runtime.Goexit()
					}
				}
			}
			dead := make(chan struct{})
			r.edge = stop
			go func() {
				defer close(dead)
				r.check(r.PrintBatch(context.Background(), ids))
			}()
			<-dead
			r.edge = nil
			if dies {
				r.restart()
				r.check(r.Recover(t.Context()))
				r.check(r.PrintBatch(t.Context(), ids))
			}
			if j := r.job(ids[0]); j.State != store.Held || j.Hold != OrderCancelled || j.Paper {
				t.Errorf("%s, killed %v: %+v, want HELD for order_cancelled", at, dies, j)
			}
			if got := r.state(ids[1]); got != store.DeviceDone {
				t.Errorf("%s, killed %v: the next letter is %s", at, dies, got)
			}
			r.wantOutcomes(o.ID + " before_print")
			if n := r.printer.printed(); n != 1 {
				t.Errorf("%s, killed %v: %d letters came out", at, dies, n)
			}
		}
	}
}

func TestOrderOnPaper(t *testing.T) {
	r := newRoom(t)
	id := r.printed()
	o := order(wire.OrderCancel, id)
	r.order(o)
	r.order(o)
	if j := r.job(id); j.State != store.DeviceDone || j.Order != wire.OrderCancel || !Waits(j) {
		t.Errorf("%+v, want an order on it", j)
	}
	r.wantOutcomes()
	_, err := r.Scan(t.Context(), string(r.job(id).Attempt))
	wantFault(t, err, OrderCancelled)
	wantFault(t, r.Decide(t.Context(), Decision{Job: id, Verdict: VerdictOK}), OrderCancelled)
	wantFault(t, r.Decide(t.Context(), Decision{Job: id, Verdict: VerdictReprint, Reason: ReasonJam, Destroyed: true}), OrderCancelled)
	wantFault(t, r.Decide(t.Context(), Decision{Job: id, Verdict: VerdictPull, Reason: ReasonContent, Destroyed: true}), ReasonMissing)
	r.check(r.Decide(t.Context(), Decision{Job: id, Verdict: VerdictPull, Reason: ReasonOrder, Destroyed: true}))
	if j := r.job(id); j.State != store.Held || j.Hold != Pulled || j.Order != "" || Waits(j) {
		t.Errorf("%+v, want HELD as pulled", j)
	}
	r.order(o)
	r.wantOutcomes(o.ID + " destroyed")
	r.wantDid(id, " cancel order done", "p1 destroy order done")
}

// A piece that central accepted and then took back goes into no deposit.
func TestOrderOnAPiece(t *testing.T) {
	r := newRoom(t)
	ids := r.pay("PAGES 2", "PAGES 2")
	r.check(r.PrintBatch(t.Context(), ids))
	for _, id := range ids {
		_, err := r.Scan(t.Context(), string(r.job(id).Attempt))
		r.check(err)
	}
	r.answer(wire.EventEnveloped, wire.Verdict{Verdict: wire.VerdictAccepted})
	o := order(wire.OrderCancel, ids[0])
	r.order(o)
	d, err := r.Deposit(t.Context())
	r.check(err)
	if len(d.Attempts) != 1 || r.state(ids[0]) != store.Enveloped || r.state(ids[1]) != store.Dropped {
		t.Errorf("%d pieces, %s, %s", len(d.Attempts), r.state(ids[0]), r.state(ids[1]))
	}
	late := order(wire.OrderCancel, ids[1])
	r.order(late)
	r.wantOutcomes(late.ID + " too_late")
	if j := r.job(ids[1]); j.State != store.Dropped || j.Order != "" {
		t.Errorf("%+v", j)
	}
}

// What is to be erased goes at once, whatever becomes of the paper.
func TestErasure(t *testing.T) {
	r := newRoom(t)
	ready, paper := r.pay("PAGES 2")[0], r.printed()
	dropped := r.pay("PAGES 2")
	r.dropped(dropped)
	o := []wire.Order{order(wire.OrderErase, ready), order(wire.OrderErase, paper), order(wire.OrderErase, dropped[0])}
	before := r.outcomes()
	r.check(r.Lock(t.Context())) // nobody has to be there
	r.order(o...)
	r.order(o...)
	for _, id := range []string{ready, paper, dropped[0]} {
		j, err := r.kept.Job(t.Context(), id)
		r.check(err)
		if len(j.WrappedKey)+len(j.Details) > 0 {
			t.Errorf("%s: keys or fields are still there", j.State)
		}
		if _, err := os.Stat(r.kept.DocumentPath(id)); !os.IsNotExist(err) {
			t.Errorf("%s: the document: %v", j.State, err)
		}
	}
	r.wantOutcomes(append(before, o[0].ID+" before_print", o[2].ID+" too_late")...)
	r.check(r.Unlock(t.Context(), anna, []byte(pin)))
	wantFault(t, r.Preview(t.Context(), paper, nil, nil), DocumentCorrupt)
	r.check(r.Decide(t.Context(), Decision{Job: paper, Verdict: VerdictPull, Reason: ReasonOrder, Destroyed: true}))
	r.wantDid(paper, " erase order done", "p1 preview  ", "p1 preview document_corrupt failed", "p1 destroy order done")
}

// An order is carried out although the journal can't take it.
func TestOrderWithoutAJournal(t *testing.T) {
	r := newRoom(t)
	ids := r.pay("PAGES 2")
	r.check(r.journal.Close())
	r.order(order(wire.OrderErase, ids[0]))
	if j := r.job(ids[0]); j.State != store.Held || r.Snapshot().NoDecryption != JournalBroken {
		t.Errorf("%+v, no decryption for %q", j, r.Snapshot().NoDecryption)
	}
}
