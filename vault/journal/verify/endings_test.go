package verify

import (
	"bytes"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"
)

func TestEndings(t *testing.T) {
	m := newMaker(t)
	var entries [][]byte
	var previous tlog.Hash
	write := func(outcome string, intent int64) {
		e := Entry{Action: "print", Object: "job-1", Outcome: outcome, Intent: intent, Log: origin, Sequence: int64(len(entries)) + 1,
			Previous: previous, Boot: "0a0b0c0d-0000-4000-8000-000000000001", Time: time.Unix(0, 0)}
		entries = append(entries, e.Append(nil))
		previous = leaf(entries)
	}
	write("", 0)     // 1, which 3 ends
	write("", 0)     // 2, which nothing ends
	write("done", 1) // 3
	write("done", 0) // 4, a record
	write("done", 1) // 5 ends what is ended
	write("done", 4) // 6 ends a record
	write("", 0)     // 7
	write("done", 6) // 8 ends a result
	write("done", 7) // 9
	write("done", 2) // 10
	for _, c := range []struct {
		from, to int
		want     [2]Sequences
	}{
		{0, 2, [2]Sequences{{2, []int64{1, 2}}, {}}},
		{0, 9, [2]Sequences{{1, []int64{2}}, {3, []int64{5, 6, 8}}}},
		{0, 10, [2]Sequences{{}, {3, []int64{5, 6, 8}}}},
		{4, 10, [2]Sequences{{}, {1, []int64{8}}}}, // those before 5 are not known
		{1, 8, [2]Sequences{{2, []int64{2, 7}}, {2, []int64{6, 8}}}},
	} {
		r, err := m.check(m.piece(t, entries, c.from, c.to, c.to))
		if diff := cmp.Diff(c.want, [2]Sequences{r.NoResult, r.NoIntent}); diff != "" || err != nil {
			t.Errorf("after %d to %d: %v\n%s", c.from, c.to, err, diff)
		}
	}
	// An intent of an earlier export is known.
	r, err := readAll([]Keys{m.keys}, Options{}, m.piece(t, entries, 0, 2, 2), m.piece(t, entries, 2, 9, 9))
	if diff := cmp.Diff([2]Sequences{{1, []int64{2}}, {3, []int64{5, 6, 8}}}, [2]Sequences{r.Exports[1].NoResult, r.Exports[1].NoIntent}); diff != "" || err != nil {
		t.Errorf("in two exports: %v\n%s", err, diff)
	}
}

// What is kept of a log says the same as a list of all its entries would.
func TestEndingsModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		after := rapid.Int64Range(0, 3*pageEntries).Draw(t, "after")
		e := newEndings(after)
		e.limit = rapid.IntRange(1, 4).Draw(t, "pages")
		open, strays, sequence := map[int64]bool{}, int64(0), after
		for range rapid.IntRange(0, 60).Draw(t, "steps") {
			sequence += rapid.OneOf(rapid.Int64Range(1, 70), rapid.Int64Range(1, 3*pageEntries)).Draw(t, "on") // records between
			if rapid.Bool().Draw(t, "intent") {
				e.add(&fields{sequence: sequence})
				if e.uncounted == 0 {
					open[sequence] = true
				}
				continue
			}
			intent := rapid.Int64Range(max(1, sequence-4*pageEntries), max(1, sequence-1)).Draw(t, "of any")
			if known := slices.Sorted(maps.Keys(open)); len(known) > 0 && rapid.IntRange(0, 3).Draw(t, "of one") > 0 {
				intent = rapid.SampledFrom(known).Draw(t, "of")
			}
			e.add(&fields{sequence: sequence, intent: intent, outcome: []byte("done")})
			switch {
			case open[intent]:
				delete(open, intent)
			case intent > after && (e.uncounted == 0 || intent < e.uncounted):
				strays++
			}
		}
		want := slices.Sorted(maps.Keys(open))
		got := e.unanswered()
		if got.Count != int64(len(want)) || !slices.Equal(got.First, want[:min(len(want), maxSequences)]) || e.strays.Count != strays || len(e.strays.First) > maxSequences {
			t.Fatalf("%+v, want %v; %+v, want %d", got, want, e.strays, strays)
		}
		if len(e.pages) > e.limit {
			t.Fatalf("%d pages", len(e.pages))
		}
	})
}

func TestEndingsStayBounded(t *testing.T) {
	hostile, honest := newEndings(0), newEndings(0)
	hostile.limit = 10
	for n := int64(1); n < 40*pageEntries; n += 2 {
		hostile.add(&fields{sequence: n})
		honest.add(&fields{sequence: n})
		honest.add(&fields{sequence: n + 1, intent: n, outcome: []byte("done")})
	}
	if len(hostile.pages) != 10 || hostile.uncounted == 0 || hostile.unanswered().Count != hostile.uncounted/2 || len(hostile.unanswered().First) != maxSequences {
		t.Errorf("%d pages, uncounted from %d, %+v", len(hostile.pages), hostile.uncounted, hostile.unanswered())
	}
	if len(honest.pages) != 1 || honest.unanswered().Count != 0 || honest.strays.Count != 0 {
		t.Errorf("%d pages, %+v", len(honest.pages), honest)
	}
}

func TestNoAllocationAnEntry(t *testing.T) {
	long := "bjet24.example/a-room-with-a-name/that-is-longer-than-a-small-buffer/station-1"
	m := makerFor(t, long)
	allocated := func(n int) float64 {
		entries := linesOf(long, n, tlog.Hash{})
		b := m.piece(t, entries, 0, n, n)
		return testing.AllocsPerRun(3, func() {
			if _, err := Export(bytes.NewReader(b), m.keys, Options{}); err != nil {
				t.Fatal(err)
			}
		})
	}
	if perEntry := (allocated(20_000) - allocated(1000)) / 19_000; perEntry > 0.01 {
		t.Errorf("%.3f allocations an entry", perEntry)
	}
}
