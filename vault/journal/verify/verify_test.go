package verify

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"espero-soft.com/printroom/vault/journal/checkpoint"
)

const origin = "bjet24.example/room/station-1"

// maker writes logs the way a station does.
type maker struct {
	station *checkpoint.StationSigner
	witness *checkpoint.Cosigner
	keys    Keys
}

func newMaker(t testing.TB) *maker { return makerFor(t, origin) }

func makerFor(t testing.TB, log string) *maker {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	_, priv, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return makerOf(t, log, key, priv)
}

func makerOf(t testing.TB, log string, key *ecdsa.PrivateKey, priv ed25519.PrivateKey) *maker {
	t.Helper()
	var m maker
	var err error
	if m.station, err = checkpoint.NewStationSigner(log, key); err != nil {
		t.Fatal(err)
	}
	if m.witness, err = checkpoint.NewCosigner("central.example/witness", priv); err != nil {
		t.Fatal(err)
	}
	if m.keys, err = ParseKeys([]byte(m.station.Vkey() + "\n" + m.witness.Vkey() + "\n")); err != nil {
		t.Fatal(err)
	}
	return &m
}

func sample(n int64, previous tlog.Hash) Entry {
	e := Entry{
		Action: "preview", Actor: "p-7f3a", Object: fmt.Sprintf("job-%d", n),
		Boot: "0a0b0c0d-0000-4000-8000-000000000001", Log: origin, Monotonic: 1000 * n,
		Previous: previous, Sequence: n, Time: time.Date(2026, 11, 22, 18, 0, int(n%60), 0, time.UTC),
	}
	switch n % 4 {
	case 0:
		e.Outcome, e.Intent = "done", n-1
	case 1:
		e.Outcome, e.Reason, e.Counter = "refused", "wrong_pin", n
	case 2:
		e.Attempt = "0123456789ABX"
	case 3:
		e.Pages = "3-7"
	}
	return e
}

func lines(n int) [][]byte { return linesOf(origin, n, tlog.Hash{}) }

func linesOf(log string, n int, previous tlog.Hash) [][]byte {
	var out [][]byte
	for i := range n {
		e := sample(int64(i)+1, previous)
		e.Log = log
		b := e.Append(nil)
		previous = tlog.RecordHash(b)
		out = append(out, b)
	}
	return out
}

func (m *maker) seal(t testing.TB, entries [][]byte) []byte {
	t.Helper()
	var tree checkpoint.Tree
	for _, e := range entries {
		tree.Append(tlog.RecordHash(e))
	}
	n, err := m.station.Checkpoint(tree.Size(), tree.Root())
	if err != nil {
		t.Fatal(err)
	}
	if n, err = m.witness.Cosign(n, time.Unix(1_763_838_000, 0)); err != nil {
		t.Fatal(err)
	}
	return n
}

func (m *maker) export(t testing.TB, n int) []byte {
	entries := lines(n)
	return append(join(entries), SealLine(m.seal(t, entries))...)
}

func join(entries [][]byte) []byte {
	var b []byte
	for _, e := range entries {
		b = append(append(b, e...), '\n')
	}
	return b
}

func (m *maker) check(b []byte) (Report, error) {
	return Export(bytes.NewReader(b), m.keys, Options{})
}

func TestGoodExports(t *testing.T) {
	m := newMaker(t)
	for _, n := range []int{0, 1, 2, 3, 7, 8, 100} {
		r, err := m.check(m.export(t, n))
		if err != nil || !r.OK || r.Entries != int64(n) || r.Log != origin || r.SealedAt.Unix() != 1_763_838_000 {
			t.Errorf("%d entries: %+v, %v", n, r, err)
		}
		if r.Counts.Intents+r.Counts.Results+r.Counts.Records != int64(n) {
			t.Errorf("%d entries: %+v", n, r.Counts)
		}
	}
	if _, err := Export(iotest.OneByteReader(bytes.NewReader(m.export(t, 4))), m.keys, Options{}); err != nil {
		t.Errorf("read byte by byte: %v", err)
	}
	broken := errors.New("disk gone")
	if _, err := Export(io.MultiReader(strings.NewReader("{"), iotest.ErrReader(broken)), m.keys, Options{}); !errors.Is(err, broken) || errors.Is(err, ErrRefused) {
		t.Errorf("a failing disk: %v", err)
	}
	wrapped := fmt.Errorf("connection lost: %w", io.EOF) // is no end
	if _, err := Export(io.MultiReader(bytes.NewReader(m.export(t, 3)), iotest.ErrReader(wrapped)), m.keys, Options{}); !errors.Is(err, wrapped) || errors.Is(err, ErrRefused) {
		t.Errorf("a lost connection: %v", err)
	}
}

