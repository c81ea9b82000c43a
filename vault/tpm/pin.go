package tpm

import (
	"fmt"

	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpm2/transport"

	"espero-soft.com/printroom/vault/memory"
)

// AuthSize is the size of a PIN's authorisation value in bytes.
const AuthSize = 32

// PIN is what a person opens K_doc with.
type PIN struct {
	// Slot is the person's, 0 to MaxSlots−1.
	Slot int
	// Approval is central's of this slot, from ApprovePIN.
	Approval []byte
	// Auth is the authorisation value that the person's PIN gives, AuthSize
	// bytes. The buffer stays the caller's: destroying it locks the key.
	Auth *memory.Buffer
}

// CheckPIN asks the TPM whether a PIN is right, without a key operation. Errors
// are ErrWrongPIN, ErrPINBlocked, ErrPINUnset, ErrPINForeign, *LockedError,
// ErrApproval, ErrNoPIN, ErrPIN, ErrCleared and the device's.
func (k *Keys) CheckPIN(p PIN) error {
	return k.device.sequence("check PIN", func(t transport.TPM) error {
		if _, err := k.remember(p.Slot, p.Approval); err != nil {
			return err
		}
		return withAuth(p.Auth, func(auth []byte) error {
			return k.retry(t, func() error {
				return withSession(t, k.root, encryptIn, func(s *session) error {
					return withPolicy(t, func(policy *session) error {
						return k.prove(t, p.Slot, auth, s, policy)
					})
				})
			})
		})
	})
}

// prove has the TPM check a slot's PIN, for a policy session, in a session
// that authorises nothing afterwards. Whether the index is the approved one is
// told by its name, which the session's HMAC covers: another's gets nothing.
func (k *Keys) prove(t transport.TPM, slot int, auth []byte, s, policy *session) error {
	index, err := k.slot(slot)
	if err != nil {
		return err
	}
	s.auth = auth
	defer func() { s.auth = nil }()
	_, err = tpm2.PolicySecret{
		AuthHandle:    tpm2.AuthHandle{Handle: index.Handle, Name: index.Name, Auth: s},
		PolicySession: policy.handle,
	}.Execute(t)
	return k.slotError(t, slot, err)
}

// withAuth runs f with a PIN's authorisation value, which stays mapped
// meanwhile.
func withAuth(held *memory.Buffer, f func(auth []byte) error) error {
	err := ErrNoPIN
	held.Use(func(auth []byte) {
		if len(auth) != AuthSize {
			err = fmt.Errorf("%w: an authorisation value of %d bytes", ErrPIN, len(auth))
			return
		}
		err = f(auth)
	})
	return err
}
