package station

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/memory"
	"espero-soft.com/printroom/vault/store"
	"espero-soft.com/printroom/vault/tpm"
)

// TestHandoverWhileAKeyIsOpened: another person takes over while the TPM opens a
// claim's key under the first one's PIN. The batch goes on.
func TestHandoverWhileAKeyIsOpened(t *testing.T) {
	for name, wiped := range map[string]bool{"before the TPM has it": true, "when the TPM has it": false} {
		r := newRoom(t)
		one, two := r.pay("PAGES 2"), r.pay("PAGES 2")
		held := r.pin
		r.tpm.before = func(command string) {
			if command != "doc" {
				return
			}
			r.tpm.before = nil
			if wiped {
				r.check(r.Unlock(context.Background(), boris, []byte(pin)))
				return
			}
			shown, err := memory.New(held.Auth.Len())
			r.check(err)
			copy(shown.Bytes(), held.Auth.Bytes())
			r.check(r.Unlock(context.Background(), boris, []byte(pin)))
			r.tpm.taken = shown
		}
		if err := r.PrintBatch(t.Context(), append(one, two...)); err != nil {
			t.Errorf("%s: the batch ended with %v", name, err)
		}
		for _, id := range append(one, two...) {
			if got := r.state(id); got != store.DeviceDone {
				t.Errorf("%s: a letter is %s", name, got)
			}
		}
	}
}

// TestKeyWaitsForAPerson: a batch of several claims is locked before the second
// one's key was opened. It waits for whoever comes, and goes on under their name.
func TestKeyWaitsForAPerson(t *testing.T) {
	r := newRoom(t)
	one, two := r.pay("PAGES 2"), r.pay("PAGES 2")
	r.lockAtSecondKey()
	waits := r.waiting()
	ended := r.background(append(one, two...))
	<-waits
	if n := r.printer.printed(); n != 0 {
		t.Errorf("%d letters came out meanwhile", n)
	}
	r.tpm.before = nil
	r.check(r.Unlock(t.Context(), boris, []byte(pin)))
	r.check(<-ended)
	a, err := r.kept.Attempt(t.Context(), string(r.job(two[0]).Attempt))
	r.check(err)
	if a.Actor != boris || r.state(two[0]) != store.DeviceDone {
		t.Errorf("the last letter is %s, printed by %s", r.state(two[0]), a.Actor)
	}
}

// TestKeyThatNobodyOpens: who gives up waiting, stops the batch, or is revoked, is
// not kept.
func TestKeyThatNobodyOpens(t *testing.T) {
	for want, end := range map[FaultCode]func(*room, context.CancelFunc){
		Cancelled: func(_ *room, cancel context.CancelFunc) { cancel() },
		Locked:    func(r *room, _ context.CancelFunc) { r.StopBatch() },
		Revoked: func(r *room, _ context.CancelFunc) {
			r.CentralReport(wire.NewProblem(wire.ProblemStationRevoked, ""))
		},
	} {
		r := newRoom(t)
		ids := append(r.pay("PAGES 2"), r.pay("PAGES 2")...)
		r.lockAtSecondKey()
		waits := r.waiting()
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- r.PrintBatch(ctx, ids) }()
		<-waits
		end(r, cancel)
		wantFault(t, <-ended, want)
		cancel()
		for _, id := range ids {
			if got := r.state(id); got != store.Ready {
				t.Errorf("%s: a letter is %s", want, got)
			}
		}
		if r.Snapshot().Batch != nil || len(r.claims) != 0 {
			t.Errorf("%s: the batch, or its keys, are still there", want)
		}
	}
}

// lockAtSecondKey locks the station when the TPM is asked for the second key of a
// batch.
func (r *room) lockAtSecondKey() {
	var mu sync.Mutex
	asked := 0
	r.tpm.before = func(command string) {
		mu.Lock()
		defer mu.Unlock()
		if command == "doc" {
			if asked++; asked == 2 {
				r.check(r.Lock(context.Background()))
			}
		}
	}
}

// waiting is closed when the batch waits for a person.
func (r *room) waiting() (waits chan struct{}) {
	waits = make(chan struct{})
	var once sync.Once
	r.Subscribe(func() {
		go func() {
			if b := r.Snapshot().Batch; b != nil && b.Waits {
				once.Do(func() { close(waits) })
			}
		}()
	})
	return waits
}

