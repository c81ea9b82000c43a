package tpm

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpm2/transport"
)

// PINState is what a slot's index tells.
type PINState struct {
	Defined bool // there is an index
	Ours    bool // it is as BeginPIN defines it
	Written bool // central let it be written: a PIN is set
	// Failures is how many wrong PINs were given in a row, of Limit; −1 and 0
	// where that can't be read, or where the TPM does not count by slot.
	Failures, Limit int
}

// err is why a slot in this state has no PIN.
func (s PINState) err() error {
	switch {
	case !s.Defined:
		return ErrPINUnset
	case !s.Ours:
		return ErrPINForeign
	case !s.Written:
		return ErrPINUnset
	}
	return nil
}

// PINState reads what a slot's index tells. It takes no PIN.
func (k *Keys) PINState(slot int) (state PINState, err error) {
	err = k.device.sequence("PIN state", func(t transport.TPM) error {
		var index tpm2.NamedHandle
		if state, index, err = k.findSlot(t, slot); err != nil {
			return err
		}
		if state.Ours && state.Written && k.kind == KindPINFail {
			return state.count(t, index)
		}
		return nil
	})
	return state, err
}

// findSlot looks at the index's public area. Its name is computed here.
func (k *Keys) findSlot(t transport.TPM, slot int) (PINState, tpm2.NamedHandle, error) {
	state := PINState{Failures: -1}
	expected, err := slotIndex(k.policy, k.kind, slot)
	if err != nil {
		return state, tpm2.NamedHandle{}, err
	}
	public, err := readIndex(t, expected.NVIndex)
	if err != nil || public == nil {
		return state, tpm2.NamedHandle{}, err
	}
	state.Defined, state.Written = true, public.Attributes.Written
	expected.Attributes.Written = state.Written
	state.Ours = bytes.Equal(tpm2.Marshal(*public), tpm2.Marshal(expected))
	name, err := tpm2.NVName(public)
	if err != nil {
		return state, tpm2.NamedHandle{}, fmt.Errorf("slot %d: %w", slot, err)
	}
	return state, tpm2.NamedHandle{Handle: public.NVIndex, Name: *name}, nil
}

// count reads pinCount and pinLimit as the owner, whose password may not be
// known: then they stay unknown.
func (s *PINState) count(t transport.TPM, index tpm2.NamedHandle) error {
	var data []byte
	err := withHierarchy(t, func(auth tpm2.Session) (err error) {
		owner := tpm2.AuthHandle{Handle: tpm2.TPMRHOwner, Name: tpm2.HandleName(tpm2.TPMRHOwner), Auth: auth}
		data, err = readChunks(t, owner, index, slotSize)
		return err
	})
	switch {
	case err == nil:
		s.Failures, s.Limit = int(binary.BigEndian.Uint32(data)), int(binary.BigEndian.Uint32(data[4:]))
	case !errors.Is(err, ErrHierarchy):
		return fmt.Errorf("read the count: %w", err)
	}
	return nil
}

// slot is the slot's index by its approved name: ours, and written.
func (k *Keys) slot(slot int) (tpm2.NamedHandle, error) {
	public, err := slotIndex(k.policy, k.kind, slot)
	if err != nil {
		return tpm2.NamedHandle{}, err
	}
	name, err := indexName(public, true)
	if err != nil {
		return tpm2.NamedHandle{}, err
	}
	return tpm2.NamedHandle{Handle: public.NVIndex, Name: tpm2.TPM2BName{Buffer: name}}, nil
}

// slotError gives the refusal of a PIN its meaning. Only then is the index
// looked at: while all goes well that is a command saved. A session that was
// salted to another key than the storage root proves nothing, so its refusal
// has no meaning; the next try is made with the root found again.
func (k *Keys) slotError(t transport.TPM, slot int, err error) error {
	var code tpm2.TPMRC
	if !errors.As(err, &code) || code.IsWarning() {
		return err
	}
	var meaning error
	switch {
	case errors.Is(err, tpm2.TPMRCBadAuth), errors.Is(err, tpm2.TPMRCAuthFail):
		if !k.root.remains(t) {
			return err
		}
		meaning = ErrWrongPIN
	case errors.Is(err, tpm2.TPMRCAuthUnavailable):
		meaning = ErrPINBlocked
	}
	state, _, findErr := k.findSlot(t, slot)
	if findErr == nil && state.err() != nil {
		meaning = state.err()
	}
	if meaning != nil {
		err = fmt.Errorf("slot %d: %w: %w", slot, meaning, err)
	}
	if findErr != nil {
		err = errors.Join(err, findErr)
	}
	return err
}
