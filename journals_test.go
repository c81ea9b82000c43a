package main

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"espero-soft.com/printroom/vault/journal"
)

// former is a journal that nobody writes any more, or the one after it.
type former struct {
	status journal.Status
	last   string
	start  journal.Start
	shards []journal.Shard
}

func (f former) Status() journal.Status                          { return f.status }
func (f former) Start() journal.Start                            { return f.start }
func (f former) Shards(context.Context) ([]journal.Shard, error) { return f.shards, nil }
func (f former) Entries(context.Context, int64, int) ([][]byte, error) {
	if f.last == "" {
		return nil, nil
	}
	return [][]byte{[]byte(f.last)}, nil
}

// lastEntry was written by a clock that stood in 2025.
const lastEntry = `{"action":"stop","boot":"0a0b0c0d-0000-4000-8000-000000000001","log":"bjet24.example/room/s-1","monotonic":9,"outcome":"done","previous":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=","sequence":1,"time":"2025-01-02T03:04:05.000Z","version":1}`

// TestAgeOfAFormerJournal: by central's time, where it has one; a clock that was
// behind makes none older than what came after.
func TestAgeOfAFormerJournal(t *testing.T) {
	written, sealed := time.Date(2025, time.January, 2, 3, 4, 5, 0, time.UTC), time.Date(2026, time.March, 9, 0, 0, 0, 0, time.UTC)
	one := journal.Status{Entries: 1}
	for name, c := range map[string]struct {
		f           former
		after, want time.Time
	}{
		"empty":          {former{}, sealed, time.Time{}},
		"countersigned":  {former{status: journal.Status{Entries: 9, Sealed: 3, SealedAt: written}}, sealed, written},
		"a clock behind": {former{status: one, last: lastEntry}, sealed, sealed},
		"a clock ahead":  {former{status: one, last: lastEntry}, written.AddDate(-1, 0, 0), written},
	} {
		if got, err := lastOf(t.Context(), c.f, c.after); err != nil || !got.Equal(c.want) {
			t.Errorf("%s: %s, %v, want %s", name, got, err, c.want)
		}
	}
	if _, err := lastOf(t.Context(), former{status: one}, sealed); !errors.Is(err, journal.ErrRange) {
		t.Errorf("an entry that is not there: %v", err)
	}
	if _, err := lastOf(t.Context(), former{status: one, last: strings.Repeat("x", 9)}, sealed); err == nil {
		t.Error("an entry that can't be read passes")
	}
}

// TestFirstSeal: what is known of it when the first months were forgotten too.
func TestFirstSeal(t *testing.T) {
	first := time.Date(2026, time.March, 9, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		f    former
		want time.Time
	}{
		"nothing countersigned": {former{}, time.Time{}},
		"months":                {former{shards: []journal.Shard{{SealedAt: first}, {SealedAt: first.AddDate(0, 1, 0)}}}, first},
		"forgotten":             {former{start: journal.Start{Size: 4, SealedAt: first}, shards: []journal.Shard{{SealedAt: first.AddDate(0, 1, 0)}}}, first},
	} {
		if got, err := firstSeal(t.Context(), c.f); err != nil || !got.Equal(c.want) {
			t.Errorf("%s: %s, %v", name, got, err)
		}
	}
}
