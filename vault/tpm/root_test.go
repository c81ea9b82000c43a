package tpm_test

import (
	"errors"
	"testing"

	"github.com/google/go-tpm/tpm2"

	"espero-soft.com/printroom/vault/tpm"
)

// Where another key (Windows leaves an RSA one) has the storage root's place,
// the ECC root is made and restored for each use; three slots suffice for all.
func TestOccupiedRootHandle(t *testing.T) {
	sim := startTPM(t, t.TempDir())
	r := raw(t, sim)
	owner := tpm2.AuthHandle{Handle: tpm2.TPMRHOwner, Auth: tpm2.HMAC(tpm2.TPMAlgSHA256, 16)}
	made, err := tpm2.CreatePrimary{PrimaryHandle: owner, InPublic: tpm2.New2B(tpm2.RSASRKTemplate)}.Execute(r)
	if err != nil {
		t.Fatal(err)
	}
	_, err = tpm2.EvictControl{
		Auth:             owner,
		ObjectHandle:     tpm2.NamedHandle{Handle: made.ObjectHandle, Name: made.Name},
		PersistentHandle: 0x81000001,
	}.Execute(r)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (tpm2.FlushContext{FlushHandle: made.ObjectHandle}).Execute(r); err != nil {
		t.Fatal(err)
	}

	d := openTPM(t, sim)
	e, err := d.Endorsement()
	if err != nil {
		t.Fatal(err)
	}
	k, ks := newKeys(t, d)
	if err := roundTrip(k.Doc(pinAt(t, 0, goodPIN)), []byte("letter")); err != nil {
		t.Error(err)
	}
	if err := signAndVerify(k.TLS(), "x"); err != nil {
		t.Error(err)
	}
	wantActivated(t, k, e, ks)
	wantNoHandles(t, sim)
	if now, err := (tpm2.ReadPublic{ObjectHandle: tpm2.TPMHandle(0x81000001)}).Execute(r); err != nil || string(now.Name.Buffer) != string(made.Name.Buffer) {
		t.Errorf("the other key was replaced: %v", err)
	}
}

// Evicting the root while the keys are in use is made good.
func TestEvictedRoot(t *testing.T) {
	sim := startTPM(t, t.TempDir())
	k, _ := newKeys(t, openTPM(t, sim))
	owner := tpm2.AuthHandle{Handle: tpm2.TPMRHOwner, Auth: tpm2.HMAC(tpm2.TPMAlgSHA256, 16)}
	evict(t, raw(t, sim), owner, 0x81000001)
	if err := roundTrip(k.Doc(pinAt(t, 0, goodPIN)), []byte("letter")); err != nil {
		t.Error(err)
	}
	wantNoHandles(t, sim)
}

// Another key in the root's place is no wrong PIN, the first time or ever.
func TestReplacedRoot(t *testing.T) {
	sim := startTPM(t, t.TempDir())
	r := raw(t, sim)
	k, _ := newKeys(t, openTPM(t, sim))
	owner := tpm2.AuthHandle{Handle: tpm2.TPMRHOwner, Auth: tpm2.HMAC(tpm2.TPMAlgSHA256, 16)}
	evict(t, r, owner, 0x81000001)
	other := tpm2.ECCSRKTemplate
	other.Unique = tpm2.NewTPMUPublicID(tpm2.TPMAlgECC, &tpm2.TPMSECCPoint{X: tpm2.TPM2BECCParameter{Buffer: []byte("other")}})
	made, err := tpm2.CreatePrimary{PrimaryHandle: owner, InPublic: tpm2.New2B(other)}.Execute(r)
	if err != nil {
		t.Fatal(err)
	}
	_, err = tpm2.EvictControl{
		Auth: owner, ObjectHandle: tpm2.NamedHandle{Handle: made.ObjectHandle, Name: made.Name}, PersistentHandle: 0x81000001,
	}.Execute(r)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (tpm2.FlushContext{FlushHandle: made.ObjectHandle}).Execute(r); err != nil {
		t.Fatal(err)
	}
	wantPIN(t, k, pinAt(t, 0, goodPIN), nil)
	wantState(t, k, 0, inUse(0))
	wantNoHandles(t, sim)
}

// An owner's password that we do not know.
func TestProtectedHierarchy(t *testing.T) {
	sim := startTPM(t, t.TempDir())
	owner := tpm2.AuthHandle{Handle: tpm2.TPMRHOwner, Auth: tpm2.PasswordAuth(nil)}
	change := tpm2.HierarchyChangeAuth{AuthHandle: owner, NewAuth: tpm2.TPM2BAuth{Buffer: []byte("theirs")}}
	if _, err := change.Execute(raw(t, sim)); err != nil {
		t.Fatal(err)
	}
	if _, err := openTPM(t, sim).CreateKeys(&policyKey().PublicKey); !errors.Is(err, tpm.ErrHierarchy) {
		t.Errorf("with an owner's password: %v", err)
	}
	wantNoHandles(t, sim)
}
