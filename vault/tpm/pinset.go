package tpm

import (
	"bytes"
	"crypto/ecdsa"
	"fmt"

	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpm2/transport"

	"espero-soft.com/printroom/vault/memory"
)

// PINChange is a PIN being set: its first, or one in place of a forgotten or
// blocked one. Central is asked between BeginPIN and Finish; meanwhile nothing
// is locked and nothing loaded, the TPM only remembers three saved sessions.
type PINChange struct {
	keys    *Keys
	index   tpm2.NamedHandle
	request PINRequest
	sealed  []byte // TPM2B_AUTH, encrypted by cover

	// Guarded by the device's lock. auth and write are policy sessions, one a
	// command; cover encrypts the new authorisation value.
	auth, write, cover *parked
	over               bool
}

// BeginPIN starts setting a slot's PIN. It defines the slot's index where it
// is missing or not ours, which takes the owner's empty password (else
// ErrHierarchy), and starts the sessions that the request is about. auth is
// not kept. End the change by Finish or Abort.
func (k *Keys) BeginPIN(slot int, auth *memory.Buffer) (*PINChange, PINRequest, error) {
	c := &PINChange{keys: k}
	err := k.device.sequence("begin PIN", func(t transport.TPM) error {
		return withAuth(auth, func(auth []byte) error {
			return k.retry(t, func() error {
				err := c.begin(t, slot, auth)
				if err != nil {
					c.end(t)
				}
				return err
			})
		})
	})
	if err != nil {
		return nil, PINRequest{}, err
	}
	return c, c.request.clone(), nil
}

func (c *PINChange) begin(t transport.TPM, slot int, auth []byte) (err error) {
	c.over = false
	want, err := slotIndex(c.keys.policy, c.keys.kind, slot)
	if err != nil {
		return err
	}
	if err := provideSlot(t, want, nil); err != nil {
		return fmt.Errorf("define slot %d: %w", slot, err)
	}
	if _, c.index, err = c.keys.findSlot(t, slot); err != nil {
		return err
	}
	if c.auth, err = park(t, tpm2.TPMSEPolicy, nil, encryptNothing); err != nil {
		return err
	}
	if c.write, err = park(t, tpm2.TPMSEPolicy, nil, encryptNothing); err != nil {
		return err
	}
	if c.cover, err = park(t, tpm2.TPMSEHMAC, c.keys.root, encryptIn); err != nil {
		return err
	}
	if c.sealed, err = sealAuth(c.cover.session, auth); err != nil {
		return err
	}
	name := Name(c.index.Name.Buffer)
	c.request = PINRequest{
		Slot:  slot,
		Auth:  SignRequest{c.auth.session.nonceTPM, cpHash(tpm2.TPMCCNVChangeAuth, []Name{name}, c.sealed)},
		Write: SignRequest{c.write.session.nonceTPM, writeHash(name)},
	}
	return nil
}

// Finish sets the PIN with central's two signatures, and its count to none
// wrong. ErrPINRequest: they are not central's for this request, or the TPM
// has forgotten its sessions (it was restarted, the index was changed, or
// grantTime is over); begin again then. Finish ends the change in any case. If
// it fails between its two commands, the slot has the new PIN, but stays
// blocked or unset as it was.
func (c *PINChange) Finish(authSignature, writeSignature []byte) error {
	k := c.keys
	return k.device.sequence("finish PIN", func(t transport.TPM) error {
		if c.over {
			return fmt.Errorf("%w: it is over", ErrPINRequest)
		}
		defer c.end(t)
		slot := c.request.Slot
		for _, s := range []struct {
			of        SignRequest
			ref       string
			signature []byte
		}{{c.request.Auth, refAuth(slot), authSignature}, {c.request.Write, refWrite, writeSignature}} {
			if !ecdsa.VerifyASN1(k.policy, s.of.digest(s.ref), s.signature) {
				return fmt.Errorf("%w: not central's signature", ErrPINRequest)
			}
		}
		if err := c.changeAuth(t, authSignature); err != nil {
			return requestError(fmt.Errorf("set the PIN: %w", err))
		}
		if err := c.resetCount(t, writeSignature); err != nil {
			return requestError(fmt.Errorf("set the count: %w", err))
		}
		return nil
	})
}

// changeAuth gives the index the new authorisation value.
func (c *PINChange) changeAuth(t transport.TPM, signature []byte) error {
	policy, err := c.permit(t, c.auth, tpm2.TPMCCNVChangeAuth, c.request.Auth, refAuth(c.request.Slot), signature)
	if err != nil {
		return err
	}
	cover, err := c.cover.resume(t)
	if err != nil {
		return err
	}
	return nvChangeAuth(t, c.index, c.sealed, policy, cover)
}

// resetCount writes the index: from then on it has the approved name.
func (c *PINChange) resetCount(t transport.TPM, signature []byte) error {
	policy, err := c.permit(t, c.write, tpm2.TPMCCNVWrite, c.request.Write, refWrite, signature)
	if err != nil {
		return err
	}
	_, err = tpm2.NVWrite{
		AuthHandle: tpm2.AuthHandle{Handle: c.index.Handle, Name: c.index.Name, Auth: policy},
		NVIndex:    c.index,
		Data:       tpm2.TPM2BMaxNVBuffer{Buffer: slotData()},
	}.Execute(t)
	return err
}

// permit resumes a policy session and takes it along the branch that central's
// signature opens, for one command with these parameters.
func (c *PINChange) permit(t transport.TPM, p *parked, code tpm2.TPMCC, r SignRequest, ref string, signature []byte) (*session, error) {
	s, err := p.resume(t)
	if err != nil {
		return nil, err
	}
	if err := limit(t, s, code); err != nil {
		return nil, err
	}
	converted, err := tpmSignature(signature)
	if err != nil {
		return nil, err
	}
	err = c.keys.withPolicyKey(t, func(key tpm2.NamedHandle) error {
		_, err := tpm2.PolicySigned{
			AuthObject:    key,
			PolicySession: s.handle,
			NonceTPM:      tpm2.TPM2BNonce{Buffer: r.Nonce},
			CPHashA:       tpm2.TPM2BDigest{Buffer: r.CpHash},
			PolicyRef:     tpm2.TPM2BNonce{Buffer: []byte(ref)},
			Expiration:    grantTime,
			Auth:          converted,
		}.Execute(t)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("central's leave: %w", err)
	}
	return s, c.keys.branch(t, s, c.request.Slot)
}

// Abort gives up. It is safe after Finish, and leaves no session.
func (c *PINChange) Abort() {
	// Without its TPM there is no session either.
	_ = c.keys.device.sequence("abort PIN", func(t transport.TPM) error {
		c.end(t)
		return nil
	})
}

// end ends the sessions that there are.
func (c *PINChange) end(t transport.TPM) {
	for _, p := range []*parked{c.auth, c.write, c.cover} {
		if p != nil {
			p.end(t)
		}
	}
	c.auth, c.write, c.cover, c.over = nil, nil, nil, true
}

func (r PINRequest) clone() PINRequest {
	for _, b := range []*[]byte{&r.Auth.Nonce, &r.Auth.CpHash, &r.Write.Nonce, &r.Write.CpHash} {
		*b = bytes.Clone(*b)
	}
	return r
}
