package tpm

import (
	"errors"
	"fmt"

	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpm2/transport"
)

// readIndex is an NV index's public area, nil where it is not defined.
func readIndex(t transport.TPM, index tpm2.TPMHandle) (*tpm2.TPMSNVPublic, error) {
	rsp, err := tpm2.NVReadPublic{NVIndex: index}.Execute(t)
	if errors.Is(err, tpm2.TPMRCHandle) || errors.Is(err, tpm2.TPMRCValue) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("NV index %#x: %w", uint32(index), err)
	}
	public, err := rsp.NVPublic.Contents()
	if err != nil {
		return nil, fmt.Errorf("NV index %#x: %w", uint32(index), err)
	}
	return public, nil
}

// owner is the owner hierarchy's password, empty where it has none.
type owner []byte

// defineIndex defines an NV index with an authValue.
func defineIndex(t transport.TPM, public tpm2.TPMSNVPublic, auth []byte, o owner) error {
	return o.with(t, func(by tpm2.AuthHandle) error {
		_, err := tpm2.NVDefineSpace{
			AuthHandle: by,
			Auth:       tpm2.TPM2BAuth{Buffer: auth},
			PublicInfo: tpm2.New2B(public),
		}.Execute(t)
		return err
	})
}

// undefineIndex removes an NV index.
func undefineIndex(t transport.TPM, public tpm2.TPMSNVPublic, o owner) error {
	name, err := tpm2.NVName(&public)
	if err != nil {
		return fmt.Errorf("name of NV index %#x: %w", uint32(public.NVIndex), err)
	}
	return o.with(t, func(by tpm2.AuthHandle) error {
		_, err := tpm2.NVUndefineSpace{
			AuthHandle: by,
			NVIndex:    tpm2.NamedHandle{Handle: public.NVIndex, Name: *name},
		}.Execute(t)
		return err
	})
}

// with runs f with the owner's authorisation; ErrHierarchy if it has another
// password.
func (o owner) with(t transport.TPM, f func(tpm2.AuthHandle) error) error {
	return withPassword(t, o, func(s tpm2.Session) error {
		return f(tpm2.AuthHandle{Handle: tpm2.TPMRHOwner, Name: tpm2.HandleName(tpm2.TPMRHOwner), Auth: s})
	})
}

// withPassword is withHierarchy for one that has a password.
func withPassword(t transport.TPM, password []byte, f func(tpm2.Session) error) error {
	return withHierarchy(t, func(s tpm2.Session) error {
		if own, ok := s.(*session); ok {
			own.auth = password
		}
		return f(s)
	})
}
