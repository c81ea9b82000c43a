package second_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"fmt"
	"slices"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"espero-soft.com/printroom/vault/journal/checkpoint"
	"espero-soft.com/printroom/vault/journal/verify"
)

const origin = "bjet24.example/room/station-1"

// scribe writes a log the way a station does, with keys made from a seed.
type scribe struct {
	station   *checkpoint.StationSigner
	witnesses []*checkpoint.Cosigner
	entries   [][]byte
}

func newScribe(t testing.TB, log string, seed byte, witnesses ...byte) *scribe {
	t.Helper()
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), bytes.Repeat([]byte{seed}, 32))
	if err != nil {
		t.Fatal(err)
	}
	s := &scribe{}
	if s.station, err = checkpoint.NewStationSigner(log, key); err != nil {
		t.Fatal(err)
	}
	for _, w := range witnesses {
		c, err := checkpoint.NewCosigner("central.example/witness", ed25519.NewKeyFromSeed(bytes.Repeat([]byte{w}, 32)))
		if err != nil {
			t.Fatal(err)
		}
		s.witnesses = append(s.witnesses, c)
	}
	return s
}

// vkeys is the key file with those of the witness's keys.
func (s *scribe) vkeys(which ...int) []byte {
	text := s.station.Vkey() + "\n"
	for _, i := range which {
		text += s.witnesses[i].Vkey() + "\n"
	}
	return []byte(text)
}

func leaf(entries [][]byte) (h tlog.Hash) {
	if len(entries) > 0 {
		h = tlog.RecordHash(entries[len(entries)-1])
	}
	return h
}

// sample is an entry in which every field occurs, now and then.
func sample(n int64) verify.Entry {
	e := verify.Entry{
		Action: "preview", Actor: "p-7f3a", Object: fmt.Sprintf("job-%d", n),
		Boot: "0a0b0c0d-0000-4000-8000-000000000001", Monotonic: 1000 * n,
		Time: time.Date(2026, 11, 22, 18, 0, int(n%60), 0, time.UTC),
	}
	switch n % 5 {
	case 0:
		e.Outcome, e.Intent = "done", n-1
	case 1:
		e.Actor, e.Outcome, e.Reason, e.Counter = "", "refused", "wrong_pin", n
	case 2:
		e.Attempt = "0123456789ABX"
	case 3:
		e.Pages, e.Outcome, e.Intent = "3-7", "failed", n-1
	}
	return e
}

// write adds n entries; the first one of all names what is given.
func (s *scribe) write(n int, previous tlog.Hash) *scribe {
	for range n {
		e := sample(int64(len(s.entries)) + 1)
		if len(s.entries) > 0 {
			previous = leaf(s.entries)
		}
		s.entries = append(s.entries, s.finish(e, previous))
	}
	return s
}

func (s *scribe) finish(e verify.Entry, previous tlog.Hash) []byte {
	e.Log, e.Sequence, e.Previous = s.station.Name(), int64(len(s.entries))+1, previous
	return e.Append(nil)
}

func (s *scribe) tree(size int) *checkpoint.Tree {
	var tree checkpoint.Tree
	for _, e := range s.entries[:size] {
		tree.Append(tlog.RecordHash(e))
	}
	return &tree
}

// signed is the checkpoint that the station alone signed.
func (s *scribe) signed(t testing.TB, size int) []byte {
	t.Helper()
	note, err := s.station.Checkpoint(int64(size), s.tree(size).Root())
	if err != nil {
		t.Fatal(err)
	}
	return note
}

func (s *scribe) seal(t testing.TB, size int) []byte {
	t.Helper()
	note, err := checkpoint.Cosign(s.signed(t, size), time.Unix(1_763_838_000, 0), s.witnesses...)
	if err != nil {
		t.Fatal(err)
	}
	return note
}

// export has the entries after from, countersigned up to sealed (-1: not at
// all), and a tail up to the given one.
func (s *scribe) export(t testing.TB, from, sealed, to int) (b []byte) {
	t.Helper()
	if from > 0 {
		b = verify.StartLine(s.seal(t, from), s.tree(from).Frontier())
	}
	if sealed >= 0 {
		b = append(append(b, s.lines(from, sealed)...), verify.SealLine(s.seal(t, sealed))...)
		from = sealed
	}
	return append(b, s.lines(from, to)...)
}

func (s *scribe) lines(from, to int) []byte {
	if from == to {
		return nil
	}
	return append(bytes.Join(slices.Clone(s.entries[from:to]), []byte("\n")), '\n')
}
