package tpm_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/json"
	"errors"
	"testing"

	"espero-soft.com/printroom/vault/tpm"
)

// What central signs is what BeginPIN asks for, nothing else.
func TestSignPINRefusals(t *testing.T) {
	k, ks := newKeys(t, openTPM(t, startTPM(t, t.TempDir())))
	_, fresh := begin(t, k, 1, "first")
	_, again := begin(t, k, 0, "next")
	for what, r := range map[string]tpm.PINRequest{"a first PIN": fresh, "a next PIN": again} {
		auth, write, err := tpm.SignPIN(policyKey(), ks.PINKind, r)
		if err != nil || len(auth) == 0 || len(write) == 0 || bytes.Equal(auth, write) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for what, edit := range map[string]func(*tpm.PINRequest){
		"another slot":     func(r *tpm.PINRequest) { r.Slot = 2 },
		"no such slot":     func(r *tpm.PINRequest) { r.Slot = tpm.MaxSlots },
		"a negative slot":  func(r *tpm.PINRequest) { r.Slot = -1 },
		"another write":    func(r *tpm.PINRequest) { r.Write.CpHash = bytes.Repeat([]byte{1}, 32) },
		"auth as write":    func(r *tpm.PINRequest) { r.Write = r.Auth },
		"no write":         func(r *tpm.PINRequest) { r.Write.CpHash = nil },
		"no nonce":         func(r *tpm.PINRequest) { r.Auth.Nonce = nil },
		"a long nonce":     func(r *tpm.PINRequest) { r.Write.Nonce = make([]byte, 17) },
		"a short auth":     func(r *tpm.PINRequest) { r.Auth.CpHash = r.Auth.CpHash[:31] },
		"an auth too long": func(r *tpm.PINRequest) { r.Auth.CpHash = make([]byte, 33) },
	} {
		r := fresh
		edit(&r)
		if auth, write, err := tpm.SignPIN(policyKey(), ks.PINKind, r); !errors.Is(err, tpm.ErrPINRequest) || auth != nil || write != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	for _, kind := range []tpm.PINKind{tpm.KindLockout, "", "other"} {
		if _, _, err := tpm.SignPIN(policyKey(), kind, fresh); !errors.Is(err, tpm.ErrPINRequest) {
			t.Errorf("kind %q: %v", kind, err)
		}
	}
}

func TestApprovePINRefusals(t *testing.T) {
	for _, slot := range []int{-1, tpm.MaxSlots} {
		if _, err := tpm.ApprovePIN(policyKey(), tpm.KindPINFail, slot); !errors.Is(err, tpm.ErrPIN) {
			t.Errorf("slot %d: %v", slot, err)
		}
	}
	if _, err := tpm.ApprovePIN(policyKey(), "other", 0); err == nil {
		t.Error("another kind is approved")
	}
	other, err := ecdsa.GenerateKey(elliptic.P384(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tpm.ApprovePIN(other, tpm.KindPINFail, 0); err == nil {
		t.Error("a key on P-384 approves")
	}
	if _, err := openTPM(t, startTPM(t, t.TempDir())).CreateKeys(&other.PublicKey); err == nil {
		t.Error("keys are made under a policy key on P-384")
	}
	if _, err := openTPM(t, startTPM(t, t.TempDir())).CreateKeys(nil); err == nil {
		t.Error("keys are made under no policy key")
	}
}

// Whatever is sent to central, a signature is for the write of an unused count
// in the slot that the request names.
func FuzzSignPIN(f *testing.F) {
	k, _ := newKeys(f, openTPM(f, startTPM(f, f.TempDir())))
	for slot := range 2 {
		_, request := begin(f, k, slot, "PIN")
		data, err := json.Marshal(request)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
		f.Add(bytes.Replace(data, []byte(`"slot":`), []byte(`"slot":3`), 1))
	}
	f.Add([]byte(`{"slot":1,"auth":{"nonce":"","cp_hash":""},"write":{}}`))
	key := policyKey()
	f.Fuzz(func(t *testing.T, data []byte) {
		var r tpm.PINRequest
		if json.Unmarshal(data, &r) != nil {
			return
		}
		for _, kind := range []tpm.PINKind{tpm.KindPINFail, tpm.KindLockout} {
			auth, write, err := tpm.SignPIN(key, kind, r)
			if err != nil {
				if !errors.Is(err, tpm.ErrPINRequest) || auth != nil || write != nil {
					t.Fatal(err)
				}
				continue
			}
			if !isWrite(t, kind, r) {
				t.Fatalf("signed: %s", data)
			}
		}
	})
}

// isWrite compares with every write that central may sign for a slot.
func isWrite(t *testing.T, kind tpm.PINKind, r tpm.PINRequest) bool {
	t.Helper()
	hashes, err := tpm.WriteHashes(&policyKey().PublicKey, kind, r.Slot)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Equal(r.Write.CpHash, hashes[0]) || bytes.Equal(r.Write.CpHash, hashes[1])
}
