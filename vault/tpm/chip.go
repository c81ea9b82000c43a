package tpm

import (
	"crypto"
	"crypto/ecdh"
	"io"

	"espero-soft.com/printroom/vault/memory"
)

// Chip is a station's keys in its TPM, or what is known of them while that
// can't be used: a station without its TPM opens nothing, but it starts, says
// why, and keeps its journal.
type Chip struct {
	device   *Device // nil while there is none
	keys     *Keys   // nil while they can't be used
	fault    error   // why not, nil when they can
	tls, log crypto.Signer
}

// OpenChip opens the TPM at an endpoint and loads a station's keys. The error
// is about the key set alone; see Fault for the TPM.
func OpenChip(endpoint string, set KeySet) (*Chip, error) {
	c := new(Chip)
	if c.device, c.fault = Open(endpoint); c.fault == nil {
		c.keys, c.fault = c.device.Load(set)
	}
	if c.fault == nil {
		c.tls, c.log = c.keys.TLS(), c.keys.Log()
		return c, nil
	}
	for role, key := range map[Role]*crypto.Signer{RoleTLS: &c.tls, RoleLog: &c.log} {
		public, _, err := CheckPublic(role, set.Keys[role].Public)
		if err != nil {
			return nil, err
		}
		*key = absent{public, c.fault}
	}
	return c, nil
}

// Fault is why the keys can't be used, nil when they can.
func (c *Chip) Fault() error { return c.fault }

// TLS is K_tls. Without the TPM it has its public key, and signs nothing.
func (c *Chip) TLS() crypto.Signer { return c.tls }

// Log is K_log. Without the TPM it has its public key, and signs nothing.
func (c *Chip) Log() crypto.Signer { return c.log }

// Doc is K_doc under a PIN, or Fault.
func (c *Chip) Doc(pin *memory.Buffer) (ecdh.KeyExchanger, error) {
	if c.fault != nil {
		return nil, c.fault
	}
	return c.keys.Doc(pin), nil
}

// Close ends the use of the TPM.
func (c *Chip) Close() error {
	if c.device == nil {
		return nil
	}
	return c.device.Close()
}

// absent is a key whose TPM can't be used.
type absent struct {
	public crypto.PublicKey
	why    error
}

func (a absent) Public() crypto.PublicKey { return a.public }

func (a absent) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) { return nil, a.why }
