package tpm

import (
	"crypto/ecdh"

	"espero-soft.com/printroom/vault/memory"
)

// What follows is as Keys has it; the error can also be why the TPM can't be
// used.

// Doc is K_doc under a person's PIN, or why it can't be used.
func (c *Chip) Doc(p PIN) (ecdh.KeyExchanger, error) {
	keys, err := c.use()
	if err != nil {
		return nil, err
	}
	return keys.Doc(p), nil
}

// CheckPIN is Keys.CheckPIN.
func (c *Chip) CheckPIN(p PIN) error {
	keys, err := c.use()
	if err != nil {
		return err
	}
	return keys.CheckPIN(p)
}

// ChangePIN is Keys.ChangePIN.
func (c *Chip) ChangePIN(slot int, before, after *memory.Buffer) error {
	keys, err := c.use()
	if err != nil {
		return err
	}
	return keys.ChangePIN(slot, before, after)
}

// ForgetPIN is Keys.ForgetPIN.
func (c *Chip) ForgetPIN(slot int) error {
	keys, err := c.use()
	if err != nil {
		return err
	}
	return keys.ForgetPIN(slot)
}

// PINState is Keys.PINState.
func (c *Chip) PINState(slot int) (PINState, error) {
	keys, err := c.use()
	if err != nil {
		return PINState{}, err
	}
	return keys.PINState(slot)
}

// BeginPIN is Keys.BeginPIN.
func (c *Chip) BeginPIN(slot int, auth *memory.Buffer) (*PINChange, PINRequest, error) {
	keys, err := c.use()
	if err != nil {
		return nil, PINRequest{}, err
	}
	return keys.BeginPIN(slot, auth)
}
