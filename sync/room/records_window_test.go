//go:build window

package room

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"espero-soft.com/printroom/printer/pwg"
	"espero-soft.com/printroom/printer/receipt"
	"espero-soft.com/printroom/vault/store"
)

func centralDB(r *Room) string { return filepath.Join(r.Options.Dir, "central", "central.db") }

// A kept letter is what stands in the station's database about it.
type kept struct {
	ID, Product, Attempt, Hold, Reprint string
	State                               store.State
	Number                              string // of its latest printing, "0" before the first
	Scanned                             bool
}

// keptLetters are all of them, those that were printed last first.
func keptLetters(t *testing.T, r *Room) []kept {
	t.Helper()
	var all []kept
	for _, row := range query(t, stationDB(r), `SELECT id, product, attempt, hold, reprint, state, number, scanned FROM jobs ORDER BY batch DESC, cut_off`) {
		all = append(all, kept{
			ID: row[0], Product: row[1], Attempt: row[2], Hold: row[3], Reprint: row[4],
			State: store.State(row[5]), Number: row[6], Scanned: row[7] == "1",
		})
	}
	return all
}

// inState are the letters in a state.
func inState(t *testing.T, r *Room, want store.State) []kept {
	t.Helper()
	var found []kept
	for _, k := range keptLetters(t, r) {
		if k.State == want {
			found = append(found, k)
		}
	}
	return found
}

// letterOf is what is kept of one letter.
func letterOf(t *testing.T, r *Room, id string) kept {
	t.Helper()
	for _, k := range keptLetters(t, r) {
		if k.ID == id {
			return k
		}
	}
	t.Fatalf("the station has no letter %s", id)
	return kept{}
}

func lines(all []entry) []string {
	text := make([]string, len(all))
	for i, e := range all {
		text[i] = e.String()
	}
	return text
}

// exported reads the entries of a journal's export.
func exported(t *testing.T, dir string) []entry {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "journal.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	var all []entry
	for line := range strings.Lines(string(text)) {
		if e := parseEntry(t, line); e.Sequence > 0 { // the last line is a checkpoint
			all = append(all, e)
		}
	}
	return all
}

// awaitWritten waits until the journal has so many entries that read so, and
// returns the last.
func awaitWritten(t *testing.T, r *Room, line string, count int) entry {
	t.Helper()
	var last entry
	await(t, fmt.Sprintf("the journal has %d entries %q", count, line), func() bool {
		n := 0
		for _, e := range written(t, r) {
			if e.String() == line {
				n++
				last = e
			}
		}
		return n >= count
	})
	return last
}

// codesOn reads the codes on the first page that a printer put out.
func codesOn(t *testing.T, path string) []string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	page, err := pwg.NewReader(f).Next()
	if err != nil {
		t.Fatal(err)
	}
	codes, err := receipt.Read(t.Context(), picture(page))
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, c := range codes {
		texts = append(texts, c.Text)
	}
	return texts
}
