package retention

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"espero-soft.com/printroom/vault/journal"
)

func monthly(year int, months ...time.Month) (shards []journal.Shard) {
	for i, m := range months {
		first := time.Date(year, m, 1, 0, 0, 0, 0, time.UTC)
		shards = append(shards, journal.Shard{Month: first, First: int64(10*i + 1), Last: int64(10*i + 10), SealedAt: first.AddDate(0, 1, -1)})
	}
	return shards
}

// TestMonthsOfTheJournal: what was countersigned in a month is forgotten twelve
// months after its end, by the earlier of both clocks; the oldest first, each
// written down before, and all that is due at once.
func TestMonthsOfTheJournal(t *testing.T) {
	r := newRoom(t)
	r.shards = monthly(2025, time.October, time.November, time.December)
	end := time.Date(2026, time.November, 1, 0, 0, 0, 0, time.UTC) // twelve months after October's
	r.at(end.Add(-time.Minute))
	r.wantPurged()
	for _, apart := range []struct{ own, confirmed time.Time }{
		{end.AddDate(5, 0, 0), end.Add(-time.Minute)}, // a clock that jumps, and central that is away
		{end.Add(-time.Minute), end.AddDate(5, 0, 0)},
		{end.AddDate(5, 0, 0), time.Time{}},
	} {
		r.own, r.confirmed = apart.own, apart.confirmed
		r.check(r.Purge(t.Context()))
		r.wantPurged()
	}
	due, err := r.Due(t.Context())
	r.check(err)
	want := []Item{{Kind: Journal, Due: end, Count: 1}, {Kind: Journal, Due: end.AddDate(0, 1, 0), Count: 1}, {Kind: Journal, Due: end.AddDate(0, 2, 0), Count: 1}}
	if d := cmp.Diff(want, due); d != "" {
		t.Errorf("due (-want +got):\n%s", d)
	}
	r.at(end)
	r.wantPurged("journal-2025-10 retention")
	r.at(end.AddDate(0, 2, 0))
	r.wantPurged("journal-2025-11 retention", "journal-2025-12 retention")
	if len(r.shards) != 0 {
		t.Errorf("left are %v", r.shards)
	}
}

// TestJournalsOfEarlierEnrolments: twelve months after the last that was
// countersigned, as a whole; an empty one at once.
func TestJournalsOfEarlierEnrolments(t *testing.T) {
	r := newRoom(t)
	last := time.Date(2025, time.October, 14, 9, 0, 0, 0, time.UTC)
	r.former = []Former{{Name: "journal-1", Last: last}, {Name: "journal-2", Last: last.AddDate(0, 3, 0)}, {Name: "journal-3"}}
	r.at(last.AddDate(1, 0, 0).Add(-time.Second))
	r.wantPurged("journal-3 retention")
	r.at(last.AddDate(1, 0, 0))
	r.wantPurged("journal-1 retention")
	due, err := r.Due(t.Context())
	r.check(err)
	if d := cmp.Diff([]Item{{Kind: Journal, Due: day(last.AddDate(1, 3, 0)), Count: 1}}, due); d != "" {
		t.Errorf("due (-want +got):\n%s", d)
	}
}

// TestBrokenJournalIsKept: it is evidence. Letters are forgotten all the same.
func TestBrokenJournalIsKept(t *testing.T) {
	r := newRoom(t)
	r.shards = monthly(2025, time.October)
	r.former = []Former{{Name: "journal-1", Last: dropOff.AddDate(-3, 0, 0)}}
	r.status.Broken = journal.ErrBroken
	r.letter("j1", "standard")
	r.drop("d1", true, "j1")
	r.at(r.shards[0].Month.AddDate(9, 0, 0))
	if len(r.shards) != 1 || len(r.former) != 1 {
		t.Errorf("left are %v and %v", r.shards, r.former)
	}
	if len(r.purged) == 0 {
		t.Error("the letter was not forgotten")
	}
}

// TestMonthThatStays: what can't be deleted is tried again, and in the journal
// once; what can't be written there stays.
func TestMonthThatStays(t *testing.T) {
	r := newRoom(t)
	r.shards = monthly(2025, time.October, time.November)
	now := r.shards[0].Month.AddDate(2, 0, 0)
	r.own, r.confirmed, r.full = now, now, journal.ErrFull
	if err := r.Purge(t.Context()); !errors.Is(err, journal.ErrFull) || len(r.shards) != 2 {
		t.Errorf("%v, left are %v", err, r.shards)
	}
	r.full, r.stuck = nil, journal.ErrIO
	for range 3 {
		if err := r.Purge(t.Context()); !errors.Is(err, journal.ErrIO) {
			t.Errorf("%v", err)
		}
	}
	r.wantPurged("journal-2025-10 retention")
	r.stuck = nil
	r.at(now)
	r.wantPurged("journal-2025-11 retention")
}
