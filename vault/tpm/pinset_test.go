package tpm_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpm2/transport"

	"espero-soft.com/printroom/vault/tpm"
)

// grant is central's answer to a request.
func grant(t testing.TB, kind tpm.PINKind, r tpm.PINRequest) (auth, write []byte) {
	t.Helper()
	auth, write, err := tpm.SignPIN(policyKey(), kind, r)
	if err != nil {
		t.Fatal(err)
	}
	return auth, write
}

// otherKey is a key that is not central's.
func otherKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// begin starts setting a PIN, to be given up at the test's end.
func begin(t testing.TB, k *tpm.Keys, slot int, pin string) (*tpm.PINChange, tpm.PINRequest) {
	t.Helper()
	change, request, err := k.BeginPIN(slot, authOf(t, pin))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(change.Abort)
	return change, request
}

// While central is asked, everyone goes on working, and the TPM's session slots
// are free: what is pending is saved.
func TestPINsArePendingTogether(t *testing.T) {
	sim := startTPM(t, t.TempDir())
	r := raw(t, sim)
	k, ks := newKeys(t, openTPM(t, sim))
	good := pinAt(t, 0, goodPIN)
	const people = 6
	var finish [people]func() error
	for i := range people {
		change, request := begin(t, k, i+1, fmt.Sprint("of ", i))
		finish[i] = func() error { return change.Finish(grant(t, ks.PINKind, request)) }
		wantState(t, k, i+1, tpm.PINState{Defined: true, Ours: true, Failures: -1})
		wantUnset(t, k, pinAt(t, i+1, fmt.Sprint("of ", i)))
		wantPIN(t, k, good, nil)
		if loaded := handlesOf(t, r, loadedSession, transient); len(loaded) > 0 {
			t.Errorf("loaded while %d are pending: %#x", i+1, loaded)
		}
	}
	for _, i := range []int{3, 0, 5, 1, 4, 2} {
		if err := finish[i](); err != nil {
			t.Fatalf("person %d: %v", i, err)
		}
		wantPIN(t, k, pinAt(t, i+1, fmt.Sprint("of ", i)), nil)
		wantPIN(t, k, good, nil)
	}
	wantNoHandles(t, sim)
}

func TestAbandonedPINs(t *testing.T) {
	sim := startTPM(t, t.TempDir())
	d := openTPM(t, sim)
	k, ks := newKeys(t, d)
	for range 30 { // more would not fit, if they stayed
		change, _ := begin(t, k, 1, "given up")
		change.Abort()
		change.Abort()
	}
	wantNoHandles(t, sim)
	change, request := begin(t, k, 1, "given up")
	change.Abort()
	if err := change.Finish(grant(t, ks.PINKind, request)); !errors.Is(err, tpm.ErrPINRequest) {
		t.Errorf("Finish after Abort: %v", err)
	}
	change, request = begin(t, k, 1, "B's")
	auth, write := grant(t, ks.PINKind, request)
	if err := change.Finish(auth, write); err != nil {
		t.Fatal(err)
	}
	if err := change.Finish(auth, write); !errors.Is(err, tpm.ErrPINRequest) {
		t.Errorf("second Finish: %v", err)
	}
	change.Abort()
	wantPIN(t, k, pinAt(t, 1, "B's"), nil)
	wantNoHandles(t, sim)

	change, request = begin(t, k, 2, "C's")
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	change.Abort()
	if err := change.Finish(grant(t, ks.PINKind, request)); !errors.Is(err, tpm.ErrClosed) {
		t.Errorf("Finish on a closed device: %v", err)
	}
}

// Central's signatures serve for their request alone.
func TestForeignGrants(t *testing.T) {
	sim := startTPM(t, t.TempDir())
	k, ks := newKeys(t, openTPM(t, sim))
	change, old := begin(t, k, 0, "old")
	oldAuth, oldWrite := grant(t, ks.PINKind, old)
	if err := change.Finish(oldAuth, oldWrite); err != nil {
		t.Fatal(err)
	}
	_, others := begin(t, k, 1, "B's")
	othersAuth, othersWrite := grant(t, ks.PINKind, others)
	for what, grants := range map[string]func(tpm.PINRequest) (auth, write []byte){
		"an old one":       func(tpm.PINRequest) ([]byte, []byte) { return oldAuth, oldWrite },
		"another person's": func(tpm.PINRequest) ([]byte, []byte) { return othersAuth, othersWrite },
		"none":             func(tpm.PINRequest) ([]byte, []byte) { return nil, nil },
		"an old write": func(r tpm.PINRequest) ([]byte, []byte) {
			auth, _ := grant(t, ks.PINKind, r)
			return auth, oldWrite
		},
		"swapped": func(r tpm.PINRequest) ([]byte, []byte) {
			auth, write := grant(t, ks.PINKind, r)
			return write, auth
		},
		"by another key": func(r tpm.PINRequest) ([]byte, []byte) {
			// The index's policy has central's key in it, so the write is another.
			auth, write, err := tpm.SignPIN(otherKey(t), ks.PINKind, r)
			if !errors.Is(err, tpm.ErrPINRequest) {
				t.Errorf("another central signs: %v", err)
			}
			return auth, write
		},
	} {
		change, request := begin(t, k, 0, "theirs")
		if err := change.Finish(grants(request)); !errors.Is(err, tpm.ErrPINRequest) {
			t.Errorf("%s: %v", what, err)
		}
	}
	wantPIN(t, k, pinAt(t, 0, "old"), nil)
}

