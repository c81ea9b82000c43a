package station

import (
	"context"
	"sync"
	"testing"
	"time"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/keys"
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
		if used, _ := r.tpm.counts(); used != 4 { // two people, two claims
			t.Errorf("%s: K_doc was used %d times", name, used)
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
	if _, err := key.Seal(keys.TrackingNumber("x"), []byte("y")); err == nil || held.Auth.Len() != 0 || claims != 1 || len(r.claims) != 0 {
		t.Errorf("the store's key gives %v, the PIN has %d bytes, %d claims' keys of %d are left", err, held.Auth.Len(), len(r.claims), claims)
	}
	if r.pin != nil || r.store != nil || r.person != nil {
		t.Error("somebody is still at work")
	}
}

var _ TPM = OnChip(&tpm.Chip{})
