package tpm

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpm2/transport"
)

// CounterID is one of a station's counters in the TPM's NV memory. They only
// go up: also one that is undefined and defined again starts above every value
// that any counter of this TPM ever had (TPM 2.0 part 1, 37.2.2).
type CounterID int

const (
	// CounterGeneration tells the store's eras apart; see SealAt.
	CounterGeneration CounterID = iota
	// CounterJournal shows a journal that was put back to an earlier state.
	CounterJournal
)

// counterBase is CounterGeneration's NV index; the others follow.
const counterBase tpm2.TPMHandle = 0x018B2480

// ErrCounter: the NV index of a counter holds something that is not ours.
var ErrCounter = errors.New("the NV index of a counter is taken")

// Counters lists all counters in order.
func Counters() [2]CounterID { return [2]CounterID{CounterGeneration, CounterJournal} }

// String names what the counter counts.
func (id CounterID) String() string {
	switch id {
	case CounterGeneration:
		return "generation counter"
	case CounterJournal:
		return "journal counter"
	}
	return fmt.Sprintf("CounterID(%d)", int(id))
}

// public is the index as it is defined: a plain counter, not an orderly one,
// which a power cut would throw forward. Whoever may speak to the TPM may read
// and raise it, as its authValue is empty; nobody can set it back.
func (id CounterID) public() tpm2.TPMSNVPublic {
	return tpm2.TPMSNVPublic{
		NVIndex: counterBase + tpm2.TPMHandle(id),
		NameAlg: tpm2.TPMAlgSHA256,
		Attributes: tpm2.TPMANV{
			NT:       tpm2.TPMNTCounter,
			AuthRead: true, AuthWrite: true, OwnerRead: true, NoDA: true,
		},
		DataSize: 8,
	}
}

// written is the index with its name once it was incremented. A policy names
// it so, and so does each command that reads it: nothing that the TPM says of
// the index is taken over.
func (id CounterID) written() (tpm2.NamedHandle, error) {
	public := id.public()
	public.Attributes.Written = true
	name, err := tpm2.NVName(&public)
	if err != nil {
		return tpm2.NamedHandle{}, fmt.Errorf("name of the %v: %w", id, err)
	}
	return tpm2.NamedHandle{Handle: public.NVIndex, Name: *name}, nil
}

// Counter is a counter's value. A counter that is not there yet is defined,
// which takes the owner's authorisation (ErrHierarchy where that has a
// password; Provision does it beforehand), and incremented once. ErrCounter:
// something else lies there.
func (k *Keys) Counter(id CounterID) (value uint64, err error) {
	err = k.device.sequence("read the "+id.String(), func(t transport.TPM) error {
		if err := provideCounter(t, id, nil); err != nil {
			return err
		}
		value, err = k.readCounter(t, id)
		return err
	})
	return value, err
}

// Increment raises a counter by one and returns its new value. It is defined
// where it is missing, as for Counter. When an error comes back, the counter
// may have been raised or not.
func (k *Keys) Increment(id CounterID) (value uint64, err error) {
	err = k.device.sequence("raise the "+id.String(), func(t transport.TPM) error {
		if err := provideCounter(t, id, nil); err != nil {
			return err
		}
		index, err := id.written()
		if err != nil {
			return err
		}
		err = k.salted(t, encryptNothing, func(s *session) error {
			auth := tpm2.AuthHandle{Handle: index.Handle, Name: index.Name, Auth: s}
			_, err := tpm2.NVIncrement{AuthHandle: auth, NVIndex: index}.Execute(t)
			return err
		})
		if err != nil {
			return err
		}
		value, err = k.readCounter(t, id)
		return err
	})
	return value, err
}

// readCounter reads a counter that is there, over a session that an
// interposer on the bus can't answer in.
func (k *Keys) readCounter(t transport.TPM, id CounterID) (value uint64, err error) {
	index, err := id.written()
	if err != nil {
		return 0, err
	}
	err = k.salted(t, encryptInOut, func(s *session) error {
		s.attributes.Decrypt = false // what NV_Read is told can't be encrypted
		auth := tpm2.AuthHandle{Handle: index.Handle, Name: index.Name, Auth: s}
		rsp, err := tpm2.NVRead{AuthHandle: auth, NVIndex: index, Size: 8}.Execute(t)
		if err != nil {
			return err
		}
		if len(rsp.Data.Buffer) != 8 {
			return fmt.Errorf("%w: %d bytes", ErrCounter, len(rsp.Data.Buffer))
		}
		value = binary.BigEndian.Uint64(rsp.Data.Buffer)
		return nil
	})
	return value, err
}

// salted runs f with a session as withSession's, and once more where the
// storage root had to be found again.
func (k *Keys) salted(t transport.TPM, dir direction, f func(*session) error) error {
	return counterError(k.retry(t, func() error { return withSession(t, k.root, dir, f) }))
}

// counterError: what refuses the empty authValue, or is another index than its
// name says, is not ours.
func counterError(err error) error {
	if errors.Is(err, tpm2.TPMRCBadAuth) || errors.Is(err, tpm2.TPMRCAuthFail) {
		return fmt.Errorf("%w: %w", ErrCounter, err)
	}
	return err
}

// provideCounter defines a counter where it is missing and increments it where
// that was never done: before, it has no value and another name.
func provideCounter(t transport.TPM, id CounterID, o owner) error {
	if id != CounterGeneration && id != CounterJournal {
		return fmt.Errorf("%w: no such counter", ErrCounter)
	}
	want := id.public()
	have, err := readIndex(t, want.NVIndex)
	if err != nil {
		return err
	}
	if have == nil {
		if err := defineIndex(t, want, nil, o); err != nil {
			return fmt.Errorf("define the %v: %w", id, err)
		}
		have = &want
	}
	written := have.Attributes.Written
	alike := *have
	alike.Attributes.Written = false
	if string(tpm2.Marshal(alike)) != string(tpm2.Marshal(want)) {
		return fmt.Errorf("%w: %#x", ErrCounter, uint32(want.NVIndex))
	}
	if written {
		return nil
	}
	name, err := tpm2.NVName(have)
	if err != nil {
		return fmt.Errorf("name of the %v: %w", id, err)
	}
	_, err = tpm2.NVIncrement{
		AuthHandle: tpm2.AuthHandle{Handle: want.NVIndex, Name: *name, Auth: tpm2.PasswordAuth(nil)},
		NVIndex:    tpm2.NamedHandle{Handle: want.NVIndex, Name: *name},
	}.Execute(t)
	if err != nil {
		return fmt.Errorf("begin the %v: %w", id, counterError(err))
	}
	return nil
}