// The TPM itself takes no old grant, nor one without its time limit.
func TestTPMRefusesAnOldGrant(t *testing.T) {
	sim := startTPM(t, t.TempDir())
	r := raw(t, sim)
	k, ks := newKeys(t, openTPM(t, sim))
	change, old := begin(t, k, 0, "old")
	auth, write := grant(t, ks.PINKind, old)
	if err := change.Finish(auth, write); err != nil {
		t.Fatal(err)
	}
	key := loadPolicyKey(t, r)
	signature, err := tpm.TPMSignature(write)
	if err != nil {
		t.Fatal(err)
	}
	for what, edit := range map[string]func(*tpm2.PolicySigned){
		"the old nonce":     func(c *tpm2.PolicySigned) { c.NonceTPM.Buffer = old.Write.Nonce },
		"the session's":     func(*tpm2.PolicySigned) {},
		"no nonce":          func(c *tpm2.PolicySigned) { c.NonceTPM.Buffer = nil },
		"without end":       func(c *tpm2.PolicySigned) { c.NonceTPM.Buffer, c.Expiration = old.Write.Nonce, 0 },
		"any parameters":    func(c *tpm2.PolicySigned) { c.CPHashA.Buffer = nil },
		"another reference": func(c *tpm2.PolicySigned) { c.PolicyRef.Buffer = []byte("printroom pin auth 0") },
	} {
		s, end, err := tpm2.PolicySession(r, tpm2.TPMAlgSHA256, 16)
		if err != nil {
			t.Fatal(err)
		}
		command := tpm2.PolicySigned{
			AuthObject: key, PolicySession: s.Handle(), NonceTPM: s.NonceTPM(),
			CPHashA: tpm2.TPM2BDigest{Buffer: old.Write.CpHash}, PolicyRef: tpm2.TPM2BNonce{Buffer: []byte("printroom pin write")},
			Expiration: 600, Auth: signature,
		}
		edit(&command)
		if _, err := command.Execute(r); err == nil {
			t.Errorf("%s: accepted", what)
		}
		if err := end(); err != nil {
			t.Error(err)
		}
	}
	if _, err := (tpm2.FlushContext{FlushHandle: key.Handle}).Execute(r); err != nil {
		t.Fatal(err)
	}
}

// loadPolicyKey loads central's key for a check; the caller flushes it.
func loadPolicyKey(t *testing.T, r transport.TPM) tpm2.NamedHandle {
	t.Helper()
	area, err := tpm.PolicyArea(&policyKey().PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	rsp, err := tpm2.LoadExternal{InPublic: tpm2.New2B(area), Hierarchy: tpm2.TPMRHOwner}.Execute(r)
	if err != nil {
		t.Fatal(err)
	}
	return tpm2.NamedHandle{Handle: rsp.ObjectHandle, Name: rsp.Name}
}

// Between BeginPIN and Finish the TPM restarts, or somebody else is quicker.
func TestRequestsThatAreTooLate(t *testing.T) {
	dir := t.TempDir()
	sim := startTPM(t, dir)
	k, ks := newKeys(t, openTPM(t, sim))
	late, request := begin(t, k, 1, "late")
	setPIN(t, k, ks.PINKind, 1, "quick")
	if err := late.Finish(grant(t, ks.PINKind, request)); !errors.Is(err, tpm.ErrPINRequest) {
		t.Errorf("after another's: %v", err)
	}
	wantPIN(t, k, pinAt(t, 1, "quick"), nil)

	late, request = begin(t, k, 1, "late")
	if err := sim.Stop(); err != nil {
		t.Fatal(err)
	}
	if err := late.Finish(grant(t, ks.PINKind, request)); !errors.Is(err, tpm.ErrMissing) {
		t.Errorf("while the TPM is off: %v", err)
	}
	late.Abort()
	sim = startTPM(t, dir)
	late, request = begin(t, k, 1, "late")
	if err := sim.Stop(); err != nil {
		t.Fatal(err)
	}
	sim = startTPM(t, dir)
	if err := late.Finish(grant(t, ks.PINKind, request)); !errors.Is(err, tpm.ErrPINRequest) {
		t.Errorf("after a restart: %v", err)
	}
	wantPIN(t, k, pinAt(t, 1, "quick"), nil)
	wantNoHandles(t, sim)
}

// The request is the caller's: what they do to it changes nothing here.
func TestRequestIsACopy(t *testing.T) {
	k, ks := newKeys(t, openTPM(t, startTPM(t, t.TempDir())))
	change, request := begin(t, k, 1, "B's")
	auth, write := grant(t, ks.PINKind, request)
	for _, b := range [][]byte{request.Auth.Nonce, request.Auth.CpHash, request.Write.Nonce, request.Write.CpHash} {
		copy(b, bytes.Repeat([]byte{0xff}, len(b)))
	}
	if err := change.Finish(auth, write); err != nil {
		t.Error(err)
	}
}
