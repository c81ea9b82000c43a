package tpm

import (
	"crypto/ecdsa"
	"crypto/x509"
	"fmt"

	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpm2/transport"
)

// CreateKeys makes three new keys under the storage root, K_doc for what the
// policy key approves. Nothing is kept in the TPM but the storage root; the
// caller stores the KeySet. No PIN is needed: people's slots come later.
func (d *Device) CreateKeys(policy *ecdsa.PublicKey) (KeySet, error) {
	if _, err := policyName(policy); err != nil {
		return KeySet{}, fmt.Errorf("tpm: create keys: %w", err)
	}
	der, err := x509.MarshalPKIXPublicKey(policy)
	if err != nil {
		return KeySet{}, fmt.Errorf("tpm: create keys: policy key: %w", err)
	}
	ks := KeySet{Policy: der}
	err = d.sequence("create keys", func(t transport.TPM) error {
		if ks.PINKind, err = pinKind(t); err != nil {
			return err
		}
		r, err := findRoot(t, nil)
		if err != nil {
			return err
		}
		ks.Parent = marshalPublic(r.public)
		return withRoot(t, r, func(parent tpm2.AuthHandle) error {
			for _, role := range Roles() {
				if ks.Keys[role], err = create(t, parent, role, policy); err != nil {
					return fmt.Errorf("%v: %w", role, err)
				}
			}
			return nil
		})
	})
	if err != nil {
		return KeySet{}, err
	}
	return ks, ks.Check()
}

// withRoot runs f with the storage root as an authorised parent, in a session
// that encrypts both ways.
func withRoot(t transport.TPM, r *root, f func(tpm2.AuthHandle) error) error {
	return withSession(t, r, encryptInOut, func(s *session) error {
		return r.with(t, func(handle tpm2.TPMHandle) error {
			return f(tpm2.AuthHandle{Handle: handle, Name: r.name, Auth: s})
		})
	})
}

func create(t transport.TPM, parent tpm2.AuthHandle, role Role, policy *ecdsa.PublicKey) (Blob, error) {
	template, err := role.template(policy)
	if err != nil {
		return Blob{}, err
	}
	rsp, err := tpm2.Create{
		ParentHandle: parent,
		InSensitive:  tpm2.TPM2BSensitiveCreate{Sensitive: &tpm2.TPMSSensitiveCreate{}},
		InPublic:     tpm2.New2B(template),
	}.Execute(t)
	if err != nil {
		return Blob{}, err
	}
	return Blob{Public: tpm2.Marshal(rsp.OutPublic), Private: tpm2.Marshal(rsp.OutPrivate)}, nil
}
