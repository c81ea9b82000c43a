package journal

import (
	"bytes"
	"testing"
	"time"

	"espero-soft.com/printroom/vault/journal/checkpoint"
)

// FuzzCosigned holds the quick reading of a note's time against the whole one.
func FuzzCosigned(f *testing.F) {
	r := newRoom(f)
	signer, err := checkpoint.NewStationSigner(origin, r.key)
	if err != nil {
		f.Fatal(err)
	}
	note, err := signer.Checkpoint(3, checkpoint.LeafHash(nil))
	if err != nil {
		f.Fatal(err)
	}
	both, err := checkpoint.Cosign(note, inMonth(3, 4), r.witness, newWitness(f, "b.example/w"))
	if err != nil {
		f.Fatal(err)
	}
	for _, b := range [][]byte{note, both, both[:len(both)-40], bytes.ReplaceAll(both, []byte("\n"), nil), nil, []byte("\n\na\n b\n")} {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		at, err := cosigned(b)
		c, perr := checkpoint.ParseCheckpoint(b)
		if perr != nil {
			return
		}
		var latest time.Time
		for _, s := range c.Signatures[1:] {
			one := checkpoint.Checkpoint{Signatures: []checkpoint.Signature{s}}
			if when, ok := checkpoint.CosignedAt(one); ok && when.After(latest) {
				latest = when
			}
		}
		if err == nil && at.Before(latest) {
			t.Errorf("%v instead of %v", at, latest)
		}
	})
}
