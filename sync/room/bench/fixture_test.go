package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"espero-soft.com/printroom/vault/journal"
)

func smallFixture(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{dir: filepath.Join(t.TempDir(), "journal"), entries: 5000}
	if err := f.ensure(t.Context()); err != nil {
		t.Fatal(err)
	}
	return f
}

func TestFixtureIsAWholeJournal(t *testing.T) {
	f := smallFixture(t)
	j, err := f.open(t.Context(), f.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	}()
	v, err := j.Verify(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c := v.Counts
	if v.Entries != f.entries || v.Checkpoints < 2*f.entries/sealAfter/2 || c.Results < c.Records || c.ClockBack != 0 {
		t.Errorf("got %+v", v)
	}
	rows, err := j.List(t.Context(), journal.Filter{Action: journal.ActionPreview}, 0, 10)
	if err != nil || len(rows) != 10 {
		t.Errorf("got %d previews, %v", len(rows), err)
	}
}

func TestFixtureIsTheSameEachTime(t *testing.T) {
	var heads [2][]byte
	for i := range heads {
		var err error
		if heads[i], err = os.ReadFile(filepath.Join(smallFixture(t).dir, headFile)); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(heads[0], heads[1]) {
		t.Errorf("got %s and %s", heads[0], heads[1])
	}
}

func TestFixtureIsCheckedByItsHead(t *testing.T) {
	f := smallFixture(t)
	if err := f.ensure(t.Context()); err != nil {
		t.Fatal(err)
	}
	another := strings.Repeat("A", 43) + "=\n"
	if err := os.WriteFile(filepath.Join(f.dir, headFile), []byte(another), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := f.ensure(t.Context()); err == nil {
		t.Error("another head was accepted")
	}
	if err := os.Remove(filepath.Join(f.dir, headFile)); err != nil {
		t.Fatal(err)
	}
	if err := f.ensure(t.Context()); err == nil {
		t.Error("a fixture that was not finished was accepted")
	}
}

func TestYearGoesForward(t *testing.T) {
	var last entry
	unusual := make(map[string]int)
	err := tellYear(10*entriesADay, func(e entry, _ bool) error {
		if e.Time.Before(last.Time) {
			t.Fatalf("%v after %v", e.Time, last.Time)
		}
		last = e
		unusual[e.Action+" "+e.Outcome]++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := fixtureFirst().AddDate(0, 0, 12); last.Time.After(want) || unusual["print failed"] == 0 || unusual["unlock refused"] == 0 {
		t.Errorf("ended at %v with %v", last.Time, unusual)
	}
}

func TestJournalRowsRun(t *testing.T) {
	f := smallFixture(t)
	o := options{dir: t.TempDir(), journal: f.dir, entries: f.entries, accesses: accessesAtOnce}
	measured := 0
	for _, r := range rows() {
		if main, _, _ := strings.Cut(r.id, "-"); !slices.Contains([]string{"6a", "6b", "7", "8"}, main) {
			continue
		}
		measured++
		s, err := r.start(t.Context(), o)
		if err != nil {
			t.Fatalf("row %s: %v", r.id, err)
		}
		a, err := s.ours(t.Context())
		if err != nil {
			t.Errorf("row %s: ours: %v", r.id, err)
		}
		b, err := s.peer(t.Context())
		if err != nil {
			t.Errorf("row %s: peer: %v", r.id, err)
		}
		if a <= 0 || b <= 0 || s.note() == "" {
			t.Errorf("row %s: took %v and %v", r.id, a, b)
		}
		if err := s.close(); err != nil {
			t.Errorf("row %s: %v", r.id, err)
		}
	}
	if measured != 6 {
		t.Errorf("%d rows are the journal's", measured)
	}
	left, err := os.ReadDir(filepath.Dir(f.dir))
	if err != nil || len(left) != 1 {
		t.Errorf("copies were left behind: %v, %v", left, err)
	}
}
