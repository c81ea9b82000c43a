package verify

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"espero-soft.com/printroom/vault/journal/checkpoint"
)

// MaxKeys bounds a key file's length in bytes.
const MaxKeys = 1024

// Keys are who must have signed.
type Keys struct {
	Station note.Verifier // the log's key; its name is the log's origin
	Witness note.Verifier // central's
}

// ParseKeys reads a key file: two lines, the station's verifier key and then
// the witness's.
func ParseKeys(file []byte) (Keys, error) {
	if len(file) > MaxKeys {
		return Keys{}, fmt.Errorf("key file longer than %d bytes", MaxKeys)
	}
	lines := strings.Split(string(file), "\n")
	if len(lines) != 3 || lines[2] != "" {
		return Keys{}, errors.New("key file: expected two lines, the station's key and the witness's")
	}
	station, err := checkpoint.NewStationVerifier(lines[0])
	if err != nil {
		return Keys{}, fmt.Errorf("key file, line 1: %w", err)
	}
	witness, err := checkpoint.NewWitnessVerifier(lines[1])
	if err != nil {
		return Keys{}, fmt.Errorf("key file, line 2: %w", err)
	}
	return Keys{Station: station, Witness: witness}, nil
}
