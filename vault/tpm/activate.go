package tpm

import (
	"errors"
	"fmt"

	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpm2/transport"
)

// Activate answers the authority's three challenges, one for each role's key:
// the secrets prove that the keys are in the TPM with the endorsement key.
// No PIN is needed. Errors are ErrChallenge (made for another key or TPM),
// ErrCleared, ErrHierarchy and the device's.
func (k *Keys) Activate(challenges [3]Challenge) (secrets [3][]byte, err error) {
	for _, c := range challenges {
		if err := c.check(); err != nil {
			return secrets, fmt.Errorf("tpm: activate: %w", err)
		}
	}
	err = k.device.sequence("activate", func(t transport.TPM) error {
		kind, _, err := findEndorsement(t)
		if err != nil {
			return err
		}
		return withEndorsement(t, kind, func(ek primary) error {
			for _, role := range Roles() {
				if secrets[role], err = k.activate(t, role, ek, challenges[role]); err != nil {
					return fmt.Errorf("%v: %w", role, err)
				}
			}
			return nil
		})
	})
	if err != nil {
		return [3][]byte{}, err
	}
	return secrets, nil
}

// activate opens one challenge with the endorsement key for a role's key.
func (k *Keys) activate(t transport.TPM, role Role, ek primary, c Challenge) ([]byte, error) {
	var secret []byte
	err := k.use(t, role, nil, encryptInOut(), func(key tpm2.AuthHandle) error {
		return withEndorsementPolicy(t, ek, func(endorsement tpm2.AuthHandle) error {
			rsp, err := tpm2.ActivateCredential{
				ActivateHandle: key,
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

// refusesChallenge tells a refused parameter from a refused key or PIN. A seed
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
	policy, end, err := tpm2.PolicySession(t, tpm2.TPMAlgSHA256, nonceSize)
	if err != nil {
		return fmt.Errorf("start policy session: %w", err)
	}
	return ending(end, "policy session", func() error {
		err := withHierarchy(t, func(s tpm2.Session) error {
			const hierarchy = tpm2.TPMRHEndorsement
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