func TestEveryByteCounts(t *testing.T) {
	m := newMaker(t)
	good := m.export(t, 5)
	for i := range good {
		line := int64(bytes.Count(good[:i], []byte("\n"))) + 1
		for bit := range 8 {
			bad := bytes.Clone(good)
			bad[i] ^= 1 << bit
			r, err := m.check(bad)
			if !errors.Is(err, ErrRefused) || r.OK {
				t.Fatalf("byte %d, bit %d accepted: %q", i, bit, bad)
			}
			// The line itself is named, or the next one, whose chain it breaks.
			if r.Fault == nil || r.Fault.Line < line || r.Fault.Line > line+1 {
				t.Fatalf("byte %d of line %d, bit %d: blamed %v", i, line, bit, r.Fault)
			}
		}
		want := ErrRefused
		if i > 0 && good[i-1] == '\n' {
			want = ErrUnsealed // between two lines: entries, and no checkpoint
		}
		if r, err := m.check(good[:i]); !errors.Is(err, want) || r.OK {
			t.Fatalf("cut at byte %d: %v", i, err)
		}
		if _, err := m.check(slices.Delete(bytes.Clone(good), i, i+1)); !errors.Is(err, ErrRefused) {
			t.Fatalf("byte %d deleted: %v", i, err)
		}
		for _, c := range []byte{good[i], ' ', '\n', '\r', 0} {
			if _, err := m.check(slices.Insert(bytes.Clone(good), i, c)); !errors.Is(err, ErrRefused) {
				t.Fatalf("byte %d: %q inserted: %v", i, c, err)
			}
		}
	}
}

