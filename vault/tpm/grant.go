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

// ApprovePIN approves the policy "whoever has this slot's PIN", for K_doc and
// for changing that PIN. It is central's part, pure software. The approval, two
// ASN.1 ECDSA signatures one after the other, is no secret and good for as
// long as K_doc is.
func ApprovePIN(key *ecdsa.PrivateKey, kind PINKind, slot int) (approval []byte, err error) {
	approved, err := slotPolicy(&key.PublicKey, kind, slot)
	if err != nil {
		return nil, fmt.Errorf("tpm: approve PIN: %w", err)
	}
	for _, ref := range []string{refDoc, refOwn(slot)} {
		signature, err := ecdsa.SignASN1(rand.Reader, key, approvalDigest(approved, ref))
		if err != nil {
			return nil, fmt.Errorf("tpm: approve PIN: %w", err)
		}
		approval = append(approval, signature...)
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
func approvalDigest(approved digest, ref string) []byte {
	sum := sha256.Sum256(append(approved[:], ref...))
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

// writeHash is the cpHash of TPM2_NV_Write of slotData, whole, to the index of
// this name, which authorises it itself.
func writeHash(name Name) []byte {
	const offset = 0
	parameters := binary.BigEndian.AppendUint16(sized(slotData()), offset)
	return cpHash(tpm2.TPMCCNVWrite, []Name{name, name}, parameters)
}
