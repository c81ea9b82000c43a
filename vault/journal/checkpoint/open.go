package checkpoint

import (
	"fmt"
	"slices"
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

// OpenCountersigned reads a note that carries the station's signature and then
// those of its witness, and tells when the witness signed: see OpenWitnessed.
func OpenCountersigned(signed []byte, stationVkey string, witnessVkeys ...string) (Checkpoint, time.Time, error) {
	s, err := NewStationVerifier(stationVkey)
	if err != nil {
		return Checkpoint{}, time.Time{}, err
	}
	var witnesses []note.Verifier
	for _, vkey := range witnessVkeys {
		w, err := NewWitnessVerifier(vkey)
		if err != nil {
			return Checkpoint{}, time.Time{}, err
		}
		witnesses = append(witnesses, w)
	}
	c, err := OpenWitnessed(signed, s, witnesses)
	if err != nil {
		return Checkpoint{}, time.Time{}, err
	}
	at, _ := CosignedAt(c)
	return c, at, nil
}

// OpenWitnessed reads a note that carries the station's signature first, whose
// name is the origin, and then one to MaxWitnesses signatures of its witness,
// which signs with several keys while it changes them. At least one must be of a
// given key; each that is of a given key must verify; one of another key is let
// through only under a given key's name, and counts for nothing. The checkpoint
// that is returned has the signatures that were verified, and no others. Errors
// wrap ErrMalformed or ErrSignature.
func OpenWitnessed(signed []byte, station note.Verifier, witnesses []note.Verifier) (Checkpoint, error) {
	c, err := ParseCheckpoint(signed)
	if err != nil {
		return Checkpoint{}, err
	}
	if len(c.Signatures) < 2 || len(c.Signatures) > 1+MaxWitnesses {
		return Checkpoint{}, fmt.Errorf("%w: %d signatures", ErrSignature, len(c.Signatures))
	}
	verified, keys, err := known(c.Signatures[1:], witnesses)
	if err != nil {
		return Checkpoint{}, err
	}
	c.Signatures = append(c.Signatures[:1:1], verified...)
	return Open(c.Note(), append([]note.Verifier{station}, keys...)...)
}

// known picks the signatures of the given keys and refuses what no witness of
// these names would have made.
func known(all []Signature, witnesses []note.Verifier) (some []Signature, keys []note.Verifier, err error) {
	for i, s := range all {
		same := func(o Signature) bool { return o.Name == s.Name && o.KeyID == s.KeyID }
		if slices.ContainsFunc(all[:i], same) {
			return nil, nil, fmt.Errorf("%w: two of %s+%08x", ErrSignature, s.Name, s.KeyID)
		}
		named := func(w note.Verifier) bool { return w.Name() == s.Name }
		if _, ok := cosignatureTime(s.Bytes); !ok || !slices.ContainsFunc(witnesses, named) {
			return nil, nil, fmt.Errorf("%w: signature %d, of %s, is no witness's", ErrSignature, i+2, s.Name)
		}
		for _, w := range witnesses {
			if w.Name() == s.Name && w.KeyHash() == s.KeyID {
				some, keys = append(some, s), append(keys, w)
				break
			}
		}
	}
	if len(some) == 0 {
		return nil, nil, fmt.Errorf("%w: none is of a witness's key that is known", ErrSignature)
	}
	return some, keys, nil
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
