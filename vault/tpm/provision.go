package tpm

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/rand"
	"fmt"

	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpm2/transport"
)

// Provision makes what a station needs of the owner's authorisation: the
// storage root where it is found again, the slots 0 to slots−1 under central's
// policy key, and the counters. An installer that runs with the system's rights
// does it where the people at work have no such authorisation, as on Windows;
// without it the station makes the same at its first need. It is idempotent and
// leaves what is right as it is, also a slot whose PIN is set; a slot under
// another policy key is replaced. Slots that it defines take no PIN until
// central lets one be set. Errors are ErrHierarchy where the owner's password
// is not known, ErrCounter and the device's.
func (d *Device) Provision(policy *ecdsa.PublicKey, slots int) error {
	if slots < 0 || slots > MaxSlots {
		return fmt.Errorf("tpm: provision: %d slots, of %d at most", slots, MaxSlots)
	}
	password, err := hierarchyPassword(tpm2.TPMRHOwner)
	if err != nil {
		return fmt.Errorf("tpm: provision: %w", err)
	}
	return d.sequence("provision", func(t transport.TPM) error {
		return owner(password).provision(t, policy, slots)
	})
}

func (o owner) provision(t transport.TPM, policy *ecdsa.PublicKey, slots int) error {
	kind, err := pinKind(t)
	if err != nil {
		return err
	}
	if err := o.provideRoot(t); err != nil {
		return err
	}
	for slot := range slots {
		want, err := slotIndex(policy, kind, slot)
		if err != nil {
			return err
		}
		if err := provideSlot(t, want, o); err != nil {
			return fmt.Errorf("slot %d: %w", slot, err)
		}
	}
	for _, id := range Counters() {
		if err := provideCounter(t, id, o); err != nil {
			return err
		}
	}
	return nil
}

// provideSlot defines a slot's index where there is none like it. Its PIN is
// one that nobody knows.
func provideSlot(t transport.TPM, want tpm2.TPMSNVPublic, o owner) error {
	have, err := readIndex(t, want.NVIndex)
	if err != nil {
		return err
	}
	if have != nil {
		alike := *have
		alike.Attributes.Written = false
		if bytes.Equal(tpm2.Marshal(alike), tpm2.Marshal(want)) {
			return nil
		}
		if err := undefineIndex(t, *have, o); err != nil {
			return err
		}
	}
	nobodys := make([]byte, AuthSize)
	if _, err := rand.Read(nobodys); err != nil {
		return err
	}
	return defineIndex(t, want, nobodys, o)
}

// provideRoot keeps the storage root in the TPM, so that no station needs the
// owner to make it again: at rootHandle, or where Windows has put a root of
// its own there, beside it.
func (o owner) provideRoot(t transport.TPM) (err error) {
	free := tpm2.TPMHandle(0)
	for _, handle := range rootHandles() {
		r, taken := rootAt(t, handle)
		if r != nil {
			return nil
		}
		if !taken && free == 0 {
			free = handle
		}
	}
	if free == 0 {
		return fmt.Errorf("%w: no place is left for the storage root", ErrHierarchy)
	}
	var made *tpm2.CreatePrimaryResponse
	err = o.with(t, func(by tpm2.AuthHandle) error {
		made, err = tpm2.CreatePrimary{PrimaryHandle: by, InPublic: tpm2.New2B(tpm2.ECCSRKTemplate)}.Execute(t)
		return err
	})
	if made != nil {
		defer flush(t, made.ObjectHandle, &err)
	}
	if err != nil {
		return fmt.Errorf("make the storage root: %w", err)
	}
	return o.with(t, func(by tpm2.AuthHandle) error {
		_, err := tpm2.EvictControl{
			Auth:             by,
			ObjectHandle:     tpm2.NamedHandle{Handle: made.ObjectHandle, Name: made.Name},
			PersistentHandle: free,
		}.Execute(t)
		if err != nil {
			return fmt.Errorf("keep the storage root: %w", err)
		}
		return nil
	})
}
