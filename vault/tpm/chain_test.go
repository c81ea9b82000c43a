package tpm_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"math/big"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-tpm/tpm2"

	"espero-soft.com/printroom/vault/tpm"
)

// issued is a certificate of an authority on a key, for a name.
func issued(t testing.TB, name string, key any, parent *x509.Certificate, by *ecdsa.PrivateKey) *x509.Certificate {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	if parent == nil {
		parent = template
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key, by)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

// A TPM's maker whose endorsement certificate is by an intermediate authority:
// the station brings it along, the authority knows the root alone.
func TestEndorsementChain(t *testing.T) {
	sim := startTPM(t, t.TempDir())
	r, d := raw(t, sim), openTPM(t, sim)
	block, _ := pem.Decode(sim.CA())
	local, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	rootKey, middleKey := p256Key(t), p256Key(t)
	root := issued(t, "root", rootKey.Public(), nil, rootKey)
	middle := issued(t, "middle", middleKey.Public(), root, rootKey)
	issuer := issued(t, local.Subject.CommonName, local.PublicKey, middle, middleKey)
	known := x509.NewCertPool()
	known.AddCert(root)
	opts := x509.VerifyOptions{Roots: known}

	e, err := d.Endorsement()
	if err != nil || len(e.Chain) != 0 {
		t.Fatalf("%d certificates, %v", len(e.Chain), err)
	}
	if _, err := tpm.CheckEndorsement(e, opts); !errors.Is(err, tpm.ErrEndorsement) {
		t.Errorf("without its chain: %v", err)
	}

	// One certificate goes on in the next index, which is filled up.
	stream := append(bytes.Clone(issuer.Raw), middle.Raw...)
	cut := len(issuer.Raw) + 100
	define(t, r, emptyOwner(), 0x01c00100, stream[:cut])
	define(t, r, emptyOwner(), 0x01c00101, append(bytes.Clone(stream[cut:]), bytes.Repeat([]byte{0xff}, 200)...))
	define(t, r, emptyOwner(), 0x01c00200, root.Raw) // not of the chain
	if e, err = d.Endorsement(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([][]byte{issuer.Raw, middle.Raw}, e.Chain); diff != "" {
		t.Fatal(diff)
	}
	if _, err := tpm.CheckEndorsement(e, opts); err != nil {
		t.Errorf("with its chain: %v", err)
	}
	e.Chain[0], e.Chain[1] = e.Chain[1], e.Chain[0]
	if _, err := tpm.CheckEndorsement(e, opts); err != nil {
		t.Errorf("in another order: %v", err)
	}
	own := x509.NewCertPool()
	if _, err := tpm.CheckEndorsement(e, x509.VerifyOptions{Roots: known, Intermediates: own}); err != nil || !own.Equal(x509.NewCertPool()) {
		t.Errorf("the authority's own intermediates were changed, %v", err)
	}
	wantNoHandles(t, sim)

	// Whoever brings a chain along does not vouch for it.
	strangerKey := p256Key(t)
	stranger := issued(t, "stranger", strangerKey.Public(), nil, strangerKey)
	theirs := issued(t, local.Subject.CommonName, local.PublicKey, stranger, strangerKey)
	for what, chain := range map[string][][]byte{
		"a stranger's":      {theirs.Raw, stranger.Raw},
		"half":              {issuer.Raw},
		"no certificate":    {issuer.Raw, middle.Raw, []byte("garbage")},
		"too many":          make([][]byte, tpm.MaxChain+1),
		"a long one":        {issuer.Raw, middle.Raw, append(bytes.Clone(root.Raw), make([]byte, 9000)...)},
		"an empty one with": {issuer.Raw, middle.Raw, nil},
	} {
		e.Chain = chain
		if _, err := tpm.CheckEndorsement(e, opts); !errors.Is(err, tpm.ErrEndorsement) {
			t.Errorf("%s: %v", what, err)
		}
	}
	e.Chain = nil
	opts.Intermediates = x509.NewCertPool()
	opts.Intermediates.AddCert(issuer)
	opts.Intermediates.AddCert(middle)
	if _, err := tpm.CheckEndorsement(e, opts); err != nil {
		t.Errorf("intermediates that the authority knows: %v", err)
	}
}

// What lies in a chain's place and is none keeps nobody from enrolling.
func TestGarbageInTheChainsPlace(t *testing.T) {
	sim := startTPM(t, t.TempDir())
	define(t, raw(t, sim), emptyOwner(), 0x01c00100, bytes.Repeat([]byte{0x30, 0x03, 1, 2, 3}, 100))
	define(t, raw(t, sim), emptyOwner(), 0x01c00101, []byte("garbage"))
	e, err := openTPM(t, sim).Endorsement()
	if err != nil || len(e.Chain) != 0 {
		t.Fatalf("%d certificates, %v", len(e.Chain), err)
	}
	if _, err := tpm.CheckEndorsement(e, roots(t, sim.CA())); err != nil {
		t.Error(err)
	}
}

// A maker certifies other keys too, for uses of their own: none of them is
// taken for an endorsement key, however its public area is written down.
func TestEndorsementForAnotherUse(t *testing.T) {
	rootKey, key := p256Key(t), p256Key(t)
	root := issued(t, "maker", rootKey.Public(), nil, rootKey)
	opts := x509.VerifyOptions{Roots: x509.NewCertPool()}
	opts.Roots.AddCert(root)
	point, err := key.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	area := tpm2.ECCEKTemplate
	area.Unique = tpm2.NewTPMUPublicID(tpm2.TPMAlgECC, &tpm2.TPMSECCPoint{
		X: tpm2.TPM2BECCParameter{Buffer: point[1:33]}, Y: tpm2.TPM2BECCParameter{Buffer: point[33:]},
	})
	endorsement := []asn1.ObjectIdentifier{{2, 23, 133, 8, 1}}
	for what, c := range map[string]struct {
		use  x509.Certificate
		want error
	}{
		"an endorsement key's": {x509.Certificate{KeyUsage: x509.KeyUsageKeyAgreement, UnknownExtKeyUsage: endorsement}, nil},
		"no use is said":       {x509.Certificate{}, nil},
		"an attestation key's": {x509.Certificate{UnknownExtKeyUsage: []asn1.ObjectIdentifier{{2, 23, 133, 8, 3}}}, tpm.ErrEndorsement},
		"a client's":           {x509.Certificate{ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}, tpm.ErrEndorsement},
		"a key that signs":     {x509.Certificate{KeyUsage: x509.KeyUsageDigitalSignature, UnknownExtKeyUsage: endorsement}, tpm.ErrEndorsement},
		"an authority's":       {x509.Certificate{IsCA: true, BasicConstraintsValid: true}, tpm.ErrEndorsement},
	} {
		c.use.SerialNumber, c.use.Subject = big.NewInt(7), pkix.Name{CommonName: what}
		c.use.NotBefore, c.use.NotAfter = root.NotBefore, root.NotAfter
		der, err := x509.CreateCertificate(rand.Reader, &c.use, root, key.Public(), rootKey)
		if err != nil {
			t.Fatal(err)
		}
		e := tpm.Endorsement{Certificate: der, Public: tpm2.Marshal(tpm2.New2B(area))}
		if _, err := tpm.CheckEndorsement(e, opts); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
