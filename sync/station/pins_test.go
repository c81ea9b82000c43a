package station

import (
	"context"
	"errors"
	"slices"
	"testing"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/tpm"
)

const wrong = "000001"

// who is a person as the window shows them.
func (r *room) who(pseudonym string) Person {
	r.t.Helper()
	people, err := r.People(context.Background())
	r.check(err)
	i := slices.IndexFunc(people, func(p Person) bool { return p.Pseudonym == pseudonym })
	if i < 0 {
		r.t.Fatalf("nobody is called %s", pseudonym)
	}
	return people[i]
}

// wantEnd wants the journal to end with some entries.
func (r *room) wantEnd(want ...string) {
	r.t.Helper()
	var all []string
	for _, e := range r.entries("") {
		all = append(all, e.Actor+" "+e.Action+" "+e.Object+" "+e.Reason+" "+e.Outcome)
	}
	if got := all[max(0, len(all)-len(want)):]; !slices.Equal(got, want) {
		r.t.Errorf("the journal ends with %q, want %q", got, want)
	}
}

// TestWrongPINsBlockOne: five of them block whose they are, and nobody else; the
// tries that are left are shown.
func TestWrongPINsBlockOne(t *testing.T) {
	r := newRoom(t)
	r.check(r.Lock(t.Context()))
	for left := tpm.PINLimit - 1; left >= 0; left-- {
		wantFault(t, r.Unlock(t.Context(), boris, []byte(wrong)), WrongPIN)
		if p := r.who(boris); p.Tries != left || (p.PIN == PINIsBlocked) != (left == 0) {
			t.Errorf("%d tries are left, shown is %+v", left, p)
		}
	}
	wantFault(t, r.Unlock(t.Context(), boris, []byte(pin)), PINBlocked)
	r.wantEnd("p2 unlock  pin_blocked failed")
	if s := r.Snapshot(); s.TPM == LampBad || s.NoDecryption != "" {
		t.Errorf("one person's PIN, and the TPM's lamp is %s for %q", s.TPM, s.NoDecryption)
	}
	r.check(r.Unlock(t.Context(), anna, []byte(pin)))
	if p := r.who(anna); p.Tries != tpm.PINLimit || p.PIN != PINIsSet {
		t.Errorf("the other one is shown as %+v", p)
	}
	wantFault(t, r.Unlock(t.Context(), anna, []byte(wrong)), WrongPIN)
	if s := r.Snapshot(); s.Person == nil || s.Person.Tries != tpm.PINLimit-1 {
		t.Errorf("at work is %+v", s.Person)
	}
	r.check(r.Unlock(t.Context(), anna, []byte(pin)))
	if p := r.who(anna); p.Tries != tpm.PINLimit {
		t.Errorf("after the right one %d tries are left", p.Tries)
	}
}

// TestPlacesThatDoNotOpen: each state of a slot has a fault of its own, and each
// try an entry.
func TestPlacesThatDoNotOpen(t *testing.T) {
	for want, change := range map[FaultCode]func(*fakeSlot){
		PINForeign: func(s *fakeSlot) { s.foreign = true },
		PINUnset:   func(s *fakeSlot) { s.unset = true },
	} {
		r := newRoom(t)
		r.check(r.Lock(t.Context()))
		change(r.tpm.slots[1])
		wantFault(t, r.Unlock(t.Context(), boris, []byte(pin)), want)
		r.wantEnd("p2 unlock  " + string(want) + " failed")
		if p := r.who(boris); p.PIN != PINIsUnset || p.Tries != -1 {
			t.Errorf("%s: shown is %+v", want, p)
		}
		r.check(r.Unlock(t.Context(), anna, []byte(pin)))
	}
	r := newRoom(t)
	r.people[1].Slot = wire.NoSlot
	r.list(r.people...)
	wantFault(t, r.Unlock(t.Context(), boris, []byte(pin)), PINUnset)
	wantFault(t, r.Unlock(t.Context(), anna, nil), WrongPIN)
	if _, shown := r.tpm.counts(); shown != 1 { // the unlock of newRoom
		t.Errorf("the TPM was shown %d PINs", shown)
	}
}

