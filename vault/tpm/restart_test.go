package tpm_test

import (
	"crypto"
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-tpm/tpm2"

	"espero-soft.com/printroom/vault/tpm"
)

func TestKeysSurviveRestart(t *testing.T) {
	dir := t.TempDir()
	sim := startTPM(t, dir)
	k, ks := newKeys(t, openTPM(t, sim))
	stored, err := json.Marshal(ks)
	if err != nil {
		t.Fatal(err)
	}
	if err := sim.Stop(); err != nil {
		t.Fatal(err)
	}
	if err := signAndVerify(k.TLS(), "off"); !errors.Is(err, tpm.ErrMissing) {
		t.Errorf("while the TPM is off: %v", err)
	}
	again := startTPM(t, dir)

	// The program that ran on: saved contexts are void, blobs are not.
	for _, s := range []crypto.Signer{k.TLS(), k.Log()} {
		if err := signAndVerify(s, "again"); err != nil {
			t.Errorf("after the TPM's restart: %v", err)
		}
	}
	if err := roundTrip(k.Doc(pinAt(t, 0, goodPIN)), []byte("again")); err != nil {
		t.Errorf("after the TPM's restart: %v", err)
	}

	// A program that was started again.
	var read tpm.KeySet
	if err := json.Unmarshal(stored, &read); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(ks, read); diff != "" {
		t.Error(diff)
	}
	fresh, err := openTPM(t, again).Load(read)
	if err != nil {
		t.Fatal(err)
	}
	if err := roundTrip(fresh.Doc(pinAt(t, 0, goodPIN)), []byte("fresh")); err != nil {
		t.Error(err)
	}
	if err := signAndVerify(fresh.Log(), "fresh"); err != nil {
		t.Error(err)
	}
	wantNoHandles(t, again)
}

func TestOtherTPMIsRefused(t *testing.T) {
	sim, other := startTPM(t, t.TempDir()), startTPM(t, t.TempDir())
	_, ks := newKeys(t, openTPM(t, sim))
	d := openTPM(t, other)
	_, theirs := newKeys(t, d)
	if _, err := d.Load(ks); !errors.Is(err, tpm.ErrCleared) {
		t.Errorf("keys on another TPM: %v", err)
	}
	// The blobs alone, under the other TPM's own root.
	mixed := ks
	mixed.Parent = theirs.Parent
	if _, err := d.Load(mixed); !errors.Is(err, tpm.ErrCleared) {
		t.Errorf("foreign blobs: %v", err)
	}
	// This TPM's keys, but another storage root pinned.
	replaced := theirs
	replaced.Parent = ks.Parent
	if _, err := d.Load(replaced); !errors.Is(err, tpm.ErrCleared) {
		t.Errorf("another root is pinned: %v", err)
	}
	// One key's public part with another one's private part.
	swapped := theirs
	swapped.Keys[tpm.RoleLog].Private = theirs.Keys[tpm.RoleTLS].Private
	if _, err := d.Load(swapped); !errors.Is(err, tpm.ErrCleared) {
		t.Errorf("swapped blobs: %v", err)
	}
	wantNoHandles(t, other)
}

func TestClearedTPM(t *testing.T) {
	sim := startTPM(t, t.TempDir())
	d := openTPM(t, sim)
	k, ks := newKeys(t, d)
	lockout := tpm2.AuthHandle{Handle: tpm2.TPMRHLockout, Auth: tpm2.HMAC(tpm2.TPMAlgSHA256, 16)}
	if _, err := (tpm2.Clear{AuthHandle: lockout}).Execute(raw(t, sim)); err != nil {
		t.Fatal(err)
	}
	p := pinAt(t, 0, goodPIN)
	_, _, begin := k.BeginPIN(1, p.Auth)
	for what, err := range map[string]error{
		"K_doc": roundTrip(k.Doc(p), nil), "CheckPIN": k.CheckPIN(p), "ChangePIN": k.ChangePIN(0, p.Auth, p.Auth), "BeginPIN": begin,
	} {
		if !errors.Is(err, tpm.ErrCleared) {
			t.Errorf("%s in use: %v", what, err)
		}
	}
	if err := signAndVerify(k.Log(), "x"); !errors.Is(err, tpm.ErrCleared) {
		t.Errorf("K_log in use: %v", err)
	}
	if _, err := d.Load(ks); !errors.Is(err, tpm.ErrCleared) {
		t.Errorf("Load: %v", err)
	}
	newKeys(t, d) // enrolling again works
	wantNoHandles(t, sim)
}
