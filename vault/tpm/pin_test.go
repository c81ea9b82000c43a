package tpm_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"

	"espero-soft.com/printroom/vault/memory"
	"espero-soft.com/printroom/vault/tpm"
)

// wantPIN wants every use of a PIN to give this error, nil for none.
func wantPIN(t *testing.T, k *tpm.Keys, p tpm.PIN, want error) {
	t.Helper()
	for what, err := range map[string]error{
		"check": k.CheckPIN(p), "open": roundTrip(k.Doc(p), []byte("letter")), "change": k.ChangePIN(p.Slot, p.Auth, p.Auth),
	} {
		if !errors.Is(err, want) {
			t.Errorf("%s with slot %d: %v, want %v", what, p.Slot, err, want)
		}
	}
}

func wantState(t *testing.T, k *tpm.Keys, slot int, want tpm.PINState) {
	t.Helper()
	if state, err := k.PINState(slot); err != nil || state != want {
		t.Errorf("slot %d: %+v, %v, want %+v", slot, state, err, want)
	}
}

// inUse is the state of a slot with a PIN and so many wrong tries.
func inUse(failures int) tpm.PINState {
	return tpm.PINState{Defined: true, Ours: true, Written: true, Failures: failures, Limit: tpm.PINLimit}
}

// Five wrong PINs block their slot, for good, and no other.
func TestWrongPINsBlockOneSlot(t *testing.T) {
	for way, try := range map[string]func(*tpm.Keys, tpm.PIN) error{
		"check":  (*tpm.Keys).CheckPIN,
		"open":   func(k *tpm.Keys, p tpm.PIN) error { return roundTrip(k.Doc(p), nil) },
		"change": func(k *tpm.Keys, p tpm.PIN) error { return k.ChangePIN(p.Slot, p.Auth, authOf(t, "other")) },
	} {
		t.Run(way, func(t *testing.T) {
			dir := t.TempDir()
			sim := startTPM(t, dir)
			k, ks := newKeys(t, openTPM(t, sim))
			setPIN(t, k, ks.PINKind, 1, "B's")
			a, b := pinAt(t, 0, goodPIN), pinAt(t, 1, "B's")
			wantPIN(t, k, a, nil)

			// A right one takes the count back, before it is too late.
			for i := range tpm.PINLimit - 1 {
				if err := try(k, pinAt(t, 0, "wrong")); !errors.Is(err, tpm.ErrWrongPIN) {
					t.Fatalf("wrong PIN %d: %v", i, err)
				}
				wantState(t, k, 0, inUse(i+1))
			}
			if err := k.CheckPIN(a); err != nil {
				t.Fatal(err)
			}
			wantState(t, k, 0, inUse(0))

			for i := range tpm.PINLimit {
				if err := try(k, pinAt(t, 0, "wrong")); !errors.Is(err, tpm.ErrWrongPIN) {
					t.Fatalf("wrong PIN %d: %v", i, err)
				}
			}
			blocked := func(when string) {
				t.Helper()
				t.Log(when)
				wantState(t, k, 0, inUse(tpm.PINLimit))
				wantPIN(t, k, a, tpm.ErrPINBlocked)
				wantPIN(t, k, b, nil)
				wantState(t, k, 1, inUse(0))
			}
			blocked("at once")
			if err := errors.Join(signAndVerify(k.TLS(), "connected"), signAndVerify(k.Log(), "logged")); err != nil {
				t.Error(err)
			}
			if err := sim.Stop(); err != nil {
				t.Fatal(err)
			}
			sim = startTPM(t, dir)
			blocked("after a restart")
			if err := sim.Cut(); err != nil {
				t.Fatal(err)
			}
			sim = startTPM(t, dir)
			blocked("after a power cut")

			setPIN(t, k, ks.PINKind, 0, "A's next")
			wantPIN(t, k, pinAt(t, 0, "A's next"), nil)
			wantState(t, k, 0, inUse(0))
			wantNoHandles(t, sim)
		})
	}
}