// TestOneKeyOperation: an unlock costs one, a claim one, a second person none.
func TestOneKeyOperation(t *testing.T) {
	r := newRoom(t)
	wantUsed := func(want int) {
		t.Helper()
		if used, _ := r.tpm.counts(); used != want {
			t.Errorf("K_doc was used %d times, want %d", used, want)
		}
	}
	wantUsed(1)
	r.product = wire.ProductRegistered
	ids := r.pay("PAGES 2", "PAGES 2", "PAGES 2")
	r.check(r.Preview(t.Context(), ids[0], nil, func(PreviewPage) error { return nil }))
	r.check(r.PrintBatch(t.Context(), ids))
	wantUsed(2)
	r.check(r.Decide(t.Context(), Decision{
		Job: ids[0], Verdict: VerdictReprint, Reason: ReasonJam, Destroyed: true, Second: &Second{Pseudonym: boris, PIN: []byte(pin)},
	}))
	wantUsed(2)
}

func TestSetPIN(t *testing.T) {
	r := newRoom(t)
	r.check(r.Lock(t.Context()))
	r.begun.Wait() // it looks at the slots
	r.tpm.slots[1].failures = tpm.PINLimit
	r.tpm.codes[boris] = "K7-QM-2X"
	wantFault(t, r.SetPIN(t.Context(), boris, "K7-QM-2X", []byte("12345")), PINWeak)
	wantFault(t, r.SetPIN(t.Context(), boris, "K7-QM-2X", []byte("123456")), PINWeak)
	wantFault(t, r.SetPIN(t.Context(), "p9", "K7-QM-2X", []byte("772201")), WrongPIN)
	wantFault(t, r.SetPIN(t.Context(), anna, "K7-QM-2X", []byte("772201")), PINCode)
	r.wantEnd("p1 pin_set p1 pin_code failed")
	r.check(r.Unlock(t.Context(), anna, []byte(pin))) // hers is as it was
	r.tpm.lost = 1                                    // of central's answers
	r.check(r.SetPIN(t.Context(), boris, "K7-QM-2X", []byte("772201")))
	r.wantEnd("p2 pin_set p2  done")
	if p := r.Snapshot().Person; p == nil || p.Pseudonym != anna {
		t.Errorf("at work is %+v", p)
	}
	if p := r.who(boris); p.PIN != PINIsSet || p.Tries != tpm.PINLimit {
		t.Errorf("shown is %+v", p)
	}
	wantFault(t, r.Unlock(t.Context(), boris, []byte(pin)), WrongPIN)
	r.check(r.Unlock(t.Context(), boris, []byte("772201")))
	wantFault(t, r.SetPIN(t.Context(), boris, "K7-QM-2X", []byte("318274")), PINCode) // once
}

// TestPINIsNotSetWithoutAnEntry: nor is one that the TPM did not take said to be.
func TestPINIsNotSetWithoutAnEntry(t *testing.T) {
	r := newRoom(t)
	r.tpm.codes[boris] = "K7-QM-2X"
	r.tpm.before = func(command string) {
		if command == "finish" {
			r.tpm.leave(tpm.ErrMissing)
		}
	}
	wantFault(t, r.SetPIN(t.Context(), boris, "K7-QM-2X", []byte("772201")), TPMMissing)
	r.wantEnd("p2 pin_set p2  done", " fail  tpm_missing failed", "p2 pin_set p2 tpm_missing failed")
	r = newRoom(t)
	r.tpm.codes[boris] = "K7-QM-2X"
	r.check(r.journal.Close())
	wantFault(t, r.SetPIN(t.Context(), boris, "K7-QM-2X", []byte("772201")), JournalBroken)
	wantFault(t, r.ChangePIN(t.Context(), []byte(pin), []byte("772201")), JournalBroken)
	for _, slot := range []int{0, 1} {
		if before := newRoom(t).tpm.slots[slot].auth; !slices.Equal(before, r.tpm.slots[slot].auth) {
			t.Errorf("slot %d has a new PIN, of which nobody knows", slot)
		}
	}
}

// TestOwnPINWhileAtWork: whoever changes or resets their own PIN goes on working
// with the new one.
func TestOwnPINWhileAtWork(t *testing.T) {
	for name, set := range map[string]func(*room) error{
		"changed": func(r *room) error { return r.ChangePIN(t.Context(), []byte(pin), []byte("772201")) },
		"reset": func(r *room) error {
			r.tpm.codes[anna] = "K7-QM-2X"
			return r.SetPIN(t.Context(), anna, "K7-QM-2X", []byte("772201"))
		},
	} {
		r := newRoom(t)
		held := r.pin
		r.check(set(r))
		if held.Auth.Len() != 0 {
			t.Errorf("%s: the old PIN is still in memory", name)
		}
		ids := r.pay("PAGES 2")
		r.check(r.PrintBatch(t.Context(), ids))
		wantFault(t, r.Unlock(t.Context(), anna, []byte(pin)), WrongPIN)
		r.check(r.Unlock(t.Context(), anna, []byte("772201")))
	}
}

