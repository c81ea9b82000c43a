package pull

import (
	"errors"
	"testing"
	"time"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/tpm"
)

func (w *whole) add(pseudonym string) {
	w.t.Helper()
	noError(w.t, w.central.AddPerson(w.t.Context(), wire.Person{Pseudonym: pseudonym, Name: "Somebody", Role: wire.RoleSupervisor, Language: "fr"}))
}

// knows tells whether the station has a person on its list.
func (w *whole) knows(pseudonym string) func() bool {
	return func() bool {
		people, err := w.People(w.t.Context())
		noError(w.t, err)
		for _, p := range people {
			if p.Pseudonym == pseudonym {
				return true
			}
		}
		return false
	}
}

func wantCode(t *testing.T, err error, want station.FaultCode) {
	t.Helper()
	var f *station.Fault
	if !errors.As(err, &f) || f.Code != want {
		t.Errorf("%v, want the fault %s", err, want)
	}
}

// TestPeopleFromEndToEnd: who joins is there within a second and gives themselves
// a PIN with their code; whoever leaves is out at once, and their place in the TPM
// is empty.
func TestPeopleFromEndToEnd(t *testing.T) {
	w := newWhole(t, nil)
	ctx := t.Context()
	w.soon("the stream is there", func() bool { return w.Snapshot().Waiting == 0 })
	w.add("p2")
	asked := time.Now()
	w.soon("the second person is known", w.knows("p2"))
	if d := time.Since(asked); d > renewEvery/2 {
		t.Errorf("it took %s: nobody was told", d)
	}
	wantCode(t, w.Unlock(ctx, "p2", []byte("772201")), station.PINUnset)
	code, err := w.central.PINCode(ctx, "p2")
	noError(t, err)
	wantCode(t, w.SetPIN(ctx, "p2", "XXXX-XXXX-XXXX", []byte("772201")), station.PINCode)
	noError(t, w.SetPIN(ctx, "p2", code, []byte("772201")))
	noError(t, w.central.SetPolicy(ctx, wire.Policy{
		SecondPerson: []wire.SecondPersonAct{wire.ActJournalExport}, MinPIN: 6, IdleSeconds: 180, OfflineSeconds: 14400, HoldFindings: []wire.ReasonCode{},
	}))
	w.soon("the policy is there", func() bool { return w.Snapshot().Policy.SecondPerson[wire.ActJournalExport] })
	noError(t, w.Approve(ctx, wire.ActJournalExport, "", &station.Second{Pseudonym: "p2", PIN: []byte("772201")}))

	noError(t, w.central.RemovePerson(ctx, "p1"))
	w.soon("nobody is at work", func() bool { return w.Snapshot().Person == nil })
	w.soon("the place is empty", func() bool {
		state, err := w.keys.PINState(0)
		noError(t, err)
		return !state.Defined
	})
	wantCode(t, w.Unlock(ctx, "p1", []byte(pin)), station.WrongPIN)
	noError(t, w.Unlock(ctx, "p2", []byte("772201")))
}

// TestFiveWrongPINs: the TPM itself blocks who was wrong, and nobody else; a code
// helps.
func TestFiveWrongPINs(t *testing.T) {
	w := newWhole(t, nil)
	ctx := t.Context()
	for left := tpm.PINLimit - 1; left >= 0; left-- {
		wantCode(t, w.Unlock(ctx, "p1", []byte("000001")), station.WrongPIN)
		people, err := w.People(ctx)
		noError(t, err)
		if people[0].Tries != left {
			t.Errorf("%d tries are shown, want %d", people[0].Tries, left)
		}
	}
	wantCode(t, w.Unlock(ctx, "p1", []byte(pin)), station.PINBlocked)
	code, err := w.central.PINCode(ctx, "p1")
	noError(t, err)
	noError(t, w.SetPIN(ctx, "p1", code, []byte("318274")))
	noError(t, w.Unlock(ctx, "p1", []byte("318274")))
	noError(t, w.ChangePIN(ctx, []byte("318274"), []byte("552817")))
	noError(t, w.Unlock(ctx, "p1", []byte("552817")))
}

// TestRevokedFromEndToEnd: a station that central revokes locks itself, and asks
// for nothing any more.
func TestRevokedFromEndToEnd(t *testing.T) {
	w := newWhole(t, nil)
	w.pay(1)
	w.soon("the letter waits", func() bool { return w.Snapshot().Waiting == 1 })
	noError(t, w.central.Revoke(t.Context(), "press-1"))
	w.soon("it is locked", func() bool {
		s := w.Snapshot()
		return s.Person == nil && s.NoDecryption == station.Revoked
	})
	wantCode(t, w.Unlock(t.Context(), "p1", []byte(pin)), station.Revoked)
	wantCode(t, w.puller.Claim(t.Context()), station.Revoked)
}
