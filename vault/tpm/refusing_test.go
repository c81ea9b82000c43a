package tpm_test

import (
	"encoding/binary"
	"errors"
	"testing"

	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpm2/transport"

	"espero-soft.com/printroom/vault/tpm"
	"espero-soft.com/printroom/vault/tpm/swtpm"
)

// refusing answers some commands itself, with a code.
type refusing struct {
	transport.TPMCloser
	refuse func(tpm2.TPMCC) bool
	code   tpm2.TPMRC
}

func (r *refusing) Send(command []byte) ([]byte, error) {
	if r.refuse != nil && r.refuse(tpm2.TPMCC(binary.BigEndian.Uint32(command[6:]))) {
		return binary.BigEndian.AppendUint32([]byte{0x80, 0x01, 0, 0, 0, 10}, uint32(r.code)), nil
	}
	return r.TPMCloser.Send(command)
}

func openRefusing(t *testing.T, sim *swtpm.TPM) (*refusing, *tpm.Device) {
	t.Helper()
	inner, err := tpm.Dial(sim.Endpoint())
	if err != nil {
		t.Fatal(err)
	}
	r := &refusing{TPMCloser: inner}
	return r, openTPM(t, sim, tpm.WithTransport(r))
}

// A resource manager may keep sessions itself and let none be saved.
func TestSessionsThatAreNotSaved(t *testing.T) {
	sim := startTPM(t, t.TempDir())
	r, d := openRefusing(t, sim)
	r.code, r.refuse = tpm2.TPMRCCommandCode, func(code tpm2.TPMCC) bool { return code == tpm2.TPMCCContextSave }
	k, _ := newKeys(t, d)
	wantPIN(t, k, pinAt(t, 0, goodPIN), nil)
	change, _ := begin(t, k, 1, "given up")
	change.Abort()
	wantNoHandles(t, sim)
}

// The PIN is set, its count is not yet: nothing opens until it was set anew.
func TestHalfSetPIN(t *testing.T) {
	sim := startTPM(t, t.TempDir())
	r, d := openRefusing(t, sim)
	k, ks := newKeys(t, d)
	for range tpm.PINLimit {
		if err := k.CheckPIN(pinAt(t, 0, "wrong")); !errors.Is(err, tpm.ErrWrongPIN) {
			t.Fatal(err)
		}
	}
	r.code, r.refuse = tpm2.TPMRCNVRate, func(code tpm2.TPMCC) bool { return code == tpm2.TPMCCNVWrite }
	for slot, want := range []error{tpm.ErrPINBlocked, tpm.ErrPINUnset} {
		change, request := begin(t, k, slot, "half")
		if err := change.Finish(grant(t, ks.PINKind, request)); !errors.Is(err, tpm.ErrBusy) {
			t.Errorf("slot %d: %v", slot, err)
		}
		if err := k.CheckPIN(pinAt(t, slot, "half")); !errors.Is(err, want) {
			t.Errorf("slot %d: %v", slot, err)
		}
	}
	wantNoHandles(t, sim)
	r.refuse = nil
	for slot := range 2 {
		setPIN(t, k, ks.PINKind, slot, "whole")
		wantPIN(t, k, pinAt(t, slot, "whole"), nil)
	}
}

// A PIN that was tried is not tried again, though the TPM can't tell why it
// was refused.
func TestRefusalThatCannotBeExplained(t *testing.T) {
	sim := startTPM(t, t.TempDir())
	r, d := openRefusing(t, sim)
	k, _ := newKeys(t, d)
	r.code, r.refuse = tpm2.TPMRCFailure, func(code tpm2.TPMCC) bool { return code == tpm2.TPMCCNVReadPublic }
	if err := k.CheckPIN(pinAt(t, 0, "wrong")); !errors.Is(err, tpm.ErrWrongPIN) || !errors.Is(err, tpm2.TPMRCFailure) {
		t.Errorf("a wrong PIN: %v", err)
	}
	r.refuse = nil
	wantState(t, k, 0, inUse(1))
}

// Where the owner has a password, people work on; who has no slot gets none.
func TestOwnersPassword(t *testing.T) {
	sim := startTPM(t, t.TempDir())
	k, ks := newKeys(t, openTPM(t, sim))
	owner := tpm2.AuthHandle{Handle: tpm2.TPMRHOwner, Auth: tpm2.PasswordAuth(nil)}
	change := tpm2.HierarchyChangeAuth{AuthHandle: owner, NewAuth: tpm2.TPM2BAuth{Buffer: []byte("theirs")}}
	if _, err := change.Execute(raw(t, sim)); err != nil {
		t.Fatal(err)
	}
	wantPIN(t, k, pinAt(t, 0, goodPIN), nil)
	wantState(t, k, 0, tpm.PINState{Defined: true, Ours: true, Written: true, Failures: -1})
	setPIN(t, k, ks.PINKind, 0, "next")
	wantPIN(t, k, pinAt(t, 0, "next"), nil)
	if err := k.ForgetPIN(0); !errors.Is(err, tpm.ErrHierarchy) {
		t.Errorf("forget: %v", err)
	}
	if _, _, err := k.BeginPIN(1, authOf(t, "B's")); !errors.Is(err, tpm.ErrHierarchy) {
		t.Errorf("another slot: %v", err)
	}
	wantNoHandles(t, sim)
}