func TestChangePIN(t *testing.T) {
	r := newRoom(t)
	wantFault(t, r.ChangePIN(t.Context(), []byte(wrong), []byte("772201")), WrongPIN)
	r.wantEnd("p1 pin_change p1 wrong_pin failed")
	if p := r.who(anna); p.Tries != tpm.PINLimit-1 {
		t.Errorf("%d tries are left", p.Tries)
	}
	wantFault(t, r.ChangePIN(t.Context(), []byte(pin), []byte(pin)), PINWeak)
	wantFault(t, r.ChangePIN(t.Context(), []byte(pin), []byte("777777")), PINWeak)
	r.rule(func(p *wire.Policy) { p.MinPIN = 8 })
	wantFault(t, r.ChangePIN(t.Context(), []byte(pin), []byte("772201")), PINWeak)
	r.check(r.ChangePIN(t.Context(), []byte(pin), []byte("77220158")))
	r.wantEnd("p1 pin_change p1  done")
	r.check(r.Lock(t.Context()))
	wantFault(t, r.ChangePIN(t.Context(), []byte("77220158"), []byte("31827465")), Locked)
}

// TestHeldPINThatIsWrong: a PIN that was reset behind the station's back is shown
// to the TPM once. Whose it was is logged out, and the journal says why.
func TestHeldPINThatIsWrong(t *testing.T) {
	for want, change := range map[FaultCode]func(*room){
		WrongPIN:   func(r *room) { r.tpm.set(0, anna, "772201") },
		PINForeign: func(r *room) { r.tpm.slots[0].foreign = true },
	} {
		r := newRoom(t)
		one, two := r.pay("PAGES 2"), r.pay("PAGES 2")
		change(r)
		_, before := r.tpm.counts()
		wantFault(t, r.PrintBatch(t.Context(), append(one, two...)), want)
		if _, shown := r.tpm.counts(); shown != before+1 {
			t.Errorf("%s: it was shown %d times", want, shown-before)
		}
		j, err := r.kept.Job(t.Context(), one[0])
		r.check(err)
		r.wantEnd("p1 open "+j.Claim+" "+string(want)+" failed", "p1 lock   done")
		if r.Snapshot().Person != nil {
			t.Errorf("%s: somebody is at work", want)
		}
	}
}

// TestAbsentTPMAtTheStart: the station starts and knows its people, not their
// tries; when the TPM is there they are known.
func TestAbsentTPMAtTheStart(t *testing.T) {
	r := newRoom(t)
	r.stop()
	r.tpm.leave(tpm.ErrMissing)
	r.start()
	r.begun.Wait()
	if p := r.who(anna); p.PIN != PINIsSet || p.Tries != -1 {
		t.Errorf("shown is %+v", p)
	}
	wantFault(t, r.Unlock(t.Context(), anna, []byte(pin)), TPMMissing)
	if s := r.Snapshot(); s.TPM != LampBad || s.NoDecryption != TPMMissing {
		t.Errorf("the TPM's lamp is %s for %q", s.TPM, s.NoDecryption)
	}
	r.tpm.leave(nil)
	r.check(r.Unlock(t.Context(), anna, []byte(pin)))
	if s := r.Snapshot(); s.TPM != LampOK {
		t.Errorf("the TPM's lamp is %s", s.TPM)
	}
	r.lookAtPINs()
	if p := r.who(boris); p.Tries != tpm.PINLimit {
		t.Errorf("shown is %+v", p)
	}
}

// TestSetPINCannotReachCentral: the old PIN is as it was.
func TestSetPINCannotReachCentral(t *testing.T) {
	r := newRoom(t)
	ctx, cancel := context.WithCancel(t.Context())
	r.tpm.codes[boris], r.tpm.lost = "K7-QM-2X", 100
	r.tpm.before = func(command string) {
		if command == "grant" {
			cancel()
		}
	}
	if err := r.SetPIN(ctx, boris, "K7-QM-2X", []byte("772201")); !errors.Is(err, context.Canceled) {
		t.Errorf("given up: %v", err)
	}
	r.check(r.Unlock(t.Context(), boris, []byte(pin)))
}
