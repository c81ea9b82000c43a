package tpm

import (
	"encoding/binary"
	"fmt"
	"sync/atomic"

	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpm2/transport"
)

// Operations counts commands by kind, failed ones too.
type Operations struct {
	KeyExchanges  uint64 // ECDH_ZGen: openings of claim keys
	Signatures    uint64 // Sign, Certify
	Activations   uint64 // ActivateCredential
	Creations     uint64 // Create, CreatePrimary
	Loads         uint64 // Load from a KeySet's blob; restored contexts are not
	Sessions      uint64 // StartAuthSession
	PINChecks     uint64 // PolicySecret: tries of a PIN, and hierarchies
	Verifications uint64 // VerifySignature, PolicySigned: central's leave
	NVWrites      uint64 // NV_Write, NV_Increment, and changes of an index itself
	Commands      uint64 // all of them
}

// Keys is the number of operations that IsKeyOperation picks.
func (o Operations) Keys() uint64 {
	return o.KeyExchanges + o.Signatures + o.Activations + o.Creations + o.NVWrites
}

// IsKeyOperation reports whether a command, as a transport sees it, uses one
// of the keys, makes one or writes to NV memory: what takes a real TPM long,
// for a transport that delays it. Loading and opening a session are not.
func IsKeyOperation(command []byte) bool {
	var one counter
	one.count(command)
	return one.operations().Keys() > 0
}

// counter is a transport that counts. Its numbers are atomic, the transport
// inside is not: Send is called with the device's lock held.
type counter struct {
	inner                                     transport.TPMCloser
	exchanges, signatures, activations, loads atomic.Uint64
	creations, sessions, nvWrites, commands   atomic.Uint64
	pinChecks, verifications                  atomic.Uint64
}

// Send implements transport.TPM.
func (c *counter) Send(command []byte) ([]byte, error) {
	c.count(command)
	response, err := c.inner.Send(command)
	if err == nil && len(response) == 0 {
		// So ends a transport's patience with TPM_RC_RETRY.
		return nil, fmt.Errorf("%w: no response", ErrBusy)
	}
	return response, err
}

func (c *counter) count(command []byte) {
	c.commands.Add(1)
	if len(command) < 10 {
		return
	}
	switch tpm2.TPMCC(binary.BigEndian.Uint32(command[6:10])) {
	case tpm2.TPMCCECDHZGen:
		c.exchanges.Add(1)
	case tpm2.TPMCCSign, tpm2.TPMCCCertify:
		c.signatures.Add(1)
	case tpm2.TPMCCActivateCredential:
		c.activations.Add(1)
	case tpm2.TPMCCCreate, tpm2.TPMCCCreatePrimary:
		c.creations.Add(1)
	case tpm2.TPMCCLoad:
		c.loads.Add(1)
	case tpm2.TPMCCStartAuthSession:
		c.sessions.Add(1)
	case tpm2.TPMCCPolicySecret:
		c.pinChecks.Add(1)
	case tpm2.TPMCCVerifySignature, tpm2.TPMCCPolicySigned:
		c.verifications.Add(1)
	case tpm2.TPMCCNVWrite, tpm2.TPMCCNVIncrement, tpm2.TPMCCNVChangeAuth,
		tpm2.TPMCCNVDefineSpace, tpm2.TPMCCNVUndefineSpace:
		c.nvWrites.Add(1)
	}
}

func (c *counter) operations() Operations {
	return Operations{
		KeyExchanges:  c.exchanges.Load(),
		Signatures:    c.signatures.Load(),
		Activations:   c.activations.Load(),
		Creations:     c.creations.Load(),
		Loads:         c.loads.Load(),
		Sessions:      c.sessions.Load(),
		NVWrites:      c.nvWrites.Load(),
		PINChecks:     c.pinChecks.Load(),
		Verifications: c.verifications.Load(),
		Commands:      c.commands.Load(),
	}
}
