package tpm_test

import (
	"bytes"
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/hpke"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-tpm/tpm2"

	"espero-soft.com/printroom/vault/tpm"
)

// roundTrip seals to the key and opens again.
func roundTrip(x ecdh.KeyExchanger, text []byte) error {
	public, err := hpke.NewDHKEMPublicKey(x.PublicKey())
	if err != nil {
		return err
	}
	private, err := hpke.NewDHKEMPrivateKey(x)
	if err != nil {
		return err
	}
	sealed, err := hpke.Seal(public, hpke.HKDFSHA256(), hpke.AES256GCM(), []byte("claim"), text)
	if err != nil {
		return err
	}
	opened, err := hpke.Open(private, hpke.HKDFSHA256(), hpke.AES256GCM(), []byte("claim"), sealed)
	if err != nil {
		return err
	}
	if !bytes.Equal(opened, text) {
		return errors.New("opened text differs")
	}
	return nil
}

// signAndVerify signs with s and checks the signature.
func signAndVerify(s crypto.Signer, text string) error {
	digest := sha256.Sum256([]byte(text))
	signature, err := s.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		return err
	}
	if !ecdsa.VerifyASN1(s.Public().(*ecdsa.PublicKey), digest[:], signature) {
		return errors.New("the signature does not verify")
	}
	return nil
}

func TestHPKERoundTrips(t *testing.T) {
	sim := startTPM(t, t.TempDir())
	d := openTPM(t, sim)
	k, _ := newKeys(t, d)
	doc := k.Doc(pinBuffer(t, goodPIN))
	before := d.Operations()
	for i := range 200 {
		if err := roundTrip(doc, fmt.Appendf(nil, "letter %d", i)); err != nil {
			t.Fatalf("round trip %d: %v", i, err)
		}
	}
	after := d.Operations()
	if n := after.KeyExchanges - before.KeyExchanges; n != 200 {
		t.Errorf("%d key exchanges counted", n)
	}
	if n := after.Keys() - before.Keys(); n != 200 {
		t.Errorf("%d key operations counted", n)
	}
	if after.Loads != before.Loads {
		t.Errorf("%d loads from blobs while in use", after.Loads-before.Loads)
	}
	wantNoHandles(t, sim)
}

// The X coordinate has a leading zero byte once in 256 exchanges.
func TestSharedSecretWithLeadingZero(t *testing.T) {
	k, _ := newKeys(t, openTPM(t, startTPM(t, t.TempDir())))
	doc := k.Doc(pinBuffer(t, goodPIN))
	for {
		ephemeral, err := ecdh.P256().GenerateKey(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		want, err := ephemeral.ECDH(doc.PublicKey())
		if err != nil {
			t.Fatal(err)
		}
		if want[0] != 0 {
			continue
		}
		have, err := doc.ECDH(ephemeral.PublicKey())
		if err != nil || !bytes.Equal(have, want) {
			t.Errorf("%x, %v; want %x", have, err, want)
		}
		return
	}
}

func TestECDHRefusesOtherCurves(t *testing.T) {
	k, _ := newKeys(t, openTPM(t, startTPM(t, t.TempDir())))
	doc := k.Doc(pinBuffer(t, goodPIN))
	other, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, remote := range []*ecdh.PublicKey{nil, other.PublicKey()} {
		if _, err := doc.ECDH(remote); err == nil {
			t.Errorf("%v is accepted", remote)
		}
	}
}

func TestSigners(t *testing.T) {
	sim := startTPM(t, t.TempDir())
	k, _ := newKeys(t, openTPM(t, sim))
	for _, s := range []crypto.Signer{k.TLS(), k.Log()} {
		for i := range 30 {
			if err := signAndVerify(s, fmt.Sprint(i)); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := s.Sign(rand.Reader, make([]byte, 48), crypto.SHA384); err == nil {
			t.Error("a SHA-384 digest is signed")
		}
		if _, err := s.Sign(rand.Reader, make([]byte, 31), crypto.SHA256); err == nil {
			t.Error("a short digest is signed")
		}
	}
	if k.TLS().Public().(*ecdsa.PublicKey).Equal(k.Log().Public()) {
		t.Error("K_tls and K_log are one key")
	}
	wantNoHandles(t, sim)
}

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
	if err := roundTrip(k.Doc(pinBuffer(t, goodPIN)), []byte("again")); err != nil {
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
	if err := roundTrip(fresh.Doc(pinBuffer(t, goodPIN)), []byte("fresh")); err != nil {
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
	mixed := tpm.KeySet{Parent: theirs.Parent, Keys: ks.Keys}
	if _, err := d.Load(mixed); !errors.Is(err, tpm.ErrCleared) {
		t.Errorf("foreign blobs: %v", err)
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
	if err := roundTrip(k.Doc(pinBuffer(t, goodPIN)), nil); !errors.Is(err, tpm.ErrCleared) {
		t.Errorf("K_doc in use: %v", err)
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

func TestConcurrentUse(t *testing.T) {
	sim := startTPM(t, t.TempDir())
	d := openTPM(t, sim)
	k, ks := newKeys(t, d)
	doc := k.Doc(pinBuffer(t, goodPIN))
	var wg sync.WaitGroup
	for i := range 6 {
		wg.Go(func() {
			for j := range 5 {
				var err error
				switch (i + j) % 4 {
				case 0:
					err = roundTrip(doc, fmt.Appendf(nil, "%d %d", i, j))
				case 1:
					err = signAndVerify(k.TLS(), "tls")
				case 2:
					err = signAndVerify(k.Log(), "log")
				case 3:
					_, err = d.Load(ks)
				}
				if err != nil {
					t.Error(err)
				}
				d.Operations()
			}
		})
	}
	wg.Wait()
	wantNoHandles(t, sim)
}

// The PIN's memory goes away while the key is in use; nothing faults.
func TestLockWhileInUse(t *testing.T) {
	k, _ := newKeys(t, openTPM(t, startTPM(t, t.TempDir())))
	for range 10 {
		pin := pinBuffer(t, goodPIN)
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				if err := roundTrip(k.Doc(pin), nil); err != nil && !errors.Is(err, tpm.ErrNoPIN) {
					t.Error(err)
				}
			})
		}
		time.Sleep(time.Millisecond)
		pin.Destroy()
		wg.Wait()
	}
}

func TestClosedDevice(t *testing.T) {
	sim := startTPM(t, t.TempDir())
	d := openTPM(t, sim)
	k, _ := newKeys(t, d)
	for range 2 {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}
	if err := signAndVerify(k.TLS(), "x"); !errors.Is(err, tpm.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}
