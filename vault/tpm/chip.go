package tpm

import (
	"crypto"
	"fmt"
	"io"
	"sync"
)

// Chip is a station's keys in its TPM, or what is known of them while that
// can't be used: a station without its TPM opens nothing, but it starts, says
// why, keeps its journal, and tries again at each use. It is safe for concurrent
// use.
type Chip struct {
	endpoint string
	set      KeySet
	tls, log crypto.Signer

	mu     sync.Mutex // guards what follows
	device *Device    // nil while there is none
	keys   *Keys      // nil while they can't be used
	fault  error      // why not, nil when they can
	closed bool
}

// OpenChip opens the TPM at an endpoint and loads a station's keys. The error
// is about the key set alone; see Fault for the TPM.
func OpenChip(endpoint string, set KeySet) (*Chip, error) {
	c := &Chip{endpoint: endpoint, set: set}
	policy, err := set.policy()
	if err != nil {
		return nil, fmt.Errorf("tpm: %w", err)
	}
	for role, key := range map[Role]*crypto.Signer{RoleTLS: &c.tls, RoleLog: &c.log} {
		public, _, err := CheckPublic(role, set.Keys[role].Public, policy)
		if err != nil {
			return nil, err
		}
		*key = &chipKey{chip: c, public: public, of: role}
	}
	_, _ = c.use() // what is wrong is kept as the fault
	return c, nil
}

// use returns the keys, loaded now if they could not be before.
func (c *Chip) use() (*Keys, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.keys != nil || c.closed {
		return c.keys, c.fault
	}
	if c.device == nil {
		c.device, c.fault = Open(c.endpoint)
	}
	if c.device != nil {
		c.keys, c.fault = c.device.Load(c.set)
	}
	return c.keys, c.fault
}

// Fault is why the keys could not be used the last time, nil when they can.
func (c *Chip) Fault() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.fault
}

// TLS is K_tls. Without the TPM it has its public key, and signs nothing.
func (c *Chip) TLS() crypto.Signer { return c.tls }

// Log is K_log. Without the TPM it has its public key, and signs nothing.
func (c *Chip) Log() crypto.Signer { return c.log }

// Close ends the use of the TPM.
func (c *Chip) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	device := c.device
	c.device, c.keys, c.fault, c.closed = nil, nil, ErrMissing, true
	if device == nil {
		return nil
	}
	return device.Close()
}

// chipKey is one of the keys that sign.
type chipKey struct {
	chip   *Chip
	public crypto.PublicKey
	of     Role
}

func (k *chipKey) Public() crypto.PublicKey { return k.public }

func (k *chipKey) Sign(random io.Reader, digest []byte, options crypto.SignerOpts) ([]byte, error) {
	keys, err := k.chip.use()
	if err != nil {
		return nil, err
	}
	if k.of == RoleTLS {
		return keys.TLS().Sign(random, digest, options)
	}
	return keys.Log().Sign(random, digest, options)
}