// TestNothingWaitsForTheTPM: while each of its commands takes its time, whoever
// asks for the snapshot, or to hear of changes, is answered.
func TestNothingWaitsForTheTPM(t *testing.T) {
	answer := make(chan struct{})
	asked := make(chan string)
	r := newRoom(t)
	ids := r.pay("PAGES 2")
	r.tpm.codes[eva] = "K7-QM-2X"
	r.rule(func(p *wire.Policy) { p.SecondPerson = []wire.SecondPersonAct{wire.ActJournalExport} })
	left := r.people[:2:2]
	r.tpm.before = func(command string) {
		asked <- command
		<-answer
	}
	for name, act := range map[string]func() error{
		"doc": func() error { return r.Unlock(context.Background(), boris, []byte(pin)) },
		"claim": func() error {
			return r.Preview(context.Background(), ids[0], nil, func(PreviewPage) error { return nil })
		},
		"check": func() error {
			return r.Approve(context.Background(), wire.ActJournalExport, "", &Second{Pseudonym: anna, PIN: []byte(pin)})
		},
		"begin":  func() error { return r.SetPIN(context.Background(), eva, "K7-QM-2X", []byte("772201")) },
		"change": func() error { return r.ChangePIN(context.Background(), []byte(pin), []byte("772201")) },
		"wrong":  func() error { return ignore(r.Unlock(context.Background(), anna, []byte(wrong))) },
		"forget": func() error { r.people = left; return r.TakeStaff(context.Background(), r.next()) },
	} {
		r.check(r.quietly(func() error { return r.Unlock(context.Background(), boris, []byte(pin)) }))
		ended := make(chan error, 1)
		go func() { ended <- act() }()
		r.answers(name, asked, answer, ended)
		r.check(r.quietly(func() error { // as before
			r.tpm.set(1, boris, pin)
			r.tpm.set(2, eva, pin)
			r.tpm.codes[eva], r.tpm.grants = "K7-QM-2X", map[string]wire.UUID{}
			return nil
		}))
		if name == "forget" {
			r.people = append(left, wire.Person{Pseudonym: eva, Name: "Eva", Role: wire.RoleOperator, Slot: 2})
			r.check(r.quietly(func() error { return r.TakeStaff(context.Background(), r.next()) }))
		}
	}
}

func ignore(error) error { return nil }

// quietly does something while the TPM is quick.
func (r *room) quietly(f func() error) error {
	before := r.tpm.before
	r.tpm.before = nil
	defer func() { r.tpm.before = before }()
	return f()
}

// answers wants the snapshot to be there while the TPM works at each command of
// an act.
func (r *room) answers(name string, asked chan string, answer chan struct{}, ended chan error) {
	r.t.Helper()
	for commands := 0; ; commands++ {
		select {
		case err := <-ended:
			if r.check(err); commands == 0 {
				r.t.Errorf("%s: the TPM was not asked", name)
			}
			return
		case command := <-asked:
			seen := make(chan struct{})
			go func() {
				defer close(seen)
				_ = r.Snapshot()
				r.Subscribe(func() {})()
				_, _ = r.People(context.Background())
			}()
			select {
			case <-seen:
			case <-time.After(10 * time.Second):
				r.t.Fatalf("%s: the snapshot waits for the TPM's %s", name, command)
			}
			answer <- struct{}{}
		}
	}
}

// TestLockWipes: nothing that opens anything is left in memory.
func TestLockWipes(t *testing.T) {
	r := newRoom(t)
	ids := r.pay("PAGES 2")
	r.check(r.Preview(t.Context(), ids[0], nil, func(PreviewPage) error { return nil }))
	held, key, claims := r.pin, r.store, len(r.claims)
	r.check(r.Lock(t.Context()))
	if _, err := key.Seal(trackingField("x"), []byte("y")); err == nil || held.Auth.Len() != 0 || claims != 1 || len(r.claims) != 0 {
		t.Errorf("the store's key gives %v, the PIN has %d bytes, %d claims' keys of %d are left", err, held.Auth.Len(), len(r.claims), claims)
	}
	if r.pin != nil || r.store != nil || r.person != nil {
		t.Error("somebody is still at work")
	}
}

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

var _ TPM = OnChip(&tpm.Chip{})
