package verify

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/tlog"

	"espero-soft.com/printroom/vault/journal/checkpoint"
)

// piece is an export of the entries after from, countersigned up to sealed (-1:
// not at all), with a tail up to the given one.
func (m *maker) piece(t testing.TB, entries [][]byte, from, sealed, to int) []byte {
	t.Helper()
	var b []byte
	if from > 0 {
		var tree checkpoint.Tree
		for _, e := range entries[:from] {
			tree.Append(tlog.RecordHash(e))
		}
		b = StartLine(m.seal(t, entries[:from]), tree.Frontier())
	}
	if sealed >= 0 {
		b = append(append(b, join(entries[from:sealed])...), SealLine(m.seal(t, entries[:sealed]))...)
		from = sealed
	}
	return append(b, join(entries[from:to])...)
}

// readAll reads exports in order under names "1", "2", ….
func readAll(keys []Keys, opts Options, exports ...[]byte) (Result, error) {
	x, err := NewExports(keys, opts)
	if err != nil {
		return Result{}, err
	}
	for i, b := range exports {
		if err := x.Read(fmt.Sprint(i+1), bytes.NewReader(b)); err != nil {
			break
		}
	}
	return x.Result()
}

func leaf(entries [][]byte) tlog.Hash { return tlog.RecordHash(entries[len(entries)-1]) }

