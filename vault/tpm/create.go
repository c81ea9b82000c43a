package tpm

import (
	"bytes"
	"fmt"

	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpm2/transport"
)

// Lengths of a PIN in bytes. A TPM takes no authValue longer than its key's
// name digest.
const (
	MinPIN = 4
	MaxPIN = 32
)

// CheckPIN tells whether CreateKeys takes this PIN: MinPIN to MaxPIN bytes
// without a zero byte (TPMs drop trailing ones); else ErrPIN.
func CheckPIN(pin []byte) error {
	if len(pin) < MinPIN || len(pin) > MaxPIN || bytes.IndexByte(pin, 0) >= 0 {
		return fmt.Errorf("tpm: %w", ErrPIN)
	}
	return nil
}

// CreateKeys makes three new keys under the storage root, K_doc with the PIN
// as its authValue. Nothing is kept in the TPM but the storage root; the
// caller stores the KeySet. The PIN is the caller's to wipe.
func (d *Device) CreateKeys(pin []byte) (KeySet, error) {
	if err := CheckPIN(pin); err != nil {
		return KeySet{}, err
	}
	var ks KeySet
	err := d.sequence("create keys", func(t transport.TPM) error {
		r, err := findRoot(t, nil)
		if err != nil {
			return err
		}
		ks.Parent = marshalPublic(r.public)
		return withRoot(t, r, func(parent tpm2.AuthHandle) error {
			for _, role := range Roles() {
				var auth []byte
				if role == RoleDoc {
					auth = pin
				}
				if ks.Keys[role], err = create(t, parent, role, auth); err != nil {
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
	return withSession(t, r, nil, encryptInOut(), func(handle tpm2.TPMHandle, s tpm2.Session) error {
		return f(tpm2.AuthHandle{Handle: handle, Name: r.name, Auth: s})
	})
}

func create(t transport.TPM, parent tpm2.AuthHandle, role Role, auth []byte) (Blob, error) {
	template, err := role.template()
	if err != nil {
		return Blob{}, err
	}
	rsp, err := tpm2.Create{
		ParentHandle: parent,
		InSensitive: tpm2.TPM2BSensitiveCreate{Sensitive: &tpm2.TPMSSensitiveCreate{
			UserAuth: tpm2.TPM2BAuth{Buffer: auth},
		}},
		InPublic: tpm2.New2B(template),
	}.Execute(t)
	if err != nil {
		return Blob{}, err
	}
	return Blob{Public: tpm2.Marshal(rsp.OutPublic), Private: tpm2.Marshal(rsp.OutPrivate)}, nil
}