// Power cuts while the key is in use count as no wrong PIN.
func TestPowerCutsBlockNobody(t *testing.T) {
	dir := t.TempDir()
	sim := startTPM(t, dir)
	k, _ := newKeys(t, openTPM(t, sim))
	p := pinAt(t, 0, goodPIN)
	for i := range 10 {
		used, ended := make(chan struct{}), make(chan error)
		go func() {
			for n := 0; ; n++ {
				if err := roundTrip(k.Doc(p), nil); err != nil {
					ended <- err
					return
				}
				if n == 2 {
					close(used)
				}
			}
		}()
		<-used
		if err := sim.Cut(); err != nil {
			t.Fatal(err)
		}
		if err := <-ended; !errors.Is(err, tpm.ErrMissing) {
			t.Fatalf("cut %d: %v", i, err)
		}
		sim = startTPM(t, dir)
	}
	wantState(t, k, 0, inUse(0))
	wantPIN(t, k, p, nil)
	wantNoHandles(t, sim)
}

// People come and go, and no key is made or wrapped anew.
func TestPeopleComeAndGo(t *testing.T) {
	sim := startTPM(t, t.TempDir())
	d := openTPM(t, sim)
	k, ks := newKeys(t, d)
	before, err := json.Marshal(ks)
	if err != nil {
		t.Fatal(err)
	}
	made := d.Operations()
	a, b := pinAt(t, 0, goodPIN), pinAt(t, tpm.MaxSlots-1, "B's")
	wantState(t, k, b.Slot, tpm.PINState{Failures: -1})
	wantUnset(t, k, b)
	setPIN(t, k, ks.PINKind, b.Slot, "B's")
	wantPIN(t, k, a, nil)
	wantPIN(t, k, b, nil)

	for range 2 { // once more is no error
		if err := k.ForgetPIN(a.Slot); err != nil {
			t.Fatal(err)
		}
	}
	wantPIN(t, k, a, tpm.ErrPINUnset)
	wantPIN(t, k, b, nil)
	setPIN(t, k, ks.PINKind, a.Slot, "C's")
	wantPIN(t, k, pinAt(t, a.Slot, "C's"), nil)
	wantPIN(t, k, a, tpm.ErrWrongPIN)

	if after, err := json.Marshal(ks); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the key set changed: %v", err)
	}
	if n := d.Operations().Creations - made.Creations; n != 0 {
		t.Errorf("%d keys were made", n)
	}
	wantNoHandles(t, sim)
}

// wantUnset is wantPIN for a slot that was never approved here before.
func wantUnset(t *testing.T, k *tpm.Keys, p tpm.PIN) {
	t.Helper()
	if err := k.CheckPIN(p); !errors.Is(err, tpm.ErrPINUnset) {
		t.Errorf("check: %v", err)
	}
	if err := roundTrip(k.Doc(p), nil); !errors.Is(err, tpm.ErrPINUnset) {
		t.Errorf("open: %v", err)
	}
}

