package tpm

import (
	"fmt"

	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpm2/transport"

	"espero-soft.com/printroom/vault/memory"
)

// ChangePIN replaces a slot's PIN by who knows it, without central. The slot's
// approval is the one that CheckPIN or Doc was last given, ErrApproval if none
// was. A wrong PIN counts as with CheckPIN; the errors are the same.
func (k *Keys) ChangePIN(slot int, before, after *memory.Buffer) error {
	return k.device.sequence("change PIN", func(t transport.TPM) error {
		a, ok := k.approvals[slot]
		if !ok {
			return fmt.Errorf("slot %d: %w", slot, ErrApproval)
		}
		return withAuth(before, func(known []byte) error {
			return withAuth(after, func(auth []byte) error {
				return k.retry(t, func() error {
					if err := k.verify(t, a, &a.own, refOwn(slot)); err != nil {
						return err
					}
					return k.changePIN(t, slot, a, known, auth)
				})
			})
		})
	})
}

// changePIN takes the branch of the index's policy for who knows the PIN. One
// salted session proves that and then carries the new one.
func (k *Keys) changePIN(t transport.TPM, slot int, a *approval, known, auth []byte) error {
	index, err := k.slot(slot)
	if err != nil {
		return err
	}
	return withSession(t, k.root, encryptIn, func(s *session) error {
		return withPolicy(t, func(policy *session) error {
			if err := k.prove(t, slot, known, s, policy); err != nil {
				return err
			}
			if err := k.authorize(t, policy, a, &a.own, refOwn(slot)); err != nil {
				return err
			}
			if err := limit(t, policy, tpm2.TPMCCNVChangeAuth); err != nil {
				return err
			}
			if err := k.branch(t, policy, slot); err != nil {
				return err
			}
			sealed, err := sealAuth(s, auth)
			if err != nil {
				return err
			}
			return nvChangeAuth(t, index, sealed, policy, s)
		})
	})
}

// sealAuth is the TPM2B_AUTH of an authValue, encrypted for the session's next
// command, whose nonce is settled by that.
func sealAuth(s *session, auth []byte) ([]byte, error) {
	if err := s.choose(); err != nil {
		return nil, err
	}
	sealed := sized(auth)
	if err := s.Encrypt(sealed[2:]); err != nil {
		memory.Wipe(sealed)
		return nil, err
	}
	return sealed, nil
}

// limit has a policy session take one command only.
func limit(t transport.TPM, s *session, code tpm2.TPMCC) error {
	if _, err := (tpm2.PolicyCommandCode{PolicySession: s.handle, Code: code}).Execute(t); err != nil {
		return fmt.Errorf("policy: %w", err)
	}
	return nil
}

// branch ends a slot's policy: one of its branches was reached.
func (k *Keys) branch(t transport.TPM, s *session, slot int) error {
	name, err := policyName(k.policy)
	if err != nil {
		return err
	}
	var list tpm2.TPMLDigest
	for _, b := range slotBranches(name, slot).list() {
		list.Digests = append(list.Digests, tpm2.TPM2BDigest{Buffer: b[:]})
	}
	if _, err := (tpm2.PolicyOr{PolicySession: s.handle, PHashList: list}).Execute(t); err != nil {
		return fmt.Errorf("policy: %w", err)
	}
	return nil
}
