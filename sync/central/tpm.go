package central

import (
	"crypto/ecdsa"
	"crypto/x509"
	"errors"
	"fmt"
	"time"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/tpm"
)

// endorser is what enrolment needs of the TPM's rules.
type endorser interface {
	// endorsed says whether this is the endorsement key of a TPM by a trusted maker; chain holds what
	// certificates its TPM has of those between.
	endorsed(certificate []byte, chain [][]byte, public []byte) error
	// attestation checks the public area of an attestation key, and names it.
	attestation(public []byte) (*ecdsa.PublicKey, tpm.Name, error)
	// key checks the public area of a key for a role, K_doc's against the policy key, and names it.
	key(role tpm.Role, public []byte, policy *ecdsa.PublicKey) (*ecdsa.PublicKey, tpm.Name, error)
	// challenge is one that only the TPM of the endorsement key can answer with secret, and only if it
	// holds the key of this name.
	challenge(ekPublic []byte, name tpm.Name, secret []byte) (wire.Challenge, error)
	// certified says whether the attestation key's TPM says that it holds the key of this name.
	certified(ak *ecdsa.PublicKey, c wire.Certification, name tpm.Name, qualifying []byte) error
}

// tpmEndorser is endorser by vault/tpm.
type tpmEndorser struct {
	roots *x509.CertPool
	now   func() time.Time
}

var _ endorser = tpmEndorser{}

func (e tpmEndorser) endorsed(certificate []byte, chain [][]byte, public []byte) error {
	if e.roots == nil {
		return errors.New("no TPM maker is trusted here")
	}
	_, err := tpm.CheckEndorsement(tpm.Endorsement{Certificate: certificate, Chain: chain, Public: public},
		x509.VerifyOptions{Roots: e.roots, CurrentTime: e.now()})
	return err
}

func (tpmEndorser) attestation(public []byte) (*ecdsa.PublicKey, tpm.Name, error) {
	return tpm.CheckAK(public)
}

func (tpmEndorser) key(role tpm.Role, public []byte, policy *ecdsa.PublicKey) (*ecdsa.PublicKey, tpm.Name, error) {
	return tpm.CheckPublic(role, public, policy)
}

func (tpmEndorser) challenge(ekPublic []byte, name tpm.Name, secret []byte) (wire.Challenge, error) {
	c, err := tpm.MakeCredential(ekPublic, name, secret)
	if err != nil {
		return wire.Challenge{}, fmt.Errorf("make a challenge: %w", err)
	}
	return wire.Challenge{Credential: c.Credential, Secret: c.Seed}, nil
}

func (tpmEndorser) certified(ak *ecdsa.PublicKey, c wire.Certification, name tpm.Name, qualifying []byte) error {
	return tpm.CheckCertification(ak, tpm.Certification{Attest: c.Attest, Signature: c.Signature}, name, qualifying)
}