func TestALogInSeveralExports(t *testing.T) {
	m := newMaker(t)
	all := lines(12)
	cut := func(from, to int) []byte { return m.piece(t, all, from, to, to) }
	a, b, c := cut(0, 5), cut(5, 8), cut(8, 12) // after an odd number of entries and after an even one
	for i, export := range [][]byte{a, b, c} {
		if r, err := m.check(export); err != nil || r.Entries != []int64{5, 3, 4}[i] || r.After != []int64{0, 5, 8}[i] || r.Sealed != r.After+r.Entries {
			t.Errorf("piece %d alone: %+v, %v", i+1, r, err)
		}
	}
	r, err := readAll([]Keys{m.keys}, Options{}, a, b, c)
	if err != nil || !r.OK || len(r.Exports) != 3 || r.Exports[2].Counts.Intents+r.Exports[2].Counts.Results+r.Exports[2].Counts.Records != 4 {
		t.Errorf("in order: %+v, %v", r, err)
	}
	if r, err := readAll([]Keys{m.keys}, Options{}, b, c, cut(12, 12)); err != nil || r.Exports[2].Entries != 0 {
		t.Errorf("a month without entries at the end: %+v, %v", r, err)
	}
	fork := lines(12)
	fork[6] = bytes.Replace(fork[6], []byte("preview"), []byte("reprint"), 1)
	for i := 7; i < 12; i++ {
		e, err := ParseEntry(fork[i])
		if err != nil {
			t.Fatal(err)
		}
		e.Previous = tlog.RecordHash(fork[i-1])
		fork[i] = e.Append(nil)
	}
	r, _ = readAll([]Keys{m.keys}, Options{}, a, b, m.piece(t, fork, 8, 12, 12))
	if r.Fault == nil || !strings.Contains(r.Fault.What, "two histories") {
		t.Errorf("a fork: %v", r.Fault)
	}
	for what, exports := range map[string][][]byte{
		"out of order": {b, a, c}, "one missing": {a, c}, "one twice": {a, b, b, c}, "the first again": {a, a}, "backwards": {c, b},
		"another history": {a, b, m.piece(t, fork, 8, 12, 12)},
		"an overlap":      {a, cut(4, 8)},
		"after a tail":    {m.piece(t, all, 0, 4, 6), cut(4, 8)},
		"none at the end": {a, nil},
	} {
		if r, err := readAll([]Keys{m.keys}, Options{AllowUnsealed: true}, exports...); !errors.Is(err, ErrRefused) || r.OK || r.Fault == nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestEveryByteOfALaterExportCounts(t *testing.T) {
	m := newMaker(t)
	all := lines(8)
	for _, from := range []int{3, 4} {
		before, good := m.piece(t, all, 0, from, from), m.piece(t, all, from, from+1, from+1)
		refused := func(what string, i int, bad []byte) {
			t.Helper()
			if _, err := m.check(bad); !errors.Is(err, ErrRefused) {
				t.Fatalf("after %d, byte %d %s: %v", from, i, what, err)
			}
			if i%7 != 0 {
				return
			}
			if _, err := readAll([]Keys{m.keys}, Options{}, before, bad); !errors.Is(err, ErrRefused) {
				t.Fatalf("after %d and the export before, byte %d %s: %v", from, i, what, err)
			}
		}
		for i := range good {
			bad := bytes.Clone(good)
			bad[i] ^= 1 << (i % 8)
			refused("changed", i, bad)
			refused("deleted", i, slices.Delete(bytes.Clone(good), i, i+1))
			refused("last", i, good[:i])
		}
	}
}

func TestStartLineRefused(t *testing.T) {
	m := newMaker(t)
	all := lines(7)
	good := bytes.SplitAfter(m.piece(t, all, 3, 6, 6), []byte("\n"))
	good = good[:len(good)-1]
	var tree checkpoint.Tree
	for _, e := range all[:3] {
		tree.Append(tlog.RecordHash(e))
	}
	note, frontier := m.seal(t, all[:3]), tree.Frontier()
	with := func(start []byte) [][]byte { return append([][]byte{start}, good[1:]...) }
	for what, c := range map[string]struct {
		export [][]byte
		kind   FaultKind
	}{
		"no start line":         {good[1:], FaultOrder},
		"two start lines":       {append([][]byte{good[0]}, good...), FaultForm},
		"it comes later":        {[][]byte{good[1], good[0]}, FaultOrder},
		"after an entry":        {append([][]byte{m.piece(t, all, 0, -1, 3)}, good...), FaultForm},
		"alone":                 {good[:1], FaultCut},
		"no checkpoint":         {good[:4], FaultCut},
		"a hash too few":        {with(StartLine(note, frontier[:1])), FaultStart},
		"a hash too many":       {with(StartLine(note, append(slices.Clone(frontier), tlog.Hash{}))), FaultStart},
		"hashes swapped":        {with(StartLine(note, []tlog.Hash{frontier[1], frontier[0]})), FaultStart},
		"no hash":               {with(StartLine(note, nil)), FaultForm},
		"after nothing":         {with(StartLine(m.seal(t, nil), []tlog.Hash{{}})), FaultStart},
		"the checkpoint before": {with(StartLine(m.seal(t, all[:2]), frontier[:1])), FaultOrder},
		"another's checkpoint":  {with(StartLine(newMaker(t).seal(t, all[:3]), frontier)), FaultSeal},
		"of an unknown log":     {with(StartLine(makerFor(t, "another.example/log").seal(t, all[:3]), frontier)), FaultKeys},
		"other keys":            {with(bytes.Replace(good[0], []byte(`{"frontier"`), []byte(`{"Frontier"`), 1)), FaultForm},
		"a space":               {with(bytes.Replace(good[0], []byte(`","`), []byte(`", "`), 1)), FaultForm},
	} {
		_, err := m.check(bytes.Join(c.export, nil))
		var f *Fault
		if !errors.As(err, &f) || f.Kind != c.kind {
			t.Errorf("%s: %+v, %v", what, f, err)
		}
	}
}

func TestUnsealedTail(t *testing.T) {
	m := newMaker(t)
	all := lines(12)
	for _, c := range []struct{ from, sealed, to int }{{0, 6, 9}, {0, 0, 3}, {0, -1, 4}, {5, 8, 9}, {4, 4, 12}} {
		export := m.piece(t, all, c.from, c.sealed, c.to)
		r, err := m.check(export)
		if want := int64(c.to - max(0, c.sealed)); !errors.Is(err, ErrUnsealed) || errors.Is(err, ErrRefused) || r.OK || r.Unsealed != want || r.Entries != int64(c.to-c.from) {
			t.Errorf("%v: %+v, %v", c, r, err)
		}
		if r, err := Export(bytes.NewReader(export), m.keys, Options{AllowUnsealed: true}); err != nil || !r.OK || r.Unsealed == 0 {
			t.Errorf("%v, allowed: %+v, %v", c, r, err)
		}
	}
	// A tail is chained all the same, and nothing but entries is in it.
	good := m.piece(t, all, 0, 6, 9)
	for what, bad := range map[string][]byte{
		"a changed entry":     bytes.Replace(good, []byte(`"object":"job-8"`), []byte(`"object":"job-9"`), 1),
		"a second checkpoint": append(bytes.Clone(good), SealLine(m.seal(t, all[:9]))...),
		"a gap":               append(m.piece(t, all, 0, 6, 6), join(all[7:])...),
		"half an entry":       good[:len(good)-9],
	} {
		if _, err := Export(bytes.NewReader(bad), m.keys, Options{AllowUnsealed: true}); !errors.Is(err, ErrRefused) {
			t.Errorf("%s: %v", what, err)
		}
	}
	// The same log going on covers it, when it begins where the tail ends.
	if r, err := readAll([]Keys{m.keys}, Options{}, good, m.piece(t, all, 9, 12, 12)); err != nil || r.Exports[0].CoveredBy != "2" {
		t.Errorf("a covered tail: %+v, %v", r, err)
	}
	r, err := readAll([]Keys{m.keys}, Options{}, good, m.piece(t, all, 9, 10, 12))
	if !errors.Is(err, ErrUnsealed) || r.Unsealed != 2 || !r.Exports[0].OK || r.Exports[1].OK {
		t.Errorf("a covered tail and another: %+v, %v", r, err)
	}
}

func TestSuccessors(t *testing.T) {
	a, b, c := newMaker(t), makerFor(t, origin+"-2"), makerFor(t, origin+"-3")
	keys := []Keys{c.keys, a.keys, b.keys}
	as := lines(7)
	bs := linesOf(origin+"-2", 4, leaf(as))
	cs := linesOf(origin+"-3", 2, leaf(bs))
	wrong := linesOf(origin+"-2", 4, leaf(as[:6]))
	whole, tail := a.piece(t, as, 0, 7, 7), a.piece(t, as, 0, 5, 7)
	sealedB, openB, halfB := b.piece(t, bs, 0, 4, 4), b.piece(t, bs, 0, -1, 4), b.piece(t, bs, 0, 2, 4)
	sealedC := c.piece(t, cs, 0, 2, 2)
	for what, x := range map[string]struct {
		exports  [][]byte
		want     error
		unsealed int64
	}{
		"two logs":                         {[][]byte{whole, sealedB}, nil, 0},
		"three logs":                       {[][]byte{whole, sealedB, sealedC}, nil, 0},
		"a log in two exports":             {[][]byte{a.piece(t, as, 0, 3, 3), a.piece(t, as, 3, 7, 7), sealedB}, nil, 0},
		"a tail under a seal":              {[][]byte{tail, sealedB}, nil, 0},
		"a tail after nothing sealed":      {[][]byte{a.piece(t, as, 0, -1, 7), sealedB}, nil, 0},
		"two tails under a seal":           {[][]byte{tail, openB, sealedC}, nil, 0},
		"a seal before a tail":             {[][]byte{tail, halfB}, ErrUnsealed, 2},
		"two tails":                        {[][]byte{tail, openB}, ErrUnsealed, 6},
		"a seal of nothing":                {[][]byte{tail, b.piece(t, bs, 0, 0, 4)}, ErrRefused, 0},
		"a tail of a third":                {[][]byte{tail, halfB, c.piece(t, cs, 0, -1, 2)}, ErrUnsealed, 4},
		"not named":                        {[][]byte{whole, b.piece(t, wrong, 0, 4, 4)}, ErrRefused, 0},
		"the end is missing":               {[][]byte{a.piece(t, as, 0, 6, 6), sealedB}, ErrRefused, 0},
		"the tail is missing":              {[][]byte{a.piece(t, as, 0, 5, 5), sealedB}, ErrRefused, 0},
		"the one between":                  {[][]byte{whole, sealedC}, ErrRefused, 0},
		"the wrong order":                  {[][]byte{sealedB, whole}, ErrRefused, 0},
		"its first months were forgotten":  {[][]byte{whole, b.piece(t, bs, 2, 4, 4)}, ErrRefused, 0},
		"a successor without entries":      {[][]byte{whole, b.piece(t, bs, 0, 0, 0)}, ErrRefused, 0},
		"of a log without entries":         {[][]byte{a.piece(t, as, 0, 0, 0), b.piece(t, linesOf(origin+"-2", 4, tlog.Hash{}), 0, 4, 4)}, ErrRefused, 0},
		"of entries that were not seen":    {[][]byte{a.piece(t, as, 6, 6, 6), b.piece(t, wrong, 0, 4, 4)}, ErrRefused, 0},
		"of an entry that a start shows":   {[][]byte{a.piece(t, as, 7, 7, 7), sealedB}, nil, 0},
		"of itself":                        {[][]byte{whole, a.piece(t, linesOf(origin, 3, leaf(as)), 0, 3, 3)}, ErrRefused, 0},
		"of the one before the one before": {[][]byte{whole, sealedB, a.piece(t, linesOf(origin, 3, leaf(bs)), 0, 3, 3)}, ErrRefused, 0},
	} {
		r, err := readAll(keys, Options{}, x.exports...)
		if !errors.Is(err, x.want) || r.OK != (err == nil) || x.want != ErrRefused && r.Unsealed != x.unsealed {
			t.Errorf("%s: %+v, %v", what, r, err)
		}
	}
	if _, err := readAll([]Keys{a.keys}, Options{}, whole, sealedB); !errors.Is(err, ErrRefused) {
		t.Errorf("without the successor's keys: %v", err)
	}
	mixed := append(a.piece(t, as, 0, -1, 7), SealLine(b.seal(t, bs))...)
	if r, _ := readAll(keys, Options{}, mixed); r.Fault == nil || r.Fault.Kind != FaultSeal {
		t.Errorf("another log's checkpoint: %+v", r)
	}
}

func TestGivenCheckpoints(t *testing.T) {
	a, b := newMaker(t), makerFor(t, origin+"-2")
	keys := []Keys{a.keys, b.keys}
	as := lines(9)
	bs := linesOf(origin+"-2", 5, leaf(as))
	fork := linesOf(origin+"-2", 5, tlog.Hash{9})
	cut := func(from, to int) []byte { return a.piece(t, as, from, to, to) }
	anchors := func(notes ...[]byte) Options { return Options{Anchors: notes} }
	atA := func(n int) []byte { return a.seal(t, as[:n]) }
	for what, x := range map[string]struct {
		opts    Options
		exports [][]byte
		want    error
	}{
		"in the second export":       {anchors(atA(7)), [][]byte{cut(0, 4), cut(4, 9)}, nil},
		"where one ends":             {anchors(atA(4)), [][]byte{cut(0, 4), cut(4, 9)}, nil},
		"where it begins":            {anchors(atA(4)), [][]byte{cut(4, 9)}, nil},
		"before it begins":           {anchors(atA(3)), [][]byte{cut(4, 9)}, ErrRefused},
		"after its end":              {anchors(atA(9)), [][]byte{cut(0, 4), cut(4, 8)}, ErrRefused},
		"after its end, then others": {anchors(atA(9)), [][]byte{a.piece(t, as, 0, 8, 8), b.piece(t, linesOf(origin+"-2", 5, leaf(as[:8])), 0, 5, 5)}, ErrRefused},
		"one of each log":            {anchors(atA(9), b.seal(t, bs[:5])), [][]byte{cut(0, 9), b.piece(t, bs, 0, 5, 5)}, nil},
		"the second is of another":   {anchors(atA(9), b.seal(t, fork[:3])), [][]byte{cut(0, 9), b.piece(t, bs, 0, 5, 5)}, ErrRefused},
		"of a log that is not there": {anchors(b.seal(t, bs)), [][]byte{cut(0, 9)}, ErrRefused},
		"covers a tail":              {anchors(atA(9)), [][]byte{a.piece(t, as, 0, 4, 9)}, nil},
		"covers a part of it":        {anchors(atA(8)), [][]byte{a.piece(t, as, 0, 4, 9)}, ErrUnsealed},
		"of an empty log":            {anchors(atA(0)), [][]byte{a.piece(t, as, 0, 0, 0)}, nil},
	} {
		if r, err := readAll(keys, x.opts, x.exports...); !errors.Is(err, x.want) || r.OK != (err == nil) {
			t.Errorf("%s: %+v, %v", what, r, err)
		}
	}
	for what, opts := range map[string]Options{
		"two of a log": anchors(atA(3), atA(4)), "of no key": anchors(makerFor(t, "another.example/log").seal(t, as)),
		"by other keys": anchors(newMaker(t).seal(t, as)), "none": anchors(nil),
	} {
		if _, err := NewExports(keys, opts); err == nil || errors.Is(err, ErrRefused) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestKeysOfOneLogGoTogether(t *testing.T) {
	m, other := newMaker(t), newMaker(t)
	later := *m // the same station after central changed its key
	later.witness = other.witness
	var err error
	if later.keys, err = ParseKeys([]byte(m.station.Vkey() + "\n" + other.witness.Vkey() + "\n")); err != nil {
		t.Fatal(err)
	}
	all := lines(8)
	first, second := m.piece(t, all, 0, 5, 5), later.piece(t, all, 5, 8, 8)
	if _, err := readAll([]Keys{m.keys, later.keys, m.keys}, Options{}, first, second); err != nil {
		t.Errorf("both keys: %v", err)
	}
	for _, k := range []Keys{m.keys, later.keys} {
		if _, err := readAll([]Keys{k}, Options{}, first, second); !errors.Is(err, ErrRefused) {
			t.Errorf("one of the keys: %v", err)
		}
	}
	for what, keys := range map[string][]Keys{"two stations": {m.keys, other.keys}, "no witness": {{Station: m.keys.Station}}, "nobody": {{}}} {
		if _, err := NewExports(keys, Options{}); err == nil {
			t.Errorf("%s: taken", what)
		}
	}
}

func TestAfterAFaultNothingIsRead(t *testing.T) {
	m := newMaker(t)
	x, err := NewExports([]Keys{m.keys}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	first := x.Read("a", bytes.NewReader(nil))
	if err := x.Read("b", bytes.NewReader(m.export(t, 3))); !errors.Is(first, ErrRefused) || err != first {
		t.Errorf("%v, then %v", first, err)
	}
	r, err := x.Result()
	if diff := cmp.Diff([]Report{{Name: "a", Fault: r.Fault}}, r.Exports, cmp.AllowUnexported(Fault{})); diff != "" || err == nil {
		t.Errorf("%v\n%s", err, diff)
	}
}
