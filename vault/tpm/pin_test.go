package tpm_test

import (
	"crypto/ecdh"
	"crypto/rand"
	"errors"
	"testing"
	"time"

	"espero-soft.com/printroom/vault/tpm"
)

func TestPINs(t *testing.T) {
	d := openTPM(t, startTPM(t, t.TempDir()))
	for _, pin := range []string{"", "123", "1234\x00", "0123456789012345678901234567890123"} {
		if _, err := d.CreateKeys([]byte(pin)); !errors.Is(err, tpm.ErrPIN) {
			t.Errorf("PIN %q: %v", pin, err)
		}
	}
	k, _ := newKeys(t, d)
	destroyed := pinBuffer(t, goodPIN)
	destroyed.Destroy()
	before := d.Operations()
	for _, c := range []struct {
		what string
		x    ecdh.KeyExchanger
		want error
	}{
		{"no PIN", k.Doc(nil), tpm.ErrNoPIN},
		{"destroyed PIN", k.Doc(destroyed), tpm.ErrNoPIN},
		{"impossible PIN", k.Doc(pinBuffer(t, "1")), tpm.ErrWrongPIN},
	} {
		if err := roundTrip(c.x, nil); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", c.what, err)
		}
	}
	if d.Operations() != before {
		t.Error("the TPM was asked without a PIN")
	}
	if err := roundTrip(k.Doc(pinBuffer(t, "canary-PIN-2469")), nil); !errors.Is(err, tpm.ErrWrongPIN) {
		t.Errorf("wrong PIN through HPKE: %v", err)
	}
	if n := d.Operations().KeyExchanges - before.KeyExchanges; n != 1 {
		t.Errorf("a wrong PIN was tried %d times", n)
	}
	if err := roundTrip(k.Doc(pinBuffer(t, goodPIN)), nil); err != nil {
		t.Errorf("right PIN: %v", err)
	}
}

func TestLockoutShowsTheWait(t *testing.T) {
	sim := startTPM(t, t.TempDir())
	setLockout(t, raw(t, sim), 3, 700, 900)
	k, _ := newKeys(t, openTPM(t, sim))
	wrong, right := k.Doc(pinBuffer(t, "wrong")), k.Doc(pinBuffer(t, goodPIN))
	for i := range 3 {
		if err := roundTrip(wrong, nil); !errors.Is(err, tpm.ErrWrongPIN) {
			t.Fatalf("wrong PIN %d: %v", i, err)
		}
	}
	err := roundTrip(right, nil)
	var locked *tpm.LockedError
	if !errors.As(err, &locked) || errors.Is(err, tpm.ErrWrongPIN) {
		t.Fatalf("locked TPM: %v", err)
	}
	if locked.Wait != 700*time.Second {
		t.Errorf("wait %v", locked.Wait)
	}
	if err := signAndVerify(k.TLS(), "still connected"); err != nil {
		t.Errorf("K_tls while locked: %v", err)
	}
	if err := signAndVerify(k.Log(), "still logging"); err != nil {
		t.Errorf("K_log while locked: %v", err)
	}
	wantNoHandles(t, sim)
}

// With more failures than the limit, as after an administrator lowered it,
// each one too many takes an interval of its own.
func TestLockoutBeyondTheLimit(t *testing.T) {
	sim := startTPM(t, t.TempDir())
	r := raw(t, sim)
	setLockout(t, r, 10, 100, 900)
	k, _ := newKeys(t, openTPM(t, sim))
	wrong := k.Doc(pinBuffer(t, "wrong"))
	for i := range 3 {
		if err := roundTrip(wrong, nil); !errors.Is(err, tpm.ErrWrongPIN) {
			t.Fatalf("wrong PIN %d: %v", i, err)
		}
	}
	setLockout(t, r, 1, 100, 900)
	var locked *tpm.LockedError
	if err := roundTrip(wrong, nil); !errors.As(err, &locked) || locked.Wait != 300*time.Second {
		t.Errorf("3 failures, limit 1: %v", err)
	}
}

func TestLockoutEndsByItself(t *testing.T) {
	sim := startTPM(t, t.TempDir())
	setLockout(t, raw(t, sim), 1, 1, 1)
	k, _ := newKeys(t, openTPM(t, sim))
	if err := roundTrip(k.Doc(pinBuffer(t, "wrong")), nil); !errors.Is(err, tpm.ErrWrongPIN) {
		t.Fatal(err)
	}
	right := k.Doc(pinBuffer(t, goodPIN))
	var locked *tpm.LockedError
	for range 100 {
		err := roundTrip(right, nil)
		if err == nil {
			return
		}
		if !errors.As(err, &locked) {
			t.Fatal(err)
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Error("still locked after 5 intervals")
}

func TestWrongPINsLeakNoHandle(t *testing.T) {
	sim := startTPM(t, t.TempDir())
	r := raw(t, sim)
	setLockout(t, r, 10000, 1000, 1000)
	k, _ := newKeys(t, openTPM(t, sim))
	wrong := k.Doc(pinBuffer(t, "not the PIN"))
	remote, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 500 {
		if _, err := wrong.ECDH(remote.PublicKey()); !errors.Is(err, tpm.ErrWrongPIN) {
			t.Fatalf("wrong PIN %d: %v", i, err)
		}
		if i%50 == 0 {
			if left := handles(t, r); len(left) > 0 {
				t.Fatalf("after %d wrong PINs: %#x", i+1, left)
			}
		}
	}
	wantNoHandles(t, sim)
	if err := roundTrip(k.Doc(pinBuffer(t, goodPIN)), []byte("after all")); err != nil {
		t.Error(err)
	}
}
