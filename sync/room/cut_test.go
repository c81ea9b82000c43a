package room

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"espero-soft.com/printroom/sync/central"
)

// cut takes the last entries off a journal, and every head that knew of them, as
// who controls the disk can.
func cut(t *testing.T, r *Room, after int64) {
	t.Helper()
	dir := filepath.Join(r.Data, "journal")
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "journal.db"))
	if err != nil {
		t.Fatal(err)
	}
	statements := []string{"DELETE FROM entry WHERE sequence > " + strconv.FormatInt(after, 10), "DELETE FROM checkpoint WHERE size > " + strconv.FormatInt(after, 10)}
	for _, row := range query(t, filepath.Join(dir, "journal.db"), `SELECT name, sql FROM sqlite_master WHERE type = 'trigger'`) {
		statements = append([]string{"DROP TRIGGER " + row[0]}, append(statements, row[1])...)
	}
	for _, s := range statements {
		if _, err := db.ExecContext(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	err = db.Close()
	for _, derived := range []string{"tree.db", "index.db"} {
		for _, suffix := range []string{"", "-wal", "-shm"} {
			if gone := os.Remove(filepath.Join(dir, derived+suffix)); gone != nil && !errors.Is(gone, os.ErrNotExist) {
				err = errors.Join(err, gone)
			}
		}
	}
	if err != nil {
		t.Fatal(err)
	}
}

// anchored is the sequence of the n-th last entry that ties the journal to the
// TPM's counter.
func anchored(t *testing.T, r *Room, n int) int64 {
	t.Helper()
	rows := query(t, filepath.Join(r.Data, "journal", "journal.db"),
		`SELECT sequence FROM entry WHERE CAST(bytes AS TEXT) LIKE '%"counter":%' ORDER BY sequence DESC`)
	if len(rows) < n {
		t.Fatalf("%d entries with a counter", len(rows))
	}
	sequence, err := strconv.ParseInt(rows[n-1][0], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return sequence
}

// TestCutJournal: the last entries are cut off while the program does not run.
// Without central the counter notices, where the cut goes behind what it knew.
func TestCutJournal(t *testing.T) {
	r, _ := openRoom(t, Options{Letters: 2})
	w := work(t, r)
	do(t, w, "claim")
	quit(t, w)
	w = work(t, r)
	do(t, w, "push")
	quit(t, w)
	if err := r.StopCentral(); err != nil {
		t.Fatal(err)
	}
	cut(t, r, anchored(t, r, 2)) // the TPM has counted once more since
	w = work(t, r)
	fails(t, w, "print", "journal_old")
	quit(t, w)
	if n := len(r.Printer.Printed()); n != 0 {
		t.Errorf("%d letters came out", n)
	}
}

// TestCutJournalOnline: the witness notices, also what the counter does not know of.
func TestCutJournalOnline(t *testing.T) {
	r, _ := openRoom(t, Options{Letters: 2})
	w := work(t, r)
	do(t, w, "claim")
	quit(t, w)
	last := anchored(t, r, 1)
	if have := int64(len(written(t, r))); have <= last {
		t.Fatalf("%d entries, the last with a counter is %d", have, last)
	}
	cut(t, r, last)
	w = work(t, r)
	eventually(t, "central notices", func() bool {
		_, open := alarmOf(t, r, central.AlarmFork)
		return open
	})
	eventually(t, "nothing is opened", func() bool {
		a, err := w.Do("print")
		return err != nil && a.Fault == "journal_fork"
	})
	_ = w.Quit() // what it wrote is not taken
	if l, err := r.Central.Ledger(t.Context()); err != nil || l.Waiting != 2 {
		t.Errorf("central's ledger: %+v, %v; want both letters waiting", l, err)
	}
}