func TestEveryLineCounts(t *testing.T) {
	m := newMaker(t)
	whole := bytes.SplitAfter(m.export(t, 6), []byte("\n"))
	whole = whole[:7]
	other := bytes.SplitAfter(newMaker(t).export(t, 7), []byte("\n"))
	refuse := func(what string, ls ...[]byte) {
		t.Helper()
		if r, err := m.check(bytes.Join(ls, nil)); !errors.Is(err, ErrRefused) || r.Fault == nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	for i := range whole {
		if i < 6 { // without the checkpoint it is unsealed
			refuse(fmt.Sprintf("line %d deleted", i+1), slices.Delete(slices.Clone(whole), i, i+1)...)
		}
		refuse(fmt.Sprintf("line %d doubled", i+1), slices.Insert(slices.Clone(whole), i, whole[i])...)
		refuse(fmt.Sprintf("started at line %d", i+2), whole[i+1:]...)
		refuse(fmt.Sprintf("empty line before %d", i+1), slices.Insert(slices.Clone(whole), i, []byte("\n"))...)
		refuse(fmt.Sprintf("foreign line before %d", i+1), slices.Insert(slices.Clone(whole), i, other[6])...)
		for j := range i {
			swapped := slices.Clone(whole)
			swapped[i], swapped[j] = swapped[j], swapped[i]
			refuse(fmt.Sprintf("lines %d and %d swapped", i+1, j+1), swapped...)
		}
	}
	refuse("another room's seal", append(slices.Clone(whole[:6]), other[7])...)
	refuse("an earlier seal", append(slices.Clone(whole[:6]), SealLine(m.seal(t, lines(5))))...)
	refuse("a later seal", append(slices.Clone(whole[:6]), SealLine(m.seal(t, lines(7))))...)
	refuse("a BOM", append([][]byte{[]byte("\ufeff")}, whole...)...)
	refuse("CRLF", bytes.ReplaceAll(bytes.Join(whole, nil), []byte("\n"), []byte("\r\n")))
	refuse("no final newline", bytes.TrimSuffix(bytes.Join(whole, nil), []byte("\n")))
	refuse("an escaped dash", bytes.ReplaceAll(bytes.Join(whole, nil), []byte("—"), []byte(`\u2014`)))
	refuse("an escaped slash", bytes.ReplaceAll(bytes.Join(whole, nil), []byte("/witness"), []byte(`\/witness`)))
	refuse("an endless line", whole[0], bytes.Repeat([]byte("x"), 1<<20))
	station, _, _ := strings.Cut(string(m.seal(t, lines(6))), "— central")
	refuse("no witness", append(slices.Clone(whole[:6]), SealLine([]byte(station)))...)
}

func TestModelEdits(t *testing.T) {
	m := newMaker(t)
	good := m.export(t, 12)
	rapid.Check(t, func(t *rapid.T) {
		at := rapid.IntRange(0, len(good)-1).Draw(t, "at")
		n := rapid.IntRange(0, min(40, len(good)-at)).Draw(t, "removed")
		with := rapid.OneOf(
			rapid.SliceOfN(rapid.Byte(), 0, 40),
			rapid.Map(rapid.IntRange(0, len(good)-41), func(i int) []byte { return good[i : i+40] }),
		).Draw(t, "put in")
		bad := slices.Replace(bytes.Clone(good), at, at+n, with...)
		_, err := m.check(bad)
		if bytes.Equal(bad, good) != (err == nil) {
			t.Fatalf("at %d, %d bytes by %q: %v", at, n, with, err)
		}
	})
}

// A chain that is written anew from an edited entry on is consistent in itself.
func TestRewrittenChain(t *testing.T) {
	m := newMaker(t)
	entries := lines(6)
	seal := SealLine(m.seal(t, entries))
	e, err := ParseEntry(entries[2])
	if err != nil {
		t.Fatal(err)
	}
	e.Object = "job-99"
	for i := 2; i < 6; i++ {
		if i > 2 {
			if e, err = ParseEntry(entries[i]); err != nil {
				t.Fatal(err)
			}
			e.Previous = tlog.RecordHash(entries[i-1])
		}
		entries[i] = e.Append(nil)
	}
	if _, err := m.check(append(join(entries), seal...)); !errors.Is(err, ErrRefused) {
		t.Errorf("accepted: %v", err)
	}
}

func TestAnchor(t *testing.T) {
	m := newMaker(t)
	all := lines(9)
	export := m.export(t, 6)
	verify := func(anchor []byte) error {
		_, err := Export(bytes.NewReader(export), m.keys, Options{Anchors: [][]byte{anchor}})
		return err
	}
	for _, n := range []int{0, 1, 5, 6} {
		if err := verify(m.seal(t, all[:n])); err != nil {
			t.Errorf("anchor at %d: %v", n, err)
		}
	}
	if err := verify(m.seal(t, all[:7])); !errors.Is(err, ErrRefused) {
		t.Errorf("an export that ends before the anchor: %v", err)
	}
	fork := lines(4)
	fork[3] = bytes.Replace(fork[3], []byte("done"), []byte("gone"), 1)
	if err := verify(m.seal(t, fork)); !errors.Is(err, ErrRefused) {
		t.Errorf("another history: %v", err)
	}
	if err := verify(newMaker(t).seal(t, all[:3])); err == nil || errors.Is(err, ErrRefused) {
		t.Errorf("an anchor of nobody: %v", err)
	}
}

func TestMemoryIsFlat(t *testing.T) {
	m := newMaker(t)
	allocated := func(n int) float64 {
		b := m.export(t, n)
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		if _, err := m.check(b); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		return float64(after.TotalAlloc - before.TotalAlloc)
	}
	if perEntry := (allocated(20000) - allocated(1000)) / 19000; perEntry > 200 {
		t.Errorf("%.0f bytes allocated for an entry", perEntry)
	}
}

func TestRoot(t *testing.T) {
	entries := lines(11)
	var tree checkpoint.Tree
	for _, e := range entries {
		tree.Append(tlog.RecordHash(e))
	}
	size, root, err := Root(origin, func(yield func([]byte, error) bool) {
		for _, e := range entries {
			if !yield(e, nil) {
				return
			}
		}
	})
	if err != nil || size != 11 || root != tree.Root() {
		t.Errorf("%d %v, %v", size, root, err)
	}
	c := NewChain(origin)
	for i, e := range entries {
		if i == 6 {
			c = ResumeChain(origin, c.Tree(), c.Last())
		}
		if err := c.Add(e); err != nil {
			t.Fatal(err)
		}
	}
	if c.Root() != root || c.Size() != 11 {
		t.Error("a resumed chain ends elsewhere")
	}
	var f *Fault
	if err := c.Add(entries[3]); !errors.As(err, &f) || f.Sequence != 12 || c.Size() != 11 {
		t.Errorf("an old entry again: %v", err)
	}
	if err := NewChain("another.example/log").Add(entries[0]); !errors.Is(err, ErrRefused) {
		t.Errorf("another log's entry: %v", err)
	}
}
