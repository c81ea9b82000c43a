package tpm_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"math/big"
	"testing"
	"time"

	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpm2/transport"

	"espero-soft.com/printroom/vault/tpm"
)

// A TPM with a P-256 endorsement certificate only, by an authority of ours.
func TestEnrolWithECCEndorsement(t *testing.T) {
	sim := startTPM(t, t.TempDir())
	r, d := raw(t, sim), openTPM(t, sim)
	owner := tpm2.AuthHandle{Handle: tpm2.TPMRHOwner, Auth: tpm2.HMAC(tpm2.TPMAlgSHA256, 16)}
	undefine(t, r, owner, 0x01c00002)

	e, err := d.Endorsement()
	if err != nil || len(e.Certificate) != 0 {
		t.Fatalf("without certificates: %d bytes, %v", len(e.Certificate), err)
	}
	area, err := tpm2.Unmarshal[tpm2.TPMTPublic](e.Public[2:])
	if err != nil {
		t.Fatal(err)
	}
	key, err := tpm2.Pub(*area)
	if err != nil {
		t.Fatal(err)
	}
	k, ks := newKeys(t, d)
	wantActivated(t, k, e, ks)

	der, ca := certify(t, key)
	define(t, r, owner, 0x01c0000a, append(bytes.Clone(der), make([]byte, 300)...))
	if e, err = d.Endorsement(); err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(ca)
	if _, err := tpm.CheckEndorsement(e, x509.VerifyOptions{Roots: pool}); err != nil {
		t.Error(err)
	}
	wantActivated(t, k, e, ks)

	// A certificate on another key in the TPM is noticed on the station too.
	stranger, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	undefine(t, r, owner, 0x01c0000a)
	der, _ = certify(t, stranger.Public())
	define(t, r, owner, 0x01c0000a, der)
	if _, err := d.Endorsement(); !errors.Is(err, tpm.ErrEndorsement) {
		t.Errorf("another key's certificate: %v", err)
	}
	wantNoHandles(t, sim)
}

// certify makes an authority and an endorsement certificate with the critical
// directory name that real ones have.
func certify(t *testing.T, key any) (der []byte, ca *x509.Certificate) {
	t.Helper()
	signer, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "maker"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	caDER, err := x509.CreateCertificate(rand.Reader, &template, &template, signer.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	if ca, err = x509.ParseCertificate(caDER); err != nil {
		t.Fatal(err)
	}
	name, err := asn1.Marshal(pkix.Name{Organization: []string{"id:00001014"}}.ToRDNSequence())
	if err != nil {
		t.Fatal(err)
	}
	names, err := asn1.Marshal([]asn1.RawValue{{Class: asn1.ClassContextSpecific, Tag: 4, IsCompound: true, Bytes: name}})
	if err != nil {
		t.Fatal(err)
	}
	template = x509.Certificate{
		SerialNumber: big.NewInt(2), NotBefore: template.NotBefore, NotAfter: template.NotAfter,
		ExtraExtensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 17}, Critical: true, Value: names}},
	}
	if der, err = x509.CreateCertificate(rand.Reader, &template, ca, key, signer); err != nil {
		t.Fatal(err)
	}
	return der, ca
}

func evict(t *testing.T, r transport.TPM, owner tpm2.AuthHandle, handle tpm2.TPMHandle) {
	t.Helper()
	public, err := tpm2.ReadPublic{ObjectHandle: handle}.Execute(r)
	if err != nil {
		t.Fatal(err)
	}
	_, err = tpm2.EvictControl{
		Auth:             owner,
		ObjectHandle:     tpm2.NamedHandle{Handle: handle, Name: public.Name},
		PersistentHandle: handle,
	}.Execute(r)
	if err != nil {
		t.Fatal(err)
	}
}

func undefine(t *testing.T, r transport.TPM, owner tpm2.AuthHandle, index tpm2.TPMHandle) {
	t.Helper()
	public, err := tpm2.NVReadPublic{NVIndex: index}.Execute(r)
	if err != nil {
		t.Fatal(err)
	}
	contents, err := public.NVPublic.Contents()
	if err != nil {
		t.Fatal(err)
	}
	auth := owner
	if contents.Attributes.PlatformCreate {
		auth = tpm2.AuthHandle{Handle: tpm2.TPMRHPlatform, Auth: tpm2.HMAC(tpm2.TPMAlgSHA256, 16)}
	}
	_, err = tpm2.NVUndefineSpace{
		AuthHandle: auth,
		NVIndex:    tpm2.NamedHandle{Handle: index, Name: public.NVName},
	}.Execute(r)
	if err != nil {
		t.Fatal(err)
	}
}

func define(t *testing.T, r transport.TPM, owner tpm2.AuthHandle, index tpm2.TPMHandle, data []byte) {
	t.Helper()
	public := tpm2.TPMSNVPublic{
		NVIndex: index, NameAlg: tpm2.TPMAlgSHA256, DataSize: uint16(len(data)),
		Attributes: tpm2.TPMANV{OwnerWrite: true, OwnerRead: true, NoDA: true},
	}
	if _, err := (tpm2.NVDefineSpace{AuthHandle: owner, PublicInfo: tpm2.New2B(public)}).Execute(r); err != nil {
		t.Fatal(err)
	}
	const chunk = 512
	for offset := 0; offset < len(data); offset += chunk {
		named, err := tpm2.NVReadPublic{NVIndex: index}.Execute(r)
		if err != nil {
			t.Fatal(err)
		}
		_, err = tpm2.NVWrite{
			AuthHandle: owner,
			NVIndex:    tpm2.NamedHandle{Handle: index, Name: named.NVName},
			Data:       tpm2.TPM2BMaxNVBuffer{Buffer: data[offset:min(offset+chunk, len(data))]},
			Offset:     uint16(offset),
		}.Execute(r)
		if err != nil {
			t.Fatal(err)
		}
	}
}
