package checkpoint

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"slices"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
)

func newCosigner(t testing.TB, name string) *Cosigner {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	w, err := NewCosigner(name, key)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// While a witness changes its key it signs with both: who has either verifies.
func TestSeveralKeysOfAWitness(t *testing.T) {
	p := newParties(t)
	next := newCosigner(t, p.witness.Name())
	at := time.Unix(1_763_838_000, 0)
	n, err := Cosign(p.signed(t, 7), at, p.witness, next)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		keys   []string
		signed int
	}{
		"the old one":   {[]string{p.witness.Vkey()}, 2},
		"the new one":   {[]string{next.Vkey()}, 2},
		"both":          {[]string{p.witness.Vkey(), next.Vkey()}, 3},
		"both, swapped": {[]string{next.Vkey(), p.witness.Vkey()}, 3},
	} {
		got, when, err := OpenCountersigned(n, p.station.Vkey(), c.keys...)
		if err != nil || got.Size != 7 || !when.Equal(at) || len(got.Signatures) != c.signed {
			t.Errorf("%s: %+v at %v, %v", name, got, when, err)
		}
	}
	// Another reader of signed notes takes them too.
	var list []note.Verifier
	for _, read := range []func() (note.Verifier, error){
		func() (note.Verifier, error) { return NewStationVerifier(p.station.Vkey()) },
		func() (note.Verifier, error) { return NewWitnessVerifier(next.Vkey()) },
	} {
		v, err := read()
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, v)
	}
	if plain, err := note.Open(n, note.VerifierList(list...)); err != nil || len(plain.Sigs) != 2 || len(plain.UnverifiedSigs) != 1 {
		t.Errorf("as a plain signed note: %+v, %v", plain, err)
	}
}

func TestSeveralKeysEveryByteCounts(t *testing.T) {
	p := newParties(t)
	next := newCosigner(t, p.witness.Name())
	good, err := Cosign(p.signed(t, 7), time.Unix(1_763_838_000, 0), p.witness, next)
	if err != nil {
		t.Fatal(err)
	}
	// Under both keys a change can only turn a signature into one of a key that nobody knows.
	for i := range good {
		for bit := range 8 {
			bad := bytes.Clone(good)
			bad[i] ^= 1 << bit
			c, _, err := OpenCountersigned(bad, p.station.Vkey(), p.witness.Vkey(), next.Vkey())
			if err == nil && len(c.Signatures) == 3 {
				t.Fatalf("byte %d, bit %d: all signatures verify on %q", i, bit, bad)
			}
			if err == nil && (c.Size != 7 || c.Text() != string(good[:len(c.Text())])) {
				t.Fatalf("byte %d, bit %d: another statement %+v", i, bit, c)
			}
		}
	}
}

func TestWitnessSignaturesRefused(t *testing.T) {
	p := newParties(t)
	next, stranger := newCosigner(t, p.witness.Name()), newCosigner(t, "elsewhere.example/witness")
	both, err := Cosign(p.signed(t, 7), time.Unix(1_763_838_000, 0), p.witness, next)
	if err != nil {
		t.Fatal(err)
	}
	foreign, err := Cosign(p.signed(t, 7), time.Unix(1_763_838_000, 0), p.witness, stranger)
	if err != nil {
		t.Fatal(err)
	}
	edit := func(change func(*Checkpoint)) []byte {
		c, err := ParseCheckpoint(both)
		if err != nil {
			t.Fatal(err)
		}
		change(&c)
		return c.Note()
	}
	keys := []string{p.witness.Vkey(), next.Vkey()}
	for name, c := range map[string]struct {
		note []byte
		keys []string
	}{
		"neither key":                {both, []string{newCosigner(t, p.witness.Name()).Vkey()}},
		"no key":                     {both, nil},
		"another's name":             {foreign, keys},
		"one twice":                  {edit(func(c *Checkpoint) { c.Signatures = append(c.Signatures, c.Signatures[1]) }), keys},
		"the station's last":         {edit(func(c *Checkpoint) { slices.Reverse(c.Signatures) }), keys},
		"a bad one beside a good":    {edit(func(c *Checkpoint) { c.Signatures[2].Bytes[20] ^= 1 }), keys},
		"an unknown one of no shape": {edit(func(c *Checkpoint) { c.Signatures[2].Bytes = []byte{1} }), keys[:1]},
	} {
		if _, _, err := OpenCountersigned(c.note, p.station.Vkey(), c.keys...); !errors.Is(err, ErrSignature) {
			t.Errorf("%s: %v", name, err)
		}
	}
	many := make([]*Cosigner, MaxWitnesses+1)
	for i := range many {
		many[i] = newCosigner(t, p.witness.Name())
	}
	if _, err := Cosign(p.signed(t, 7), time.Now(), many...); !errors.Is(err, ErrMalformed) {
		t.Errorf("too many keys sign: %v", err)
	}
	if _, err := Cosign(p.signed(t, 7), time.Now()); !errors.Is(err, ErrMalformed) {
		t.Errorf("nobody signs: %v", err)
	}
}
