package central

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"testing"

	"github.com/google/uuid"

	"espero-soft.com/printroom/sync/client"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/tpm"
)

// softTPM is an endorser without a TPM: public areas are PKIX keys, a name is a digest, a challenge is its
// own answer, and a certification a signature on the name and what qualifies it.
type softTPM struct{}

var _ endorser = softTPM{}

func (softTPM) endorsed([]byte, [][]byte, []byte) error { return nil }

func (softTPM) attestation(public []byte) (*ecdsa.PublicKey, tpm.Name, error) {
	key, err := x509.ParsePKIXPublicKey(public)
	if err != nil {
		return nil, nil, err
	}
	name := sha256.Sum256(public)
	return key.(*ecdsa.PublicKey), name[:], nil
}

func (s softTPM) key(_ tpm.Role, public []byte, _ *ecdsa.PublicKey) (*ecdsa.PublicKey, tpm.Name, error) {
	return s.attestation(public)
}

func (softTPM) challenge(_ []byte, _ tpm.Name, secret []byte) (wire.Challenge, error) {
	return wire.Challenge{Credential: bytes.Clone(secret), Secret: bytes.Clone(secret)}, nil
}

func (softTPM) certified(ak *ecdsa.PublicKey, c wire.Certification, name tpm.Name, qualifying []byte) error {
	digest := sha256.Sum256(append(bytes.Clone(name), qualifying...))
	if !ecdsa.VerifyASN1(ak, digest[:], c.Signature) {
		return errors.New("not certified")
	}
	return nil
}

// soft is an enrolled station with keys in memory.
type soft struct {
	*client.Client
	name              string
	ak, doc, log, tls *ecdsa.PrivateKey
	certificate       *tls.Certificate
	activation        wire.Activation
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func spki(t testing.TB, key crypto.Signer) []byte {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// request makes an enrolment of new keys with a new token.
func (r *room) request(name string) (*soft, wire.EnrolmentRequest) {
	r.t.Helper()
	token, err := r.Token(context.Background(), name)
	if err != nil {
		r.t.Fatal(err)
	}
	s := &soft{name: name, ak: newKey(r.t), doc: newKey(r.t), log: newKey(r.t), tls: newKey(r.t)}
	return s, wire.EnrolmentRequest{
		ID: uuid.NewString(), Token: token, EKCertificate: []byte("ek"), EKChain: [][]byte{}, EKPublic: []byte("ek"),
		AK: spki(r.t, s.ak), PINKind: wire.PINKindPINFail,
		Keys: wire.KeyBytes{Doc: spki(r.t, s.doc), Log: spki(r.t, s.log), TLS: spki(r.t, s.tls)},
	}
}

// answer answers a challenge as the station's TPM would.
func (s *soft) answer(t testing.TB, e wire.Enrolment) wire.ActivationRequest {
	t.Helper()
	secret := e.Challenge.Credential
	return wire.ActivationRequest{Secret: secret, Certifications: s.certifications(t, secret, e.ID)}
}

func (s *soft) certifications(t testing.TB, secret []byte, enrolment wire.UUID) wire.Certifications {
	t.Helper()
	certify := func(key *ecdsa.PrivateKey) wire.Certification {
		name := sha256.Sum256(spki(t, key))
		digest := sha256.Sum256(append(name[:], tpm.Qualifying(secret, enrolment)...))
		signature, err := ecdsa.SignASN1(rand.Reader, s.ak, digest[:])
		if err != nil {
			t.Fatal(err)
		}
		return wire.Certification{Attest: []byte("attest"), Signature: signature}
	}
	return wire.Certifications{Doc: certify(s.doc), Log: certify(s.log), TLS: certify(s.tls)}
}

func (r *room) enrol(name string) *soft {
	r.t.Helper()
	ctx := context.Background()
	s, request := r.request(name)
	open := r.client(nil)
	e, err := open.Enrol(ctx, request)
	if err != nil {
		r.t.Fatal(err)
	}
	if s.activation, err = open.Activate(ctx, e.ID, s.answer(r.t, e)); err != nil {
		r.t.Fatal(err)
	}
	r.show(s, s.activation.Certificates)
	return s
}

// show has a station's client show a certificate.
func (r *room) show(s *soft, certificates [][]byte) {
	s.certificate = &tls.Certificate{Certificate: certificates, PrivateKey: s.tls}
	s.Client = r.client(s.certificate)
}
