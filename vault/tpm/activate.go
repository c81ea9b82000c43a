package tpm

import (
	"errors"
	"fmt"

	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpm2/transport"
)

// Activate answers the authority's challenge for the attestation key: the
// secret proves that it is in the TPM with the endorsement key. No PIN is
// needed. Errors are ErrChallenge (made for another key or TPM), ErrCleared,
// ErrHierarchy and the device's.
func (a *Attestation) Activate(c Challenge) (secret []byte, err error) {
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("tpm: activate: %w", err)
	}
	err = a.keys.device.sequence("activate", func(t transport.TPM) error {
		kind, _, err := findEndorsement(t)
		if err != nil {
			return err
		}
		return withEndorsement(t, kind, func(ek primary) error {
			return a.with(t, func(ak tpm2.NamedHandle) error {
				secret, err = a.activate(t, ak, ek, c)
				return err
			})
		})
	})
	if err != nil {
		return nil, err
	}
	return secret, nil
}

// activate opens a challenge with the endorsement key for the attestation key.
func (a *Attestation) activate(t transport.TPM, ak tpm2.NamedHandle, ek primary, c Challenge) (secret []byte, err error) {
	err = withSession(t, a.keys.root, encryptInOut, func(s *session) error {
		return withEndorsementPolicy(t, ek, func(endorsement tpm2.AuthHandle) error {
			rsp, err := tpm2.ActivateCredential{
				ActivateHandle: tpm2.AuthHandle{Handle: ak.Handle, Name: ak.Name, Auth: s},
				KeyHandle:      endorsement,
				CredentialBlob: tpm2.TPM2BIDObject{Buffer: c.Credential},
				Secret:         tpm2.TPM2BEncryptedSecret{Buffer: c.Seed},
			}.Execute(t)
			if refusesChallenge(t, err) {
				return fmt.Errorf("%w: %w", ErrChallenge, err)
			}
			if err != nil {
				return err
			}
			secret = rsp.CertInfo.Buffer
			return nil
		})
	})
	return secret, err
}

// refusesChallenge tells a refused parameter from a refused key. A seed
// that is for another RSA key can be answered as a failure of the TPM (swtpm
// does); a TPM that works on has not failed.
func refusesChallenge(t transport.TPM, err error) bool {
	if errors.Is(err, tpm2.TPMRCFailure) {
		_, working := tpm2.GetRandom{BytesRequested: 1}.Execute(t)
		return working == nil
	}
	var refusal tpm2.TPMFmt1Error
	if !errors.As(err, &refusal) {
		return false
	}
	parameter, _ := refusal.Parameter()
	return parameter || errors.Is(err, tpm2.TPMRCIntegrity)
}

// withEndorsementPolicy runs f with the endorsement key authorised by its
// policy, PolicySecret of the endorsement hierarchy (EK Credential Profile,
// B.3). The session is ended whether f or the policy fails or not.
func withEndorsementPolicy(t transport.TPM, ek primary, f func(tpm2.AuthHandle) error) error {
	const hierarchy = tpm2.TPMRHEndorsement
	password, err := hierarchyPassword(hierarchy)
	if err != nil {
		return err
	}
	return withPolicy(t, func(policy *session) error {
		err := withPassword(t, password, func(s tpm2.Session) error {
			_, err := tpm2.PolicySecret{
				AuthHandle:    tpm2.AuthHandle{Handle: hierarchy, Name: tpm2.HandleName(hierarchy), Auth: s},
				PolicySession: policy.Handle(),
				NonceTPM:      policy.NonceTPM(),
			}.Execute(t)
			return err
		})
		if err != nil {
			return fmt.Errorf("endorsement policy: %w", err)
		}
		return f(tpm2.AuthHandle{Handle: ek.handle, Name: ek.name, Auth: policy})
	})
}
