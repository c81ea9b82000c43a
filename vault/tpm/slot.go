package tpm

import (
	"crypto/ecdsa"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpm2/transport"
)

// PINKind is how a TPM counts wrong PINs.
type PINKind string

const (
	// KindPINFail: each slot counts for itself, in an NV index of type
	// PIN_FAIL (TPM 2.0 revision 1.38), and takes PINLimit wrong ones.
	KindPINFail PINKind = "pin_fail"
	// KindLockout: the TPM has one count for all, its protection against
	// dictionary attacks. It ends by itself after a wait, and who has the
	// lockout's password, or finds it empty, ends it at once.
	KindLockout PINKind = "lockout"
)

const (
	// MaxSlots is how many people a station takes: slots 0 to MaxSlots−1.
	MaxSlots = 32
	// PINLimit is how many wrong PINs in a row block a slot.
	PINLimit = 5
)

// Where the slots' indexes are, among those an owner defines (TCG Registry of
// Reserved TPM 2.0 Handles and Localities, 2.2.2).
const firstSlot tpm2.TPMHandle = 0x018B2400

// slotSize is the size of a PIN_FAIL index: pinCount and pinLimit, two 32-bit
// numbers (TPM 2.0 part 2, 13.3).
const slotSize = 8

func (k PINKind) check() error {
	if k != KindPINFail && k != KindLockout {
		return fmt.Errorf("no such kind of PIN: %.20q", string(k))
	}
	return nil
}

// PINKind asks the TPM for its revision.
func (d *Device) PINKind() (kind PINKind, err error) {
	err = d.sequence("kind of PIN", func(t transport.TPM) error {
		kind, err = pinKind(t)
		return err
	})
	return kind, err
}

func pinKind(t transport.TPM) (PINKind, error) {
	const firstWithPINFail = 138
	values, err := properties(t, tpm2.TPMPTRevision, 1)
	if err != nil {
		return "", err
	}
	revision, ok := values[tpm2.TPMPTRevision]
	if !ok {
		return "", errors.New("the TPM tells no revision")
	}
	if revision < firstWithPINFail {
		return KindLockout, nil
	}
	return KindPINFail, nil
}

// branches are the ways in which a slot's index can be changed, each under
// TPM2_PolicyOR. The third is TPM2_PolicySecret of the index itself, which can't
// stand there by name, as the policy is in the name; so central approves it,
// once for all. TPM2_PolicyAuthValue would need no approval, but minds no
// limit: the TPM counts the wrong tries there and takes the right one after
// any number of them (seen on swtpm 0.7).
type branches struct {
	write digest // the count, with central's leave
	auth  digest // the PIN, with central's leave
	own   digest // the PIN, by who knows it
}

func slotBranches(policy Name, slot int) branches {
	return branches{
		write: digest{}.commandCode(tpm2.TPMCCNVWrite).signed(policy, refWrite),
		auth:  digest{}.commandCode(tpm2.TPMCCNVChangeAuth).signed(policy, refAuth(slot)),
		own:   authorize(policy, refOwn(slot)).commandCode(tpm2.TPMCCNVChangeAuth),
	}
}

// list is what TPM2_PolicyOR is given.
func (b branches) list() []digest { return []digest{b.write, b.auth, b.own} }

// slotIndex is a slot's index as it is defined: no owner and no PIN writes it,
// so that who removes it and defines it again has one that is not written,
// which has another name.
func slotIndex(policy *ecdsa.PublicKey, kind PINKind, slot int) (tpm2.TPMSNVPublic, error) {
	if slot < 0 || slot >= MaxSlots {
		return tpm2.TPMSNVPublic{}, fmt.Errorf("%w: slot %d", ErrPIN, slot)
	}
	if err := kind.check(); err != nil {
		return tpm2.TPMSNVPublic{}, err
	}
	name, err := policyName(policy)
	if err != nil {
		return tpm2.TPMSNVPublic{}, err
	}
	authPolicy := or(slotBranches(name, slot).list()...)
	public := tpm2.TPMSNVPublic{
		NVIndex:    firstSlot + tpm2.TPMHandle(slot),
		NameAlg:    tpm2.TPMAlgSHA256,
		Attributes: tpm2.TPMANV{PolicyWrite: true, AuthRead: true, OwnerRead: true, NT: tpm2.TPMNTOrdinary},
		AuthPolicy: tpm2.TPM2BDigest{Buffer: authPolicy[:]},
		DataSize:   slotSize,
	}
	if kind == KindPINFail {
		public.Attributes.NT, public.Attributes.NoDA = tpm2.TPMNTPinFail, true
	}
	return public, nil
}

// indexName is the index's name, written or not yet.
func indexName(public tpm2.TPMSNVPublic, written bool) (Name, error) {
	public.Attributes.Written = written
	name, err := tpm2.NVName(&public)
	if err != nil {
		return nil, fmt.Errorf("name of an index: %w", err)
	}
	return name.Buffer, nil
}

// slotData is what central lets write: no wrong PIN yet, PINLimit allowed.
func slotData() []byte {
	return binary.BigEndian.AppendUint32(make([]byte, 4), PINLimit)
}
