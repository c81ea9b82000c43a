// Package eras binds the store's eras to the station's TPM: their counter is the
// TPM's, and their keys are sealed to its values.
package eras

import (
	"errors"
	"fmt"

	"espero-soft.com/printroom/vault/memory"
	"espero-soft.com/printroom/vault/store"
	"espero-soft.com/printroom/vault/tpm"
)

// TPM is what of a station's TPM the eras need: [*tpm.Chip], which may be absent
// for now, or [*tpm.Keys].
type TPM interface {
	Counter(tpm.CounterID) (uint64, error)
	Increment(tpm.CounterID) (uint64, error)
	SealAt(generation uint64, secret []byte) ([]byte, error)
	OpenSealed(sealed []byte) (*memory.Buffer, error)
}

// Of returns the eras of a TPM, for [store.Open].
func Of(chip TPM) store.Eras { return eras{chip} }

type eras struct{ TPM }

func (e eras) Counter() (uint64, error) { return e.TPM.Counter(tpm.CounterGeneration) }

func (e eras) Increment() (uint64, error) { return e.TPM.Increment(tpm.CounterGeneration) }

// OpenSealed says of what this TPM will never open that it is lost. The station's
// keys are of this TPM when it is asked: where the whole TPM is another one, the
// counter can't be read.
func (e eras) OpenSealed(sealed []byte) (*memory.Buffer, error) {
	key, err := e.TPM.OpenSealed(sealed)
	if errors.Is(err, tpm.ErrCleared) || errors.Is(err, tpm.ErrSealed) {
		return nil, fmt.Errorf("%w: %w", store.ErrEra, err)
	}
	return key, err
}
