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
	// endorsed says whether this is the endorsement key of a TPM by a trusted maker.
	endorsed(certificate, public []byte) error
	// challenge checks the public area of a key for a role, and makes a challenge that only the TPM of
	// the endorsement key can answer with secret, and only if it holds that key.
	challenge(role tpm.Role, ekPublic, public, secret []byte) (*ecdsa.PublicKey, wire.Challenge, error)
}

// tpmEndorser is endorser by vault/tpm.
type tpmEndorser struct {
	roots *x509.CertPool
	now   func() time.Time
}

var _ endorser = tpmEndorser{}

func (e tpmEndorser) endorsed(certificate, public []byte) error {
	if e.roots == nil {
		return errors.New("no TPM maker is trusted here")
	}
	_, err := tpm.CheckEndorsement(tpm.Endorsement{Certificate: certificate, Public: public},
		x509.VerifyOptions{Roots: e.roots, CurrentTime: e.now()})
	return err
}

func (tpmEndorser) challenge(role tpm.Role, ekPublic, public, secret []byte) (*ecdsa.PublicKey, wire.Challenge, error) {
	key, name, err := tpm.CheckPublic(role, public)
	if err != nil {
		return nil, wire.Challenge{}, err
	}
	c, err := tpm.MakeCredential(ekPublic, name, secret)
	if err != nil {
		return nil, wire.Challenge{}, fmt.Errorf("make a challenge: %w", err)
	}
	return key, wire.Challenge{Credential: c.Credential, Secret: c.Seed}, nil
}
