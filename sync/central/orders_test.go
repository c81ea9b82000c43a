package central

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/uuid"

	"espero-soft.com/printroom/sync/wire"
)

// openOrder is the order about a letter that is not done, of the one station that has one.
func (r *room) openOrder(job wire.UUID) OrderState {
	r.t.Helper()
	return r.order1(job, func(o OrderState) bool { return o.Outcome == "" })
}

func (r *room) orderTo(job wire.UUID, station string) OrderState {
	r.t.Helper()
	return r.order1(job, func(o OrderState) bool { return o.Station == station })
}

func (r *room) order1(job wire.UUID, is func(OrderState) bool) OrderState {
	r.t.Helper()
	all := r.orders(job)
	i := slices.IndexFunc(all, is)
	if i < 0 {
		r.t.Fatalf("no such order about %s in %+v", job, all)
	}
	return all[i]
}

func (r *room) orders(job wire.UUID) []OrderState {
	r.t.Helper()
	all, err := r.Orders(context.Background(), job)
	if err != nil {
		r.t.Fatal(err)
	}
	return all
}

func (r *room) done(o OrderState, outcome wire.ReasonCode) wire.Event {
	e := r.event(wire.EventOrderDone, o.Job, "", 1)
	e.Order, e.Reason = o.ID, outcome
	return e
}

