package tpm

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"github.com/google/go-tpm/tpm2"
)

// PINRequest is what a station asks central to sign so that a slot gets a new
// PIN. It tells nothing of the PIN.
type PINRequest struct {
	Slot  int         `json:"slot"`
	Auth  SignRequest `json:"auth"`  // TPM2_NV_ChangeAuth
	Write SignRequest `json:"write"` // TPM2_NV_Write of the count
}

// SignRequest is one command in one session of the station's TPM.
type SignRequest struct {
	Nonce  []byte `json:"nonce"`   // the session's nonceTPM, nonceSize bytes
	CpHash []byte `json:"cp_hash"` // SHA-256 of the command and its parameters
}

// grantTime is how long after the session's start the TPM takes a signature,
// in seconds: one that was kept back is of no use later.
const grantTime = 600

// ApprovePIN approves, for K_doc, the policy "whoever has this slot's PIN". It
// is central's part, pure software; the approval, ASN.1 ECDSA, is no secret
// and good for as long as K_doc is.
func ApprovePIN(key *ecdsa.PrivateKey, kind PINKind, slot int) (approval []byte, err error) {
	approved, err := slotPolicy(&key.PublicKey, kind, slot)
	if err != nil {
		return nil, fmt.Errorf("tpm: approve PIN: %w", err)
	}
	approval, err = ecdsa.SignASN1(rand.Reader, key, approvalDigest(approved))
	if err != nil {
		return nil, fmt.Errorf("tpm: approve PIN: %w", err)
	}
	return approval, nil
}

// slotPolicy is TPM2_PolicySecret of the slot's index, once written.
func slotPolicy(policy *ecdsa.PublicKey, kind PINKind, slot int) (digest, error) {
	public, err := slotIndex(policy, kind, slot)
	if err != nil {
		return digest{}, err
	}
	name, err := indexName(public, true)
	if err != nil {
		return digest{}, err
	}
	return digest{}.secret(name), nil
}

// approvalDigest is what the policy key signs for TPM2_PolicyAuthorize: the
// approved policy and its reference (TPM 2.0 part 3, 23.16).
func approvalDigest(approved digest) []byte {
	sum := sha256.Sum256(append(approved[:], refDoc...))
	return sum[:]
}

// SignPIN signs a station's request, after central has seen the person's PIN
// code. It is pure software. The write must be that of an unused count to this
// slot's index, written or not; else ErrPINRequest. What the first command
// sets cannot be seen, nor need it be: it is of one slot. The signatures,
// ASN.1 ECDSA, serve in the request's two sessions alone.
func SignPIN(key *ecdsa.PrivateKey, kind PINKind, r PINRequest) (authSignature, writeSignature []byte, err error) {
	fail := func(err error) ([]byte, []byte, error) { return nil, nil, fmt.Errorf("tpm: sign PIN: %w", err) }
	public, err := slotIndex(&key.PublicKey, kind, r.Slot)
	if err != nil {
		return fail(fmt.Errorf("%w: %w", ErrPINRequest, err))
	}
	if err := r.check(public); err != nil {
		return fail(err)
	}
	if authSignature, err = ecdsa.SignASN1(rand.Reader, key, r.Auth.digest(refAuth(r.Slot))); err != nil {
		return fail(err)
	}
	if writeSignature, err = ecdsa.SignASN1(rand.Reader, key, r.Write.digest(refWrite)); err != nil {
		return fail(err)
	}
	return authSignature, writeSignature, nil
}

// check wants the request's write to be the one that BeginPIN asks for.
func (r PINRequest) check(public tpm2.TPMSNVPublic) error {
	for _, s := range []SignRequest{r.Auth, r.Write} {
		if len(s.Nonce) != nonceSize || len(s.CpHash) != sha256.Size {
			return fmt.Errorf("%w: %d and %d bytes", ErrPINRequest, len(s.Nonce), len(s.CpHash))
		}
	}
	for _, written := range []bool{false, true} {
		name, err := indexName(public, written)
		if err != nil {
			return err
		}
		if bytes.Equal(r.Write.CpHash, writeHash(name)) {
			return nil
		}
	}
	return fmt.Errorf("%w: another write", ErrPINRequest)
}

// digest is what the policy key signs for TPM2_PolicySigned (part 3, 23.3).
func (s SignRequest) digest(ref string) []byte {
	h := sha256.New()
	h.Write(s.Nonce)
	h.Write(binary.BigEndian.AppendUint32(nil, grantTime))
	h.Write(s.CpHash)
	h.Write([]byte(ref))
	return h.Sum(nil)
}

// cpHash is a command's hash: its code, the names of its handles, its
// parameters as they are sent (part 1, 16.7).
func cpHash(code tpm2.TPMCC, names []Name, parameters []byte) []byte {
	h := sha256.New()
	h.Write(binary.BigEndian.AppendUint32(nil, uint32(code)))
	for _, name := range names {
		h.Write(name)
	}
	h.Write(parameters)
	return h.Sum(nil)
}

// writeHash is the cpHash of TPM2_NV_Write of slotData, whole, to the index of
// this name, which authorises it itself.
func writeHash(name Name) []byte {
	data := slotData()
	parameters := binary.BigEndian.AppendUint16(nil, uint16(len(data)))
	parameters = append(parameters, data...)
	parameters = binary.BigEndian.AppendUint16(parameters, 0) // offset
	return cpHash(tpm2.TPMCCNVWrite, []Name{name, name}, parameters)
}
