package tpm_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"testing"

	"espero-soft.com/printroom/vault/tpm"
	"espero-soft.com/printroom/vault/tpm/swtpm"
)

// TestChipWithoutItsTPM: the public keys are known, nothing is signed or
// opened, and every use says why.
func TestChipWithoutItsTPM(t *testing.T) {
	dir := t.TempDir()
	emulator, err := swtpm.Start(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	d, err := tpm.Open(emulator.Endpoint())
	if err != nil {
		t.Fatal(err)
	}
	_, set := newKeys(t, d)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256([]byte("a checkpoint"))

	there, err := tpm.OpenChip(emulator.Endpoint(), set)
	if err != nil || there.Fault() != nil {
		t.Fatal(err, there.Fault())
	}
	signature, err := there.Log().Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(there.Close(), emulator.Stop()); err != nil {
		t.Fatal(err)
	}

	gone, err := tpm.OpenChip(emulator.Endpoint(), set)
	if err != nil {
		t.Fatal(err)
	}
	if !errors.Is(gone.Fault(), tpm.ErrMissing) {
		t.Errorf("fault %v, want ErrMissing", gone.Fault())
	}
	if !ecdsa.VerifyASN1(gone.Log().Public().(*ecdsa.PublicKey), digest[:], signature) {
		t.Error("K_log's public key is not the one that signed before")
	}
	for name, key := range map[string]crypto.Signer{"K_log": gone.Log(), "K_tls": gone.TLS()} {
		if _, err := key.Sign(rand.Reader, digest[:], crypto.SHA256); !errors.Is(err, tpm.ErrMissing) {
			t.Errorf("%s signed or failed otherwise: %v", name, err)
		}
	}
	pin := pinAt(t, 0, goodPIN)
	if _, err := gone.Doc(pin); !errors.Is(err, tpm.ErrMissing) {
		t.Errorf("K_doc: %v, want ErrMissing", err)
	}
	_, _, begin := gone.BeginPIN(1, pin.Auth)
	_, state := gone.PINState(0)
	for what, err := range map[string]error{
		"CheckPIN": gone.CheckPIN(pin), "ChangePIN": gone.ChangePIN(0, pin.Auth, pin.Auth),
		"ForgetPIN": gone.ForgetPIN(0), "PINState": state, "BeginPIN": begin,
	} {
		if !errors.Is(err, tpm.ErrMissing) {
			t.Errorf("%s: %v, want ErrMissing", what, err)
		}
	}

	// The TPM comes back while the program runs.
	again, err := swtpm.Start(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := gone.Doc(pin)
	if err != nil || gone.Fault() != nil {
		t.Fatalf("K_doc of a TPM that came back: %v, %v", err, gone.Fault())
	}
	if err := roundTrip(doc, []byte("letter")); err != nil {
		t.Errorf("K_doc of a TPM that came back: %v", err)
	}
	if err := gone.CheckPIN(pin); err != nil {
		t.Errorf("a PIN of a TPM that came back: %v", err)
	}
	signature, err = gone.Log().Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil || !ecdsa.VerifyASN1(gone.Log().Public().(*ecdsa.PublicKey), digest[:], signature) {
		t.Errorf("K_log of a TPM that came back: %v", err)
	}
	if err := again.Stop(); err != nil {
		t.Error(err)
	}
	if err := gone.Close(); err != nil {
		t.Error(err)
	}
}
