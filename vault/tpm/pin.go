package tpm

import (
	"errors"

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

// PINState is what a slot's index tells.
type PINState struct {
	Defined bool // there is an index
	Ours    bool // it is as BeginPIN defines it
	Written bool // central let it be written: a PIN is set
	// Failures is how many wrong PINs were given in a row, of Limit; −1 where
	// that can't be read or is not counted by slot.
	Failures, Limit int
}

var errSoon = errors.New("not there yet")

// CheckPIN asks the TPM whether a PIN is right, without a key operation.
func (k *Keys) CheckPIN(p PIN) error { return errSoon }

// ChangePIN replaces a PIN by who knows it, without central.
func (k *Keys) ChangePIN(slot int, before, after *memory.Buffer) error { return errSoon }

// ForgetPIN removes a slot's index; nil when there is none.
func (k *Keys) ForgetPIN(slot int) error { return errSoon }

// PINState reads what a slot's index tells.
func (k *Keys) PINState(slot int) (PINState, error) { return PINState{}, errSoon }

// BeginPIN starts setting a slot's PIN, with central's leave: define the index
// where it is missing or not ours, and start the sessions that the request is
// about. They are kept saved, so that no lock is held while central is asked.
func (k *Keys) BeginPIN(slot int, auth *memory.Buffer) (*PINChange, PINRequest, error) {
	return nil, PINRequest{}, errSoon
}

// PINChange is a PIN being set.
type PINChange struct{}

// Finish sets the PIN with what SignPIN answered.
func (c *PINChange) Finish(authSignature, writeSignature []byte) error { return errSoon }

// Abort gives up. It is safe after Finish, and leaves no session.
func (c *PINChange) Abort() {}