// What can't be right is not tried.
func TestPINsThatAreNotTried(t *testing.T) {
	sim := startTPM(t, t.TempDir())
	d := openTPM(t, sim)
	k, ks := newKeys(t, d)
	good := pinAt(t, 0, goodPIN)
	destroyed := authOf(t, goodPIN)
	destroyed.Destroy()
	short, err := memory.New(tpm.AuthSize - 1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(short.Destroy)
	foreign, err := tpm.ApprovePIN(otherKey(t), ks.PINKind, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := k.ChangePIN(0, good.Auth, good.Auth); !errors.Is(err, tpm.ErrApproval) {
		t.Errorf("change before an approval was seen: %v", err)
	}
	before := d.Operations()
	for what, c := range map[string]struct {
		p    tpm.PIN
		want error
	}{
		"no PIN":                  {tpm.PIN{Approval: good.Approval}, tpm.ErrNoPIN},
		"a destroyed PIN":         {tpm.PIN{Approval: good.Approval, Auth: destroyed}, tpm.ErrNoPIN},
		"a short PIN":             {tpm.PIN{Approval: good.Approval, Auth: short}, tpm.ErrPIN},
		"no such slot":            {tpm.PIN{Slot: tpm.MaxSlots, Approval: good.Approval, Auth: good.Auth}, tpm.ErrPIN},
		"a negative slot":         {tpm.PIN{Slot: -1, Approval: good.Approval, Auth: good.Auth}, tpm.ErrPIN},
		"no approval":             {tpm.PIN{Auth: good.Auth}, tpm.ErrApproval},
		"half an approval":        {tpm.PIN{Auth: good.Auth, Approval: good.Approval[:len(good.Approval)/2]}, tpm.ErrApproval},
		"more than an approval":   {tpm.PIN{Auth: good.Auth, Approval: append(bytes.Clone(good.Approval), 0)}, tpm.ErrApproval},
		"another slot's approval": {tpm.PIN{Auth: good.Auth, Approval: pinAt(t, 1, "").Approval}, tpm.ErrApproval},
		"another key's approval":  {tpm.PIN{Auth: good.Auth, Approval: foreign}, tpm.ErrApproval},
		"another kind's approval": {tpm.PIN{Auth: good.Auth, Approval: pinOf(t, tpm.KindLockout, 0, "").Approval}, tpm.ErrApproval},
	} {
		if err := k.CheckPIN(c.p); !errors.Is(err, c.want) {
			t.Errorf("check, %s: %v", what, err)
		}
		if err := roundTrip(k.Doc(c.p), nil); !errors.Is(err, c.want) {
			t.Errorf("open, %s: %v", what, err)
		}
	}
	if after := d.Operations(); after.PINChecks != before.PINChecks || after.KeyExchanges != before.KeyExchanges {
		t.Errorf("the TPM was asked: %+v", after)
	}
	wantPIN(t, k, good, nil)
	if err := k.ChangePIN(0, good.Auth, short); !errors.Is(err, tpm.ErrPIN) {
		t.Errorf("change to a short PIN: %v", err)
	}
	wantState(t, k, 0, inUse(0))
}

// A TPM leaves trailing zeros out of an authValue, and no others.
func TestPINsWithZeros(t *testing.T) {
	sim := startTPM(t, t.TempDir())
	k, ks := newKeys(t, openTPM(t, sim))
	p := pinAt(t, 0, goodPIN)
	for _, zeros := range [][]int{{31}, {30, 31}, {0}, {5}, {15, 16, 31}} {
		auth := authOf(t, goodPIN)
		for i := range auth.Bytes() {
			auth.Bytes()[i] |= 1
		}
		for _, i := range zeros {
			auth.Bytes()[i] = 0
		}
		if err := k.CheckPIN(p); err != nil {
			t.Fatal(err)
		}
		if err := k.ChangePIN(0, p.Auth, auth); err != nil {
			t.Fatalf("zeros at %d: change: %v", zeros, err)
		}
		p.Auth = auth
		wantPIN(t, k, p, nil)
		change, request, err := k.BeginPIN(0, auth)
		if err != nil {
			t.Fatal(err)
		}
		if err := change.Finish(grant(t, ks.PINKind, request)); err != nil {
			t.Fatal(err)
		}
		wantPIN(t, k, p, nil)
		// What differs after a zero differs.
		other := authOf(t, "")
		copy(other.Bytes(), auth.Bytes())
		other.Bytes()[29] ^= 2
		if err := k.CheckPIN(tpm.PIN{Approval: p.Approval, Auth: other}); !errors.Is(err, tpm.ErrWrongPIN) {
			t.Errorf("zeros at %d: another PIN: %v", zeros, err)
		}
	}
}

// Where Provision put the storage root beside another key, a wrong PIN is
// called that, and costs one try.
func TestWrongPINWithTheRootBeside(t *testing.T) {
	sim := startTPM(t, t.TempDir())
	occupyRoot(t, raw(t, sim))
	d := openTPM(t, sim)
	provisioned(t, d, 1)
	k, _ := newKeys(t, d)
	for n := range 2 {
		if err := k.CheckPIN(pinAt(t, 0, "wrong")); !errors.Is(err, tpm.ErrWrongPIN) {
			t.Errorf("a wrong PIN: %v", err)
		}
		if state, err := k.PINState(0); err != nil || state.Failures != n+1 {
			t.Errorf("after %d wrong PINs: %+v, %v", n+1, state, err)
		}
	}
}
