package journal

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// TestAnchorsAreForgotten: the counter is compared also when the last anchor was
// forgotten, with nothing but the disk's word for it or against it.
func TestAnchorsAreForgotten(t *testing.T) {
	for _, later := range []int{0, 1, 2, 5} {
		t.Run(fmt.Sprint(later), func(t *testing.T) {
			r, counter := tied(t)
			j := r.whole(t)
			anchor(t, j)
			write(t, j, 3)
			anchor(t, j) // 9
			write(t, j, 2)
			r.sealAt(t, j, inMonth(0, 3))
			for m := range later { // without another anchor
				write(t, j, m+1)
				r.sealAt(t, j, inMonth(m+1, 3))
			}
			write(t, j, 1)
			for range later + 1 {
				forget(t, j)
			}
			if got := j.start().anchor.Counter; got != 9 {
				t.Fatalf("the start names %d", got)
			}
			closeJournal(t, j)
			yesterday := copyOf(t, r)
			j = r.whole(t)
			if _, err := j.Verify(t.Context()); err != nil {
				t.Fatal(err)
			}
			anchor(t, j)
			anchor(t, j)
			if counter.value != 11 {
				t.Errorf("the counter is at %d", counter.value)
			}
			closeJournal(t, j)
			r.dir = yesterday
			rolledBack(t, r, RollbackError{Log: 9, Counter: 11})
		})
	}
}

// TestTamperedStart changes what the log starts with: each is named.
func TestTamperedStart(t *testing.T) {
	ctx := context.Background()
	flip := func(column string) string {
		return fmt.Sprintf(`UPDATE start SET %s = CAST(substr(%[1]s, 1, 20) || x'00' || substr(%[1]s, 22) AS BLOB)`, column)
	}
	const noStartTriggers = "DROP TRIGGER start_insert; DROP TRIGGER start_update; DROP TRIGGER start_delete;" + noTriggers
	for name, c := range map[string]struct{ edit, what string }{
		"note":             {"UPDATE start SET note = CAST(replace(CAST(note AS TEXT), 'witness', 'witnes5') AS BLOB)", "checkpoint that the log starts after"},
		"a later note":     {"UPDATE start SET note = (SELECT note FROM checkpoint WHERE sealed = 1)", "checkpoint that the log starts after"},
		"a later start":    {"UPDATE start SET size = (SELECT max(size) FROM checkpoint), note = (SELECT note FROM checkpoint WHERE sealed = 1 ORDER BY size DESC)", "hashes that the log starts with"},
		"size":             {"UPDATE start SET size = size - 1", "checkpoint that the log starts after"},
		"frontier":         {flip("frontier"), "hashes that the log starts with"},
		"cut frontier":     {"UPDATE start SET frontier = x'00'", "hashes that the log starts with"},
		"leaf":             {flip("leaf"), "last entry before the log's start"},
		"proof":            {flip("proof"), "last entry before the log's start"},
		"anchor":           {"UPDATE start SET anchor = CAST(replace(CAST(anchor AS TEXT), '\"counter\":9', '\"counter\":8') AS BLOB)", "last anchor before the log's start"},
		"anchor's proof":   {flip("anchored"), "last anchor before the log's start"},
		"no start":         {"DELETE FROM start", "sequence"},
		"first entry gone": {"DELETE FROM entry WHERE sequence = 13", "sequence"},
	} {
		t.Run(name, func(t *testing.T) {
			r, _ := tied(t)
			j := r.whole(t)
			anchor(t, j)
			write(t, j, 3)
			anchor(t, j)
			write(t, j, 2)
			r.sealAt(t, j, inMonth(0, 3)) // 12
			write(t, j, 2)
			r.sealAt(t, j, inMonth(1, 3))
			write(t, j, 1)
			forget(t, j)
			r.edit(t, entriesFile, noStartTriggers, c.edit)
			_, live := j.Verify(ctx) // as it goes on
			if live == nil || !errors.Is(live, ErrBroken) {
				t.Errorf("Verify: %v", live)
			}
			closeJournal(t, j)
			removeDerived(t, r)
			j = r.open(t)
			found := j.Status().Broken
			if found == nil || !strings.Contains(found.Error(), c.what) {
				t.Fatalf("at opening: %v", found)
			}
			brokenButUsable(t, j)
			if err := j.Forget(ctx, Shard{}); !errors.Is(err, ErrBroken) {
				t.Errorf("Forget: %v", err)
			}
		})
	}
}
