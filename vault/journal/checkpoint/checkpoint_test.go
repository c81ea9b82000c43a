package checkpoint

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/asn1"
	"errors"
	"math/big"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
)

const origin = "bjet24.example/room/station-1"

// Published keys and notes of two logs that sign with type 0x02.
const (
	rekorKey = "rekor.sigstore.dev+c0d23d6a+AjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABNhtmPtrWm3U1eQXBogSMdGvXwBcK5AW5i0hrZLOC96l+smGNM7nwZ4QvFK/4sueRoVj//QP22Ni4Qt9DPfkWLc="
	pixelKey = "pixel6_transparency_log+91c16e30+AjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABN+4x0Jk1yTwvLFI9A4NDdGZcX0aiWVdWM5XJVy0M4VWD3AvyW5Q6Hs9A0mcDkpUoYgn+KKPNzFC0H3nN3q6JQ8="
	pixelTxt = "DEFAULT\n10\nbsWRucJU5xJPHb5eBdOm6+DM+VelCZBuvtI3sHERJ9Y=\n"
	pixelSig = "— pixel6_transparency_log kcFuMDBFAiEAhqMAP8P6qf6QxtUJhzMhbN+MbZ9dwfUHzGQJmffJHtoCIGD0cNe47dHWBoPwYdgBCepB06/+g5O1FmYjXl06owL4\n"
	// A witness's published key of type 0x04.
	remoraKey = "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2"
)

type parties struct {
	station *StationSigner
	witness *Cosigner
	key     *ecdsa.PrivateKey
}

func newParties(t testing.TB) parties {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewStationSigner(origin, key)
	if err != nil {
		t.Fatal(err)
	}
	_, priv, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	w, err := NewCosigner("central.example/witness", priv)
	if err != nil {
		t.Fatal(err)
	}
	return parties{s, w, key}
}

