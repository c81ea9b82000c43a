package tpm

import "espero-soft.com/printroom/vault/memory"

// Counter is Keys.Counter, or why the TPM can't be used.
func (c *Chip) Counter(id CounterID) (uint64, error) {
	keys, err := c.use()
	if err != nil {
		return 0, err
	}
	return keys.Counter(id)
}

// Increment is Keys.Increment, or why the TPM can't be used.
func (c *Chip) Increment(id CounterID) (uint64, error) {
	keys, err := c.use()
	if err != nil {
		return 0, err
	}
	return keys.Increment(id)
}

// SealAt is Keys.SealAt, or why the TPM can't be used.
func (c *Chip) SealAt(generation uint64, secret []byte) ([]byte, error) {
	keys, err := c.use()
	if err != nil {
		return nil, err
	}
	return keys.SealAt(generation, secret)
}

// OpenSealed is Keys.OpenSealed, or why the TPM can't be used.
func (c *Chip) OpenSealed(sealed []byte) (*memory.Buffer, error) {
	keys, err := c.use()
	if err != nil {
		return nil, err
	}
	return keys.OpenSealed(sealed)
}
