package tpm

import (
	"bytes"
	"crypto/ecdsa"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"

	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpm2/transport"
)

// approval is central's of a slot, checked in software.
type approval struct {
	blob   []byte
	policy digest // what was approved
	// A signature for each of what it was approved for, with the ticket that
	// the TPM gave for it, nil before it was asked. It saves asking again.
	doc, own signed
}

type signed struct {
	signature []byte
	ticket    *tpm2.TPMTTKVerified
}

// remember checks central's approval of a slot in software, so that a bad one
// costs no try of the PIN, and keeps it; else ErrApproval.
func (k *Keys) remember(slot int, blob []byte) (*approval, error) {
	if known, ok := k.approvals[slot]; ok && bytes.Equal(known.blob, blob) {
		return known, nil
	}
	policy, err := slotPolicy(k.policy, k.kind, slot)
	if err != nil {
		return nil, err
	}
	a := &approval{blob: bytes.Clone(blob), policy: policy}
	var first asn1.RawValue
	if a.own.signature, err = asn1.Unmarshal(a.blob, &first); err != nil {
		return nil, fmt.Errorf("slot %d: %w: %w", slot, ErrApproval, err)
	}
	a.doc.signature = first.FullBytes
	if !ecdsa.VerifyASN1(k.policy, approvalDigest(policy, refDoc), a.doc.signature) ||
		!ecdsa.VerifyASN1(k.policy, approvalDigest(policy, refOwn(slot)), a.own.signature) {
		return nil, fmt.Errorf("slot %d: %w", slot, ErrApproval)
	}
	k.approvals[slot] = a
	return a, nil
}

// verify has the TPM check a signature of an approval, once.
func (k *Keys) verify(t transport.TPM, a *approval, s *signed, ref string) error {
	if s.ticket != nil {
		return nil
	}
	converted, err := tpmSignature(s.signature)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrApproval, err)
	}
	return k.withPolicyKey(t, func(key tpm2.NamedHandle) error {
		rsp, err := tpm2.VerifySignature{
			KeyHandle: key.Handle,
			Digest:    tpm2.TPM2BDigest{Buffer: approvalDigest(a.policy, ref)},
			Signature: converted,
		}.Execute(t)
		if err != nil {
			return fmt.Errorf("verify the approval: %w", err)
		}
		s.ticket = &rsp.Validation
		return nil
	})
}

// authorize turns a policy session that has reached the approved policy into
// one that whatever it was approved for takes.
func (k *Keys) authorize(t transport.TPM, policy *session, a *approval, s *signed, ref string) error {
	name, err := policyName(k.policy)
	if err != nil {
		return err
	}
	_, err = tpm2.PolicyAuthorize{
		PolicySession:  policy.handle,
		ApprovedPolicy: tpm2.TPM2BDigest{Buffer: a.policy[:]},
		PolicyRef:      tpm2.TPM2BDigest{Buffer: []byte(ref)},
		KeySign:        tpm2.TPM2BName{Buffer: name},
		CheckTicket:    *s.ticket,
	}.Execute(t)
	if err != nil {
		return fmt.Errorf("authorize: %w", err)
	}
	return nil
}

// withPolicyKey runs f with the policy key's public part loaded, to check
// signatures. In the owner's hierarchy, so that tickets outlast a restart.
func (k *Keys) withPolicyKey(t transport.TPM, f func(tpm2.NamedHandle) error) (err error) {
	area, err := policyArea(k.policy)
	if err != nil {
		return err
	}
	name, err := tpm2.ObjectName(&area)
	if err != nil {
		return fmt.Errorf("name of the policy key: %w", err)
	}
	rsp, err := tpm2.LoadExternal{InPublic: tpm2.New2B(area), Hierarchy: tpm2.TPMRHOwner}.Execute(t)
	if err != nil {
		return fmt.Errorf("load the policy key: %w", err)
	}
	defer flush(t, rsp.ObjectHandle, &err)
	return f(tpm2.NamedHandle{Handle: rsp.ObjectHandle, Name: *name})
}

// tpmSignature is an ASN.1 ECDSA signature on P-256 as a TPM takes it.
func tpmSignature(signature []byte) (tpm2.TPMTSignature, error) {
	var pair struct{ R, S *big.Int }
	rest, err := asn1.Unmarshal(signature, &pair)
	if err != nil {
		return tpm2.TPMTSignature{}, err
	}
	if len(rest) > 0 || pair.R.Sign() < 0 || pair.S.Sign() < 0 || pair.R.BitLen() > coordinate*8 || pair.S.BitLen() > coordinate*8 {
		return tpm2.TPMTSignature{}, errors.New("not an ECDSA signature on P-256")
	}
	return tpm2.TPMTSignature{
		SigAlg: tpm2.TPMAlgECDSA,
		Signature: tpm2.NewTPMUSignature(tpm2.TPMAlgECDSA, &tpm2.TPMSSignatureECC{
			Hash:       tpm2.TPMAlgSHA256,
			SignatureR: tpm2.TPM2BECCParameter{Buffer: pair.R.FillBytes(make([]byte, coordinate))},
			SignatureS: tpm2.TPM2BECCParameter{Buffer: pair.S.FillBytes(make([]byte, coordinate))},
		}),
	}, nil
}
