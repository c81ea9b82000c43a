package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// firstSchema is what version 1 made.
const firstSchema = `
CREATE TABLE IF NOT EXISTS entry (
	sequence INTEGER PRIMARY KEY,
	bytes    BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS checkpoint (
	size   INTEGER NOT NULL,
	sealed INTEGER NOT NULL CHECK (sealed IN (0, 1)),
	note   BLOB NOT NULL,
	PRIMARY KEY (size, sealed)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS witness (
	vkey  TEXT PRIMARY KEY,
	place INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS witness_delete BEFORE DELETE ON witness
	BEGIN SELECT RAISE(ABORT, 'a witness key is never forgotten'); END;
CREATE TRIGGER IF NOT EXISTS entry_order BEFORE INSERT ON entry
	WHEN NEW.sequence IS NOT (SELECT coalesce(max(sequence), 0) + 1 FROM entry)
	BEGIN SELECT RAISE(ABORT, 'not the next entry'); END;
CREATE TRIGGER IF NOT EXISTS entry_update BEFORE UPDATE ON entry
	BEGIN SELECT RAISE(ABORT, 'entries are never changed'); END;
CREATE TRIGGER IF NOT EXISTS entry_delete BEFORE DELETE ON entry
	BEGIN SELECT RAISE(ABORT, 'entries are never deleted'); END;
CREATE TRIGGER IF NOT EXISTS checkpoint_replace BEFORE INSERT ON checkpoint
	WHEN EXISTS (SELECT 1 FROM checkpoint WHERE sealed = NEW.sealed AND size = NEW.size)
	BEGIN SELECT RAISE(ABORT, 'checkpoints are never replaced'); END;
CREATE TRIGGER IF NOT EXISTS checkpoint_update BEFORE UPDATE ON checkpoint
	BEGIN SELECT RAISE(ABORT, 'checkpoints are never changed'); END;
CREATE TRIGGER IF NOT EXISTS checkpoint_delete BEFORE DELETE ON checkpoint
	BEGIN SELECT RAISE(ABORT, 'checkpoints are never deleted'); END;
PRAGMA application_id=0x42323461;
PRAGMA user_version=1;
`

// asFirst makes the closed log's file one of version 1 with the same rows.
func (r *room) asFirst(t *testing.T) {
	t.Helper()
	old := filepath.Join(r.dir, "first.db")
	db, err := sql.Open("sqlite", dsn(old, []string{"journal_mode(WAL)"}))
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	for _, s := range []string{
		firstSchema, fmt.Sprintf("ATTACH '%s' AS new", filepath.Join(r.dir, entriesFile)),
		"INSERT INTO entry SELECT * FROM new.entry ORDER BY sequence",
		"INSERT INTO checkpoint SELECT * FROM new.checkpoint",
		"INSERT INTO witness SELECT * FROM new.witness", "DETACH new",
	} {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	if err := errors.Join(db.Close(), os.Rename(old, filepath.Join(r.dir, entriesFile))); err != nil {
		t.Fatal(err)
	}
}

// TestAFileOfTheFirstVersion is opened by several programs at a time, is what it
// was, goes on and forgets.
func TestAFileOfTheFirstVersion(t *testing.T) {
	ctx := context.Background()
	r, _ := tied(t)
	j := r.whole(t)
	anchor(t, j)
	write(t, j, 3)
	r.sealAt(t, j, inMonth(0, 3))
	write(t, j, 2)
	closeJournal(t, j)
	r.asFirst(t)

	var journals [3]*Journal
	var all sync.WaitGroup
	for i := range journals {
		all.Go(func() { journals[i] = r.open(t) })
	}
	all.Wait()
	for _, j := range journals {
		if v, err := j.Verify(ctx); err != nil || v.Entries != 11 || v.Checkpoints != 2 {
			t.Errorf("%+v, %v", v, err)
		}
	}
	j = journals[1]
	for _, s := range []string{
		"DELETE FROM entry WHERE sequence = 1", "DELETE FROM checkpoint",
		"INSERT INTO entry VALUES (13, x'00')", "UPDATE entry SET bytes = x'00'",
	} {
		if _, err := j.db.writer.Exec(s); err == nil {
			t.Errorf("%s: accepted", s)
		}
	}
	anchor(t, j)
	write(t, j, 1)
	forget(t, j)
	if _, err := j.Verify(ctx); err != nil || j.Start().Size != 7 {
		t.Errorf("%v, it starts after %+v", err, j.Start())
	}
	r.sealAt(t, j, inMonth(1, 3))
	if report, _ := r.exported(t, j, Span{}); report.Entries != j.Size()-7 {
		t.Errorf("%d entries of %d", report.Entries, j.Size())
	}
}

// TestFilesOfOtherVersions are left alone.
func TestFilesOfOtherVersions(t *testing.T) {
	for _, pragma := range []string{"user_version=3", "user_version=0", "application_id=1"} {
		r := newRoom(t)
		closeJournal(t, r.whole(t))
		r.edit(t, entriesFile, "PRAGMA "+pragma)
		if _, err := Open(t.Context(), r.config()); !errors.Is(err, ErrBroken) {
			t.Errorf("%s: %v", pragma, err)
		}
	}
}
