package tpm

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/google/go-tpm/tpm2"
)

// sealedSecret is what SealAt makes, read back.
type sealedSecret struct {
	generation uint64
	template   tpm2.TPMTPublic
	name       tpm2.TPM2BName
	private    tpm2.TPM2BPrivate
}

// parseSealed reads a sealed secret and wants its public area to be the one of
// its generation; else ErrSealed.
func parseSealed(sealed []byte) (*sealedSecret, error) {
	if len(sealed) < sealedHeader || len(sealed) > maxSealedBlob || sealed[0] != sealedVersion {
		return nil, fmt.Errorf("%w: %d bytes", ErrSealed, len(sealed))
	}
	s := &sealedSecret{generation: binary.BigEndian.Uint64(sealed[1:])}
	public, rest, ok := readSized(sealed[sealedHeader:])
	if !ok {
		return nil, fmt.Errorf("%w: no public area", ErrSealed)
	}
	private, rest, ok := readSized(rest)
	if !ok || len(rest) > 0 || len(private) == 0 {
		return nil, fmt.Errorf("%w: no private area", ErrSealed)
	}
	s.private = tpm2.TPM2BPrivate{Buffer: private}
	area, err := tpm2.Unmarshal[tpm2.TPMTPublic](public)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSealed, err)
	}
	s.template = *area
	if err := s.check(public); err != nil {
		return nil, err
	}
	name, err := tpm2.ObjectName(area)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSealed, err)
	}
	s.name = *name
	return s, nil
}

// check wants the public area to be the generation's template in everything
// but the object itself, and in its one encoding.
func (s *sealedSecret) check(encoded []byte) error {
	want, err := sealedTemplate(s.generation)
	if err != nil {
		return err
	}
	if s.template.Type != want.Type || string(tpm2.Marshal(s.template)) != string(encoded) {
		return fmt.Errorf("%w: not in its one encoding", ErrSealed)
	}
	alike := s.template
	alike.Unique = want.Unique
	if string(tpm2.Marshal(alike)) != string(tpm2.Marshal(want)) {
		return fmt.Errorf("%w: not of generation %d", ErrSealed, s.generation)
	}
	return nil
}

// notOfThisTPM gives the refusal of a blob that another storage root made its
// name.
func notOfThisTPM(err error) error {
	if errors.Is(err, tpm2.TPMRCIntegrity) || errors.Is(err, tpm2.TPMRCSensitive) || errors.Is(err, tpm2.TPMRCBinding) {
		return fmt.Errorf("%w: %w", ErrCleared, err)
	}
	return err
}
