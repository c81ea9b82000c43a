package tpm_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"testing"
	"time"

	"github.com/google/go-tpm/tpm2"

	"espero-soft.com/printroom/vault/tpm"
)

// challenge is the authority's part: it checks the keys and makes a challenge
// for each.
func challenge(t testing.TB, e tpm.Endorsement, ks tpm.KeySet) (challenges [3]tpm.Challenge, secrets [3][]byte) {
	t.Helper()
	for _, role := range tpm.Roles() {
		_, name, err := tpm.CheckPublic(role, ks.Keys[role].Public)
		if err != nil {
			t.Fatal(err)
		}
		secrets[role] = make([]byte, tpm.MaxSecret)
		if _, err := rand.Read(secrets[role]); err != nil {
			t.Fatal(err)
		}
		if challenges[role], err = tpm.MakeCredential(e.Public, name, secrets[role]); err != nil {
			t.Fatal(err)
		}
	}
	return challenges, secrets
}

func wantActivated(t *testing.T, k *tpm.Keys, e tpm.Endorsement, ks tpm.KeySet) {
	t.Helper()
	challenges, want := challenge(t, e, ks)
	have, err := k.Activate(challenges, pinBuffer(t, goodPIN))
	if err != nil {
		t.Fatal(err)
	}
	for _, role := range tpm.Roles() {
		if !bytes.Equal(have[role], want[role]) {
			t.Errorf("%v: %x, want %x", role, have[role], want[role])
		}
	}
}

func roots(t *testing.T, pem []byte) x509.VerifyOptions {
	t.Helper()
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		t.Fatal("no certificate in the PEM")
	}
	return x509.VerifyOptions{Roots: pool}
}

func TestEnrolWithRSAEndorsement(t *testing.T) {
	sim := startTPM(t, t.TempDir())
	d := openTPM(t, sim)
	e, err := d.Endorsement()
	if err != nil {
		t.Fatal(err)
	}
	cert, err := tpm.CheckEndorsement(e, roots(t, sim.CA()))
	if err != nil {
		t.Fatal(err)
	}
	if cert.PublicKeyAlgorithm != x509.RSA {
		t.Errorf("endorsed by %v", cert.PublicKeyAlgorithm)
	}
	k, ks := newKeys(t, d)
	wantActivated(t, k, e, ks)
	wantNoHandles(t, sim)

	// As on a TPM whose maker left no endorsement key behind.
	owner := tpm2.AuthHandle{Handle: tpm2.TPMRHOwner, Auth: tpm2.HMAC(tpm2.TPMAlgSHA256, 16)}
	evict(t, raw(t, sim), owner, 0x81010001)
	remade, err := d.Endorsement()
	if err != nil || !bytes.Equal(remade.Public, e.Public) {
		t.Fatalf("the remade key differs: %v", err)
	}
	wantActivated(t, k, e, ks)
	wantNoHandles(t, sim)
}

func TestEndorsementChecks(t *testing.T) {
	sim, other := startTPM(t, t.TempDir()), startTPM(t, t.TempDir())
	e, err := openTPM(t, sim).Endorsement()
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := openTPM(t, other).Endorsement()
	if err != nil {
		t.Fatal(err)
	}
	good := roots(t, sim.CA())
	late := good
	late.CurrentTime = time.Now().AddDate(200, 0, 0)
	for what, c := range map[string]struct {
		e    tpm.Endorsement
		opts x509.VerifyOptions
	}{
		"another maker's":   {e, roots(t, other.CA())},
		"expired":           {e, late},
		"another TPM's key": {tpm.Endorsement{Certificate: e.Certificate, Public: theirs.Public}, good},
		"no certificate":    {tpm.Endorsement{Public: e.Public}, good},
		"no key":            {tpm.Endorsement{Certificate: e.Certificate}, good},
		"no certificate's":  {tpm.Endorsement{Certificate: []byte("garbage"), Public: e.Public}, good},
	} {
		if _, err := tpm.CheckEndorsement(c.e, c.opts); !errors.Is(err, tpm.ErrEndorsement) {
			t.Errorf("%s: %v", what, err)
		}
	}
	padded := tpm.Endorsement{Certificate: append(bytes.Clone(e.Certificate), 0xff, 0xff), Public: e.Public}
	if _, err := tpm.CheckEndorsement(padded, good); err != nil {
		t.Errorf("padding after the certificate: %v", err)
	}
}

func TestActivationRefusals(t *testing.T) {
	sim, other := startTPM(t, t.TempDir()), startTPM(t, t.TempDir())
	setLockout(t, raw(t, sim), 100, 1000, 1000)
	d := openTPM(t, sim)
	e, err := d.Endorsement()
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := openTPM(t, other).Endorsement()
	if err != nil {
		t.Fatal(err)
	}
	k, ks := newKeys(t, d)
	pin := pinBuffer(t, goodPIN)
	good, _ := challenge(t, e, ks)

	if _, err := k.Activate(good, pinBuffer(t, "wrong")); !errors.Is(err, tpm.ErrWrongPIN) {
		t.Errorf("wrong PIN: %v", err)
	}
	foreign, _ := challenge(t, theirs, ks)
	if _, err := k.Activate(foreign, pin); !errors.Is(err, tpm.ErrChallenge) {
		t.Errorf("another TPM's challenges: %v", err)
	}
	swapped := good
	swapped[tpm.RoleLog], swapped[tpm.RoleTLS] = good[tpm.RoleTLS], good[tpm.RoleLog]
	if _, err := k.Activate(swapped, pin); !errors.Is(err, tpm.ErrChallenge) {
		t.Errorf("swapped challenges: %v", err)
	}
	if _, err := k.Activate([3]tpm.Challenge{}, pin); !errors.Is(err, tpm.ErrChallenge) {
		t.Errorf("empty challenges: %v", err)
	}

	// A key in software that claims to be in the TPM: its area passes, as it
	// claims all the right things, but no TPM answers for it.
	claimed := good
	_, name, err := tpm.CheckPublic(tpm.RoleTLS, softwareKey(t, ks.Keys[tpm.RoleTLS].Public))
	if err != nil {
		t.Fatal(err)
	}
	if claimed[tpm.RoleTLS], err = tpm.MakeCredential(e.Public, name, []byte("secret")); err != nil {
		t.Fatal(err)
	}
	if _, err := k.Activate(claimed, pin); !errors.Is(err, tpm.ErrChallenge) {
		t.Errorf("a software key's challenge: %v", err)
	}
	if _, err := k.Activate(good, pin); err != nil {
		t.Errorf("the right challenges, after all: %v", err)
	}
	wantNoHandles(t, sim)
}

// softwareKey is a TPM2B_PUBLIC like the given one with a new key's point.
func softwareKey(t *testing.T, public []byte) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	area, err := tpm2.Unmarshal[tpm2.TPMTPublic](public[2:])
	if err != nil {
		t.Fatal(err)
	}
	area.Unique = tpm2.NewTPMUPublicID(tpm2.TPMAlgECC, &tpm2.TPMSECCPoint{
		X: tpm2.TPM2BECCParameter{Buffer: key.X.FillBytes(make([]byte, 32))},
		Y: tpm2.TPM2BECCParameter{Buffer: key.Y.FillBytes(make([]byte, 32))},
	})
	return tpm2.Marshal(tpm2.New2B(*area))
}