func (p parties) signed(t testing.TB, size int64) []byte {
	t.Helper()
	n, err := p.station.Checkpoint(size, sha256.Sum256([]byte{byte(size)}))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func (p parties) sealed(t testing.TB, size int64) []byte {
	t.Helper()
	n, err := p.witness.Cosign(p.signed(t, size), time.Unix(1_763_838_000, 0))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestPublishedKeysAndNote(t *testing.T) {
	for _, k := range []string{rekorKey, pixelKey} {
		if _, err := NewStationVerifier(k); err != nil {
			t.Errorf("%s: %v", k, err)
		}
	}
	v, err := NewStationVerifier(pixelKey)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := note.Open([]byte(pixelTxt+"\n"+pixelSig), note.VerifierList(v)); err != nil {
		t.Errorf("published note: %v", err)
	}
	if _, err := NewWitnessVerifier(remoraKey); err != nil {
		t.Errorf("published witness key: %v", err)
	}
}

func TestSignAndOpen(t *testing.T) {
	p := newParties(t)
	for size := range int64(20) { // ECDSA: half of the raw signatures have a high s
		n := p.signed(t, size)
		c, err := OpenStation(n, p.station.Vkey())
		if err != nil || c.Size != size || c.Origin != origin {
			t.Fatalf("OpenStation: %+v, %v", c, err)
		}
		at := time.Unix(1_763_838_000+size, 0)
		full, err := p.witness.Cosign(n, at)
		if err != nil {
			t.Fatal(err)
		}
		got, when, err := OpenCountersigned(full, p.station.Vkey(), p.witness.Vkey())
		if err != nil || got.Size != size || !when.Equal(at) {
			t.Fatalf("OpenCountersigned: %+v at %v, %v", got, when, err)
		}
		if _, err := OpenStation(full, p.station.Vkey()); !errors.Is(err, ErrSignature) {
			t.Errorf("a countersigned note passed as the station's alone: %v", err)
		}
		if _, _, err := OpenCountersigned(n, p.station.Vkey(), p.witness.Vkey()); !errors.Is(err, ErrSignature) {
			t.Errorf("a note without a witness passed: %v", err)
		}
	}
}

func TestEveryByteOfANoteCounts(t *testing.T) {
	p := newParties(t)
	good := p.sealed(t, 7)
	open := func(n []byte) error {
		_, _, err := OpenCountersigned(n, p.station.Vkey(), p.witness.Vkey())
		return err
	}
	if err := open(good); err != nil {
		t.Fatal(err)
	}
	for i := range good {
		for bit := range 8 {
			bad := bytes.Clone(good)
			bad[i] ^= 1 << bit
			if open(bad) == nil {
				t.Fatalf("byte %d, bit %d: accepted %q", i, bit, bad)
			}
		}
		if open(good[:i]) == nil {
			t.Fatalf("cut at %d: accepted", i)
		}
		if open(append(append(bytes.Clone(good[:i]), good[i]), good[i:]...)) == nil {
			t.Fatalf("byte %d doubled: accepted", i)
		}
	}
}

func TestOpenRefusesOtherSigners(t *testing.T) {
	p, q := newParties(t), newParties(t)
	n := p.sealed(t, 3)
	if _, _, err := OpenCountersigned(n, q.station.Vkey(), p.witness.Vkey()); !errors.Is(err, ErrSignature) {
		t.Errorf("another station's key: %v", err)
	}
	if _, _, err := OpenCountersigned(n, p.station.Vkey(), q.witness.Vkey()); !errors.Is(err, ErrSignature) {
		t.Errorf("another witness's key: %v", err)
	}
	c, err := ParseCheckpoint(n)
	if err != nil {
		t.Fatal(err)
	}
	c.Signatures[0], c.Signatures[1] = c.Signatures[1], c.Signatures[0]
	if _, _, err := OpenCountersigned(c.Note(), p.station.Vkey(), p.witness.Vkey()); !errors.Is(err, ErrSignature) {
		t.Errorf("signatures swapped: %v", err)
	}
	c.Signatures[0], c.Signatures[1] = c.Signatures[1], c.Signatures[0]
	c.Signatures = append(c.Signatures, c.Signatures[1])
	if _, _, err := OpenCountersigned(c.Note(), p.station.Vkey(), p.witness.Vkey()); !errors.Is(err, ErrSignature) {
		t.Errorf("a third signature: %v", err)
	}
	if _, err := p.witness.Cosign(n, time.Now()); !errors.Is(err, ErrSignature) {
		t.Errorf("cosigned twice: %v", err)
	}
}

func TestHighSIsRefused(t *testing.T) {
	p := newParties(t)
	c, err := ParseCheckpoint(p.signed(t, 3))
	if err != nil {
		t.Fatal(err)
	}
	r, s, err := splitP256(c.Signatures[0].Bytes)
	if err != nil {
		t.Fatal(err)
	}
	s = new(big.Int).Sub(elliptic.P256().Params().N, s)
	if c.Signatures[0].Bytes, err = asn1.Marshal(ecdsaSignature{r, s}); err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256([]byte(c.Text()))
	if !ecdsa.VerifyASN1(&p.key.PublicKey, digest[:], c.Signatures[0].Bytes) {
		t.Fatal("the twin signature should verify as plain ECDSA")
	}
	if _, err := OpenStation(c.Note(), p.station.Vkey()); !errors.Is(err, ErrSignature) {
		t.Errorf("the twin of a signature was accepted: %v", err)
	}
}

func TestParseRefuses(t *testing.T) {
	good := string(newParties(t).signed(t, 12))
	for name, edit := range map[string]func(string) string{
		"extension line":   func(s string) string { return strings.Replace(s, "\n\n", "\nmore\n\n", 1) },
		"leading zero":     func(s string) string { return strings.Replace(s, "\n12\n", "\n012\n", 1) },
		"plus sign":        func(s string) string { return strings.Replace(s, "\n12\n", "\n+12\n", 1) },
		"negative":         func(s string) string { return strings.Replace(s, "\n12\n", "\n-12\n", 1) },
		"unsafe size":      func(s string) string { return strings.Replace(s, "\n12\n", "\n9007199254740992\n", 1) },
		"CRLF":             func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") },
		"BOM":              func(s string) string { return "\ufeff" + s },
		"no final newline": func(s string) string { return strings.TrimSuffix(s, "\n") },
		"two newlines":     func(s string) string { return s + "\n" },
		"no signature":     func(s string) string { t, _, _ := strings.Cut(s, "\n\n"); return t + "\n\n" },
		"hyphen":           func(s string) string { return strings.Replace(s, "— ", "- ", 1) },
		"origin with plus": func(s string) string { return "a+b" + s },
		"origin empty":     func(s string) string { return s[strings.Index(s, "\n"):] },
		"too long":         func(s string) string { return s + strings.Repeat("— a AAAAAAA=\n", 500) },
	} {
		if _, err := ParseCheckpoint([]byte(edit(good))); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestVkeysAreStrict(t *testing.T) {
	p := newParties(t)
	if _, err := NewStationVerifier(p.witness.Vkey()); !errors.Is(err, ErrMalformed) {
		t.Errorf("a witness key as a station's: %v", err)
	}
	if _, err := NewWitnessVerifier(p.station.Vkey()); !errors.Is(err, ErrMalformed) {
		t.Errorf("a station key as a witness's: %v", err)
	}
	for _, v := range []struct {
		key  string
		read func(string) (note.Verifier, error)
	}{{p.station.Vkey(), NewStationVerifier}, {p.witness.Vkey(), NewWitnessVerifier}} {
		id := strings.Index(v.key, "+")
		for i := range v.key {
			bad := []byte(v.key)
			bad[i] ^= 1
			// Type 0x02 does not bind the name to the key; 0x04 does.
			got, err := v.read(string(bad))
			if err == nil && (i >= id || got.Name() == v.key[:id] || v.key == p.witness.Vkey()) {
				t.Errorf("byte %d of %s changed: accepted", i, v.key)
			}
		}
	}
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := NewStationSigner(origin, p384); !errors.Is(err, ErrMalformed) {
		t.Errorf("a P-384 key: %v", err)
	}
	if _, err := NewStationSigner("https://x y", p.key); !errors.Is(err, ErrMalformed) {
		t.Errorf("a bad name: %v", err)
	}
}

func FuzzParseCheckpoint(f *testing.F) {
	f.Add(newParties(f).sealed(f, 5))
	f.Add([]byte(pixelTxt + "\n" + pixelSig))
	f.Add([]byte("a\n0\n\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if c, err := ParseCheckpoint(b); err == nil && !bytes.Equal(c.Note(), b) {
			t.Errorf("read %q, wrote %q", b, c.Note())
		}
	})
}

func FuzzVkey(f *testing.F) {
	for _, s := range []string{rekorKey, pixelKey, remoraKey, "a+00000000+Ag=="} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if v, err := NewStationVerifier(s); err == nil && !strings.HasPrefix(s, v.Name()+"+") {
			t.Errorf("%q has the name %q", s, v.Name())
		}
		if v, err := NewWitnessVerifier(s); err == nil && !strings.HasPrefix(s, v.Name()+"+") {
			t.Errorf("%q has the name %q", s, v.Name())
		}
	})
}