func (r *room) check(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// state is a letter's, as central has it.
func (r *room) state(job wire.UUID) string {
	r.t.Helper()
	l, err := r.Ledger(context.Background())
	r.check(err)
	for _, j := range l.Jobs {
		if j.ID == job {
			return j.State
		}
	}
	r.t.Fatalf("no letter %s", job)
	return ""
}

func (r *room) wantState(job wire.UUID, want string) {
	r.t.Helper()
	if have := r.state(job); have != want {
		r.t.Errorf("the letter is %s, want %s", have, want)
	}
}

// piece brings a letter into its envelope.
func (r *room) piece(s *soft, job wire.UUID, n int, token int64) {
	r.t.Helper()
	r.report(s, []wire.Event{r.event(wire.EventAttempt, job, code(n), token), r.event(wire.EventDeviceDone, job, code(n), token),
		r.event(wire.EventEnveloped, job, code(n), token)}, accepted, accepted, accepted)
}

func TestCancelGivesAnOrder(t *testing.T) {
	r := newRoom(t, nil)
	ctx := context.Background()
	s, other := r.enrol("press-1"), r.enrol("press-2")
	jobs := r.pay(2)
	token := r.claim(s, 1).FencingToken
	for range 2 { // twice is once
		r.check(r.Cancel(ctx, jobs[0]))
		r.check(r.Cancel(ctx, jobs[1])) // nobody holds it
	}
	if o := r.orders(jobs[0]); len(o) != 1 || o[0].Kind != wire.OrderCancel || o[0].Station != "press-1" || len(r.orders(jobs[1])) != 0 {
		t.Errorf("%+v and %+v, want one order", o, r.orders(jobs[1]))
	}
	order := r.openOrder(jobs[0])
	nothing, strange, unreal := r.done(order, "shredded"), r.done(order, wire.OrderDestroyed), r.done(order, wire.OrderDestroyed)
	strange.Order, unreal.Job = uuid.NewString(), jobs[1]
	r.report(s, []wire.Event{nothing, strange, unreal}, string(wire.ProblemBadRequest), string(wire.ProblemNotFound), string(wire.ProblemNotFound))
	r.report(other, []wire.Event{r.done(order, wire.OrderDestroyed)}, string(wire.ProblemNotFound))
	stale := r.done(order, wire.OrderBeforePrint)
	stale.FencingToken = token + 100 // orders are not fenced
	r.report(s, []wire.Event{stale, r.done(order, wire.OrderBeforePrint), r.done(order, wire.OrderTooLate)}, accepted, duplicate, string(wire.ProblemIDReused))
	if o := r.orders(jobs[0])[0]; o.Outcome != wire.OrderBeforePrint || !o.DoneAt.Equal(r.clock.Now()) {
		t.Errorf("%+v", o)
	}
	if c := r.counts(); c.Paid != 2 || c.Cancelled != 2 || !balanced(c) {
		t.Errorf("%+v", c)
	}
}

// TestCancelledTooLate: the piece was in a closed deposit before the station knew. It is dropped off, in
// whatever order central hears of it, and the letters that lie in the same deposit are too.
func TestCancelledTooLate(t *testing.T) {
	for name, first := range map[string]bool{"the deposit comes first": false, "the word comes first": true} {
		t.Run(name, func(t *testing.T) {
			r := newRoom(t, nil)
			ctx := context.Background()
			s := r.enrol("press-1")
			jobs := r.pay(2)
			token := r.claim(s, 2).FencingToken
			r.piece(s, jobs[0], 0, token)
			r.piece(s, jobs[1], 1, token)
			r.check(r.Cancel(ctx, jobs[0]))
			r.wantState(jobs[0], stateCancelled)
			late := func() { r.report(s, []wire.Event{r.done(r.openOrder(jobs[0]), wire.OrderTooLate)}, accepted) }
			if first {
				late()
			}
			if _, err := s.Deposit(ctx, uuid.NewString(), r.depositOf(code(0), code(1))); err != nil {
				t.Fatal(err)
			}
			if !first {
				late()
			}
			if err := r.Cancel(ctx, jobs[0]); !errors.Is(err, wire.ProblemJobClosed) {
				t.Errorf("cancelled after the drop-off: %v", err)
			}
			if c := r.counts(); c.DroppedOff != 2 || c.Cancelled != 0 || !balanced(c) {
				t.Errorf("%+v", c)
			}
		})
	}
}

// TestTakenBack: a piece that was too late is taken out of a deposit that central has not taken.
func TestTakenBack(t *testing.T) {
	r := newRoom(t, nil)
	ctx := context.Background()
	s := r.enrol("press-1")
	jobs := r.pay(1)
	r.piece(s, jobs[0], 0, r.claim(s, 1).FencingToken)
	r.check(r.Cancel(ctx, jobs[0]))
	order := r.openOrder(jobs[0])
	r.report(s, []wire.Event{r.done(order, wire.OrderTooLate), r.done(order, wire.OrderDestroyed)}, accepted, accepted)
	if _, err := s.Deposit(ctx, uuid.NewString(), r.depositOf(code(0))); !errors.Is(err, wire.ProblemJobCancelled) {
		t.Errorf("a destroyed piece was dropped off: %v", err)
	}
	if c := r.counts(); c.Cancelled != 1 || !balanced(c) {
		t.Errorf("%+v", c)
	}
}

func TestRecall(t *testing.T) {
	r := newRoom(t, nil)
	ctx := context.Background()
	a, b := r.enrol("press-1"), r.enrol("press-2")
	jobs := r.pay(4)
	claim := r.claim(a, 3)
	r.report(a, []wire.Event{r.event(wire.EventAttempt, jobs[1], code(1), claim.FencingToken)}, accepted)
	r.piece(a, jobs[2], 2, claim.FencingToken)
	for _, job := range jobs {
		r.check(r.Recall(ctx, job))
		r.check(r.Recall(ctx, job))
	}
	if n := len(r.orders(jobs[3])); n != 0 {
		t.Errorf("%d orders about a letter that nobody holds", n)
	}
	// While the order is open the letter is not leased to the same station, and to another only once its lease ended.
	if got := ids(r.claim(a, 10)); !slices.Equal(got, jobs[3:]) {
		t.Errorf("leased to whom it is recalled from: %v", got)
	}
	r.report(a, []wire.Event{r.done(r.openOrder(jobs[0]), wire.OrderBeforePrint), r.done(r.openOrder(jobs[1]), wire.OrderDestroyed),
		r.done(r.openOrder(jobs[2]), wire.OrderDestroyed)}, accepted, accepted, accepted)
	if got := ids(r.claim(b, 10)); !slices.Equal(got, jobs[:2]) {
		t.Errorf("leased after the recall: %v, want the two whose piece was not accepted", got)
	}
	r.wantState(jobs[2], stateHeld) // never printed again by itself
	r.check(r.Cancel(ctx, jobs[2]))
	if err := r.Recall(ctx, jobs[2]); !errors.Is(err, wire.ProblemJobCancelled) {
		t.Errorf("recalled after its end: %v", err)
	}
	// A late word of the former holder takes nothing from the new one.
	r.check(r.Recall(ctx, jobs[0]))
	r.report(a, []wire.Event{r.done(r.orderTo(jobs[0], "press-1"), wire.OrderBeforePrint)}, duplicate)
	r.clock.Add(r.config.Lease)
	if got := ids(r.claim(b, 10)); slices.Contains(got, jobs[0]) {
		t.Error("leased to whom it is recalled from, after its lease")
	}
	if got := ids(r.claim(a, 10)); !slices.Contains(got, jobs[0]) {
		t.Errorf("a recalled letter whose lease ended stays away: %v", got)
	}
	r.report(b, []wire.Event{r.done(r.openOrder(jobs[0]), wire.OrderBeforePrint)}, accepted)
	if got := ids(r.claim(b, 10)); slices.Contains(got, jobs[0]) {
		t.Error("the former holder's word gave away the new one's letter")
	}
}

func TestErase(t *testing.T) {
	r := newRoom(t, nil)
	ctx := context.Background()
	a, b := r.enrol("press-1"), r.enrol("press-2")
	jobs := r.pay(3)
	request := wire.ClaimRequest{ID: uuid.NewString(), Max: 2}
	first, err := a.Claim(ctx, request)
	r.check(err)
	secret := first.Jobs[0].Details
	r.clock.Add(r.config.Lease) // it runs out: another station has the letters too
	token := r.claim(b, 2).FencingToken
	r.piece(b, jobs[1], 1, token)
	if _, err := b.Deposit(ctx, uuid.NewString(), r.depositOf(code(1))); err != nil {
		t.Fatal(err)
	}
	before := documents(t, r)
	for range 2 {
		for _, job := range jobs {
			r.check(r.Erase(ctx, job))
		}
	}
	for i, want := range []string{stateCancelled, stateDropped, stateCancelled} {
		r.wantState(jobs[i], want)
	}
	for i, want := range []int{2, 2, 0} { // everyone who ever leased it
		if n := len(r.orders(jobs[i])); n != want {
			t.Errorf("letter %d: %d orders, want %d", i, n, want)
		}
	}
	if after := documents(t, r); before-after != 3 {
		t.Errorf("%d documents were removed, want 3", before-after)
	}
	again, err := a.Claim(ctx, request)
	if err != nil || len(again.Jobs) != 0 {
		t.Errorf("the answer to an old claim still brings %d letters: %v", len(again.Jobs), err)
	}
	wantNowhere(t, r, secret)
	r.report(b, []wire.Event{r.done(r.orderTo(jobs[1], "press-2"), wire.OrderTooLate)}, accepted)
	if c := r.counts(); c.DroppedOff != 1 || c.Cancelled != 2 || !balanced(c) {
		t.Errorf("%+v", c)
	}
}

func documents(t *testing.T, r *room) int {
	t.Helper()
	files, err := os.ReadDir(filepath.Join(r.config.Dir, documentDir))
	if err != nil {
		t.Fatal(err)
	}
	return len(files)
}

// wantNowhere looks for bytes in the database once its log is folded into it.
func wantNowhere(t *testing.T, r *room, secret []byte) {
	t.Helper()
	if _, err := r.db.Exec("PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(r.config.Dir, "central.db"))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(text, secret) {
		t.Error("the erased letter's sealed address is still in the database")
	}
}
