package main

import (
	"espero-soft.com/printroom/vault/memory"
	"espero-soft.com/printroom/vault/tpm"
)

// laterChip is the room's TPM for the store, which is opened before it and asks
// it later.
type laterChip struct{ *room }

func (l laterChip) Counter(id tpm.CounterID) (uint64, error)   { return l.chip.Counter(id) }
func (l laterChip) Increment(id tpm.CounterID) (uint64, error) { return l.chip.Increment(id) }

func (l laterChip) SealAt(generation uint64, secret []byte) ([]byte, error) {
	return l.chip.SealAt(generation, secret)
}

func (l laterChip) OpenSealed(sealed []byte) (*memory.Buffer, error) {
	return l.chip.OpenSealed(sealed)
}

// anchorage is the TPM as the journal knows it.
type anchorage struct{ chip *tpm.Chip }

func (a anchorage) Value() (uint64, error) { return a.chip.Counter(tpm.CounterJournal) }
func (a anchorage) Raise() (uint64, error) { return a.chip.Increment(tpm.CounterJournal) }
