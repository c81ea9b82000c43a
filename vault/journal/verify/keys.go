package verify

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"espero-soft.com/printroom/vault/journal/checkpoint"
)

// MaxKeys bounds a key file's length in bytes.
const MaxKeys = 4096

// Keys are who must have signed.
type Keys struct {
	Station   note.Verifier   // the log's key; its name is the log's origin
	Witnesses []note.Verifier // central's: one, or several around a change of it; one that signed suffices
}

// Open reads a countersigned checkpoint, as checkpoint.OpenWitnessed does.
func (k Keys) Open(signed []byte) (checkpoint.Checkpoint, error) {
	return checkpoint.OpenWitnessed(signed, k.Station, k.Witnesses)
}

// with are both keys, of one log: the station's must be the same, and each of
// the witness's counts.
func (k Keys) with(other Keys) (Keys, error) {
	if k.Station == nil {
		return other, nil
	}
	if k.Station.KeyHash() != other.Station.KeyHash() {
		return Keys{}, fmt.Errorf("verify: two different keys are given for the log %s", k.Station.Name())
	}
	both := Keys{Station: k.Station, Witnesses: slices.Clone(k.Witnesses)}
	for _, w := range other.Witnesses {
		same := func(o note.Verifier) bool { return o.Name() == w.Name() && o.KeyHash() == w.KeyHash() }
		if !slices.ContainsFunc(both.Witnesses, same) {
			both.Witnesses = append(both.Witnesses, w)
		}
	}
	return both, nil
}

// ParseKeys reads a key file: the station's verifier key, and then a line for
// each key of the witness, checkpoint.MaxWitnesses at most.
func ParseKeys(file []byte) (Keys, error) {
	if len(file) > MaxKeys {
		return Keys{}, fmt.Errorf("key file longer than %d bytes", MaxKeys)
	}
	lines := strings.Split(string(file), "\n")
	last := len(lines) - 1
	if last < 2 || last > 1+checkpoint.MaxWitnesses || lines[last] != "" {
		return Keys{}, errors.New("key file: expected lines with the station's key and then the witness's")
	}
	station, err := checkpoint.NewStationVerifier(lines[0])
	if err != nil {
		return Keys{}, fmt.Errorf("key file, line 1: %w", err)
	}
	k := Keys{Station: station}
	for i, line := range lines[1:last] {
		witness, err := checkpoint.NewWitnessVerifier(line)
		if err != nil {
			return Keys{}, fmt.Errorf("key file, line %d: %w", i+2, err)
		}
		k.Witnesses = append(k.Witnesses, witness)
	}
	return k, nil
}
