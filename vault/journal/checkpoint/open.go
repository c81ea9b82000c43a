package checkpoint

import (
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// OpenStation reads a note that carries exactly one signature, that of the
// station whose verifier key is given, and whose origin is that key's name.
// Errors wrap ErrMalformed or ErrSignature.
func OpenStation(signed []byte, vkey string) (Checkpoint, error) {
	v, err := NewStationVerifier(vkey)
	if err != nil {
		return Checkpoint{}, err
	}
	return Open(signed, v)
}

// OpenCountersigned reads a note that carries exactly two signatures, the
// station's and then the witness's, and tells when the witness signed.
// Errors wrap ErrMalformed or ErrSignature.
func OpenCountersigned(signed []byte, stationVkey, witnessVkey string) (Checkpoint, time.Time, error) {
	s, err := NewStationVerifier(stationVkey)
	if err != nil {
		return Checkpoint{}, time.Time{}, err
	}
	w, err := NewWitnessVerifier(witnessVkey)
	if err != nil {
		return Checkpoint{}, time.Time{}, err
	}
	c, err := Open(signed, s, w)
	if err != nil {
		return Checkpoint{}, time.Time{}, err
	}
	at, _ := CosignedAt(c)
	return c, at, nil
}

// Open reads a note that carries exactly the signatures of the given keys, in
// that order, each valid; the first is the log's, and its name the origin.
// Errors wrap ErrMalformed or ErrSignature.
func Open(signed []byte, keys ...note.Verifier) (Checkpoint, error) {
	c, err := ParseCheckpoint(signed)
	if err != nil {
		return Checkpoint{}, err
	}
	if len(c.Signatures) != len(keys) {
		return Checkpoint{}, fmt.Errorf("%w: %d signatures instead of %d", ErrSignature, len(c.Signatures), len(keys))
	}
	for i, k := range keys {
		if s := c.Signatures[i]; s.Name != k.Name() || s.KeyID != k.KeyHash() {
			return Checkpoint{}, fmt.Errorf("%w: signature %d is of %s+%08x instead of %s+%08x",
				ErrSignature, i+1, s.Name, s.KeyID, k.Name(), k.KeyHash())
		}
	}
	if len(keys) == 0 || c.Origin != keys[0].Name() {
		return Checkpoint{}, fmt.Errorf("%w: %s is not the origin of the station's key", ErrSignature, c.Origin)
	}
	n, err := note.Open(signed, note.VerifierList(keys...))
	if err != nil {
		return Checkpoint{}, fmt.Errorf("%w: %w", ErrSignature, err)
	}
	if len(n.Sigs) != len(keys) || len(n.UnverifiedSigs) != 0 {
		return Checkpoint{}, fmt.Errorf("%w: %d of %d signatures verified", ErrSignature, len(n.Sigs), len(keys))
	}
	return c, nil
}

// CosignedAt is the time of the last signature of an opened checkpoint when
// that is a witness's; false when it is not.
func CosignedAt(c Checkpoint) (time.Time, bool) {
	if len(c.Signatures) < 2 {
		return time.Time{}, false
	}
	return cosignatureTime(c.Signatures[len(c.Signatures)-1].Bytes)
}
