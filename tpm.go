package main

import (
	"errors"

	"espero-soft.com/printroom/vault/memory"
	"espero-soft.com/printroom/vault/store"
	"espero-soft.com/printroom/vault/tpm"
)

// eras is the TPM as the store knows it. The store is opened before the TPM is,
// and asks it later.
type eras struct{ *room }

func (e eras) Counter() (uint64, error)   { return e.chip.Counter(tpm.CounterGeneration) }
func (e eras) Increment() (uint64, error) { return e.chip.Increment(tpm.CounterGeneration) }

func (e eras) SealAt(generation uint64, secret []byte) ([]byte, error) {
	return e.chip.SealAt(generation, secret)
}

func (e eras) OpenSealed(sealed []byte) (*memory.Buffer, error) {
	opened, err := e.chip.OpenSealed(sealed)
	if errors.Is(err, tpm.ErrCleared) {
		err = errors.Join(store.ErrEra, err)
	}
	return opened, err
}

// anchorage is the TPM as the journal knows it.
type anchorage struct{ chip *tpm.Chip }

func (a anchorage) Value() (uint64, error) { return a.chip.Counter(tpm.CounterJournal) }
func (a anchorage) Raise() (uint64, error) { return a.chip.Increment(tpm.CounterJournal) }
