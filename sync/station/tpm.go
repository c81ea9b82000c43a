package station

import (
	"context"
	"crypto/ecdh"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/memory"
	"espero-soft.com/printroom/vault/tpm"
)

// TPM is what the station needs of its TPM: K_doc under a person's PIN, and the
// slots that the PINs are in. Each call takes as long as the TPM does, a quarter
// of a second and more, and is made while no lock of the snapshot's is held.
type TPM interface {
	// Doc is K_doc under a PIN; each use of it is one key operation.
	Doc(tpm.PIN) (ecdh.KeyExchanger, error)
	// CheckPIN asks whether a PIN is right, without a key operation.
	CheckPIN(tpm.PIN) error
	ChangePIN(slot int, before, after *memory.Buffer) error
	// ForgetPIN removes what a slot holds; nil when there is nothing.
	ForgetPIN(slot int) error
	PINState(slot int) (tpm.PINState, error)
	BeginPIN(slot int, auth *memory.Buffer) (PINChange, tpm.PINRequest, error)
}

// PINChange is a PIN that waits for central's leave.
type PINChange interface {
	Finish(authSignature, writeSignature []byte) error
	Abort() // safe after Finish
}

// Authority is central as far as it lets PINs be set: one request.
type Authority interface {
	GrantPIN(ctx context.Context, r wire.PINGrantRequest) (wire.PINGrant, error)
}

// Chip is what package tpm offers.
type Chip interface {
	Doc(tpm.PIN) (ecdh.KeyExchanger, error)
	CheckPIN(tpm.PIN) error
	ChangePIN(slot int, before, after *memory.Buffer) error
	ForgetPIN(slot int) error
	PINState(slot int) (tpm.PINState, error)
	BeginPIN(slot int, auth *memory.Buffer) (*tpm.PINChange, tpm.PINRequest, error)
}

// OnChip makes package tpm's keys a station's TPM.
func OnChip(c Chip) TPM { return chip{c} }

type chip struct{ Chip }

// BeginPIN gives the change as the interface that the station knows, nil with an
// error.
func (c chip) BeginPIN(slot int, auth *memory.Buffer) (PINChange, tpm.PINRequest, error) {
	change, request, err := c.Chip.BeginPIN(slot, auth)
	if err != nil {
		return nil, request, err
	}
	return change, request, nil
}
