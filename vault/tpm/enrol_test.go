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

// challenged is the authority's part: it checks an attestation key and makes a
// challenge for it.
func challenged(t testing.TB, e tpm.Endorsement, ak []byte) (tpm.Challenge, []byte) {
	t.Helper()
	_, name, err := tpm.CheckAK(ak)
	if err != nil {
		t.Fatal(err)
	}
	secret := make([]byte, tpm.MaxSecret)
	if _, err := rand.Read(secret); err != nil {
		t.Fatal(err)
	}
	c, err := tpm.MakeCredential(e.Public, name, secret)
	if err != nil {
		t.Fatal(err)
	}
	return c, secret
}

func attested(t testing.TB, k *tpm.Keys) *tpm.Attestation {
	t.Helper()
	a, err := k.Attest()
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// wantActivated goes through an enrolment: the attestation key's challenge,
// then each key certified by it.
func wantActivated(t *testing.T, k *tpm.Keys, e tpm.Endorsement, ks tpm.KeySet) {
	t.Helper()
	a := attested(t, k)
	c, want := challenged(t, e, a.Public())
	secret, err := a.Activate(c)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(secret, want) {
		t.Errorf("secret %x, want %x", secret, want)
	}
	qualifying := tpm.Qualifying(secret, "an enrolment")
	all, err := a.Certify(qualifying)
	if err != nil {
		t.Fatal(err)
	}
	ak, _, err := tpm.CheckAK(a.Public())
	if err != nil {
		t.Fatal(err)
	}
	for _, role := range tpm.Roles() {
		if err := tpm.CheckCertification(ak, all[role], nameOf(t, ks, role), qualifying); err != nil {
			t.Errorf("%v: %v", role, err)
		}
	}
}

func nameOf(t testing.TB, ks tpm.KeySet, role tpm.Role) tpm.Name {
	t.Helper()
	_, name, err := tpm.CheckPublic(role, ks.Keys[role].Public, &policyKey().PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	return name
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
	d := openTPM(t, sim)
	e, err := d.Endorsement()
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := openTPM(t, other).Endorsement()
	if err != nil {
		t.Fatal(err)
	}
	k, _ := newKeys(t, d)
	a := attested(t, k)
	good, want := challenged(t, e, a.Public())
	foreign, _ := challenged(t, theirs, a.Public())
	another, _ := challenged(t, e, attested(t, k).Public())
	// A key in software that claims to be in the TPM: its area passes, as it
	// claims all the right things, but no TPM answers for it.
	software, _ := challenged(t, e, softwareKey(t, a.Public()))
	for what, c := range map[string]tpm.Challenge{
		"another TPM's":       foreign,
		"another enrolment's": another,
		"a software key's":    software,
		"empty":               {},
		"too long":            {Credential: make([]byte, 300), Seed: good.Seed},
	} {
		if secret, err := a.Activate(c); !errors.Is(err, tpm.ErrChallenge) || secret != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	if secret, err := a.Activate(good); err != nil || !bytes.Equal(secret, want) {
		t.Errorf("the right challenge, after all: %v", err)
	}
	wantNoHandles(t, sim)
}

// The attestation key needs its TPM, and is not of another one.
func TestAttestationOfAnotherTPM(t *testing.T) {
	sim := startTPM(t, t.TempDir())
	k, _ := newKeys(t, openTPM(t, sim))
	a := attested(t, k)
	lockout := tpm2.AuthHandle{Handle: tpm2.TPMRHLockout, Auth: tpm2.HMAC(tpm2.TPMAlgSHA256, 16)}
	if _, err := (tpm2.Clear{AuthHandle: lockout}).Execute(raw(t, sim)); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Certify([]byte("occasion")); !errors.Is(err, tpm.ErrCleared) {
		t.Errorf("after the TPM was cleared: %v", err)
	}
	if _, err := k.Attest(); !errors.Is(err, tpm.ErrCleared) {
		t.Errorf("a new one, after the TPM was cleared: %v", err)
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
