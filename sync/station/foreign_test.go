package station

import (
	"slices"
	"testing"
	"time"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/tpm"
)

// listed says how central's next list has it with a person's PIN.
func (r *room) listed(pseudonym string, pin wire.PINStatus) wire.SignedStaff {
	r.t.Helper()
	people := slices.Clone(r.people)
	i := slices.IndexFunc(people, func(p wire.Person) bool { return p.Pseudonym == pseudonym })
	people[i].PIN = pin
	r.revision++
	return signedStaff(r.t, authority(), wire.Staff{
		Station: name, IssuedAt: time.Now(), Revision: r.revision, Policy: r.policy, People: people,
	})
}

// TestEmptiedSlot: a PIN that was set here and is gone was taken away. One that
// was never set, or that central knows to be gone, is to be set.
func TestEmptiedSlot(t *testing.T) {
	r := newRoom(t)
	r.check(r.Lock(t.Context()))
	r.tpm.slots[1].unset = true
	wantFault(t, r.Unlock(t.Context(), boris, []byte(pin)), PINUnset)
	r.tpm.codes[boris] = "K7-QM-2X"
	r.check(r.SetPIN(t.Context(), boris, "K7-QM-2X", []byte("772201")))
	r.check(r.Unlock(t.Context(), boris, []byte("772201")))
	r.check(r.Lock(t.Context()))
	r.tpm.slots[1].unset = true
	wantFault(t, r.Unlock(t.Context(), boris, []byte("772201")), PINForeign)
	r.wantEnd("p2 unlock  pin_foreign failed")
	r.check(r.TakeStaff(t.Context(), r.listed(boris, wire.PINUnset)))
	wantFault(t, r.Unlock(t.Context(), boris, []byte("772201")), PINUnset)
}

// TestPINThatTheListDoesNotKnow: it was set after the list was kept, and is shown
// as set at the next start, while the TPM does not answer yet.
func TestPINThatTheListDoesNotKnow(t *testing.T) {
	r := newRoom(t)
	r.check(r.TakeStaff(t.Context(), r.listed(boris, wire.PINUnset)))
	r.tpm.codes[boris] = "K7-QM-2X"
	r.check(r.SetPIN(t.Context(), boris, "K7-QM-2X", []byte("772201")))
	r.stop()
	r.tpm.leave(tpm.ErrBusy)
	r.start()
	r.begun.Wait()
	if p := r.who(boris); p.PIN != PINIsSet {
		t.Errorf("shown is %+v", p)
	}
	r.tpm.leave(nil)
}
