package tpm

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/google/go-tpm/tpm2"
)

// What central signs with the policy key ends in one of these, so that no
// signature serves for another purpose.
const (
	refDoc   = "printroom K_doc v1"
	refWrite = "printroom pin write"
)

// refAuth is of one slot: its PIN may be set, once.
func refAuth(slot int) string { return fmt.Sprintf("printroom pin auth %d", slot) }

// refOwn is of one slot: who has its PIN may change it.
func refOwn(slot int) string { return fmt.Sprintf("printroom pin own %d", slot) }

// digest is a policyDigest in the making: zero, then extended by each command
// (TPM 2.0 part 1, 19.7). It is computed here, in software, and only compared
// with the TPM's.
type digest [sha256.Size]byte

// extend is policyDigest := SHA-256(policyDigest ‖ code ‖ parts).
func (d digest) extend(code tpm2.TPMCC, parts ...[]byte) digest {
	h := sha256.New()
	h.Write(d[:])
	h.Write(binary.BigEndian.AppendUint32(nil, uint32(code)))
	for _, part := range parts {
		h.Write(part)
	}
	return digest(h.Sum(nil))
}

// update is PolicyUpdate() of part 3, 23.2.3: extend, then once more by the
// reference.
func (d digest) update(code tpm2.TPMCC, name []byte, ref string) digest {
	d = d.extend(code, name)
	return sha256.Sum256(append(d[:], ref...))
}

// commandCode is TPM2_PolicyCommandCode.
func (d digest) commandCode(code tpm2.TPMCC) digest {
	return d.extend(tpm2.TPMCCPolicyCommandCode, binary.BigEndian.AppendUint32(nil, uint32(code)))
}

// signed is TPM2_PolicySigned by the key of this name.
func (d digest) signed(name Name, ref string) digest {
	return d.update(tpm2.TPMCCPolicySigned, name, ref)
}

// secret is TPM2_PolicySecret of the entity of this name, without reference.
func (d digest) secret(name Name) digest { return d.update(tpm2.TPMCCPolicySecret, name, "") }

// or is TPM2_PolicyOR of these digests, whichever was reached.
func or(branches ...digest) digest {
	var all []byte
	for _, b := range branches {
		all = append(all, b[:]...)
	}
	return digest{}.extend(tpm2.TPMCCPolicyOR, all)
}

// authorize is TPM2_PolicyAuthorize: whatever the key of this name approved.
func authorize(name Name, ref string) digest {
	return digest{}.update(tpm2.TPMCCPolicyAuthorize, name, ref)
}

// docPolicy is K_doc's: what central's policy key approves for K_doc.
func docPolicy(policy *ecdsa.PublicKey) ([]byte, error) {
	name, err := policyName(policy)
	if err != nil {
		return nil, err
	}
	d := authorize(name, refDoc)
	return d[:], nil
}

// policyArea is the public area under which the policy key, a key in software,
// is loaded to check a signature; its name stands in every policy.
func policyArea(policy *ecdsa.PublicKey) (tpm2.TPMTPublic, error) {
	if policy == nil || policy.Curve != elliptic.P256() {
		return tpm2.TPMTPublic{}, errors.New("the policy key is not on P-256")
	}
	point, err := policy.Bytes() // 4, X, Y
	if err != nil {
		return tpm2.TPMTPublic{}, fmt.Errorf("policy key: %w", err)
	}
	return tpm2.TPMTPublic{
		Type:             tpm2.TPMAlgECC,
		NameAlg:          tpm2.TPMAlgSHA256,
		ObjectAttributes: tpm2.TPMAObject{SignEncrypt: true, UserWithAuth: true},
		Parameters: tpm2.NewTPMUPublicParms(tpm2.TPMAlgECC, &tpm2.TPMSECCParms{
			CurveID: tpm2.TPMECCNistP256,
			Scheme:  ecdsaScheme(),
		}),
		Unique: tpm2.NewTPMUPublicID(tpm2.TPMAlgECC, &tpm2.TPMSECCPoint{
			X: tpm2.TPM2BECCParameter{Buffer: point[1 : 1+coordinate]},
			Y: tpm2.TPM2BECCParameter{Buffer: point[1+coordinate:]},
		}),
	}, nil
}

// policyName is the policy key's name.
func policyName(policy *ecdsa.PublicKey) (Name, error) {
	area, err := policyArea(policy)
	if err != nil {
		return nil, err
	}
	name, err := tpm2.ObjectName(&area)
	if err != nil {
		return nil, fmt.Errorf("name of the policy key: %w", err)
	}
	return name.Buffer, nil
}
