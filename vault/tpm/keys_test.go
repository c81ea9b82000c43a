package tpm_test

import (
	"bytes"
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/hpke"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

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
	doc := k.Doc(pinAt(t, 0, goodPIN))
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
	doc := k.Doc(pinAt(t, 0, goodPIN))
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
	doc := k.Doc(pinAt(t, 0, goodPIN))
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

func TestConcurrentUse(t *testing.T) {
	sim := startTPM(t, t.TempDir())
	d := openTPM(t, sim)
	k, ks := newKeys(t, d)
	doc := k.Doc(pinAt(t, 0, goodPIN))
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
		pin := pinAt(t, 0, goodPIN)
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				if err := roundTrip(k.Doc(pin), nil); err != nil && !errors.Is(err, tpm.ErrNoPIN) {
					t.Error(err)
				}
			})
		}
		time.Sleep(time.Millisecond)
		pin.Auth.Destroy()
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
