package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

const (
	entriesFile = "journal.db" // the log: entries and checkpoints
	derivedFile = "tree.db"    // rebuilt from the log when missing or wrong

	applicationID = 0x42323461 // "B24a"
	schemaVersion = 1
	readers       = 4
)

// schema is append-only: updates, deletions, gaps and replacements are refused
// by the database itself. Who edits the file below SQLite breaks the chain.
const schema = `
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
`

// database is one SQLite file: one connection that writes, a pool that reads.
type database struct {
	path   string
	writer *sql.DB
	reader *sql.DB
}

// openDatabase opens or makes the file, owner only, in WAL mode. Commits are
// durable when durable is set; a power cut may undo the last ones otherwise,
// but never leaves a torn file.
func openDatabase(ctx context.Context, path string, durable bool, schema string) (_ *database, err error) {
	if err := create(path); err != nil {
		return nil, err
	}
	mode, level := "NORMAL", 1
	if durable {
		mode, level = "FULL", 2
	}
	common := []string{"busy_timeout(5000)", "trusted_schema(0)", "cell_size_check(1)"}
	d := &database{path: path}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.close())
		}
	}()
	write := append(common, "journal_mode(WAL)", "synchronous("+mode+")", "fullfsync(1)",
		"checkpoint_fullfsync(1)", "recursive_triggers(1)")
	if d.writer, err = sql.Open("sqlite", dsn(path, write)); err != nil {
		return nil, storageError("open", err)
	}
	d.writer.SetMaxOpenConns(1)
	if err = d.prepare(ctx, level, schema); err != nil {
		return nil, err
	}
	if d.reader, err = sql.Open("sqlite", dsn(path, append(common, "query_only(1)"))); err != nil {
		return nil, storageError("open", err)
	}
	d.reader.SetMaxOpenConns(readers)
	return d, nil
}

// prepare checks that the settings took, which SQLite does not report by
// itself, and makes the tables.
func (d *database) prepare(ctx context.Context, level int, schema string) error {
	var journalMode string
	var synchronous, id, version int
	for pragma, to := range map[string]any{
		"journal_mode": &journalMode, "synchronous": &synchronous,
		"application_id": &id, "user_version": &version,
	} {
		if err := d.writer.QueryRowContext(ctx, "PRAGMA "+pragma).Scan(to); err != nil {
			return storageError("open", err)
		}
	}
	if journalMode != "wal" || synchronous != level {
		return fmt.Errorf("%w: journal mode %s and synchronous level %d instead of wal and %d",
			ErrIO, journalMode, synchronous, level)
	}
	fresh := id == 0 && version == 0
	if !fresh && (id != applicationID || version != schemaVersion) {
		return &BrokenError{What: fmt.Sprintf("%s is not a journal of this version", filepath.Base(d.path))}
	}
	if _, err := d.writer.ExecContext(ctx, schema); err != nil {
		return storageError("make the tables", err)
	}
	if fresh {
		mark := fmt.Sprintf("PRAGMA application_id=%d; PRAGMA user_version=%d", applicationID, schemaVersion)
		if _, err := d.writer.ExecContext(ctx, mark); err != nil {
			return storageError("make the tables", err)
		}
	}
	return nil
}

func (d *database) close() error {
	var errs []error
	for _, db := range []*sql.DB{d.reader, d.writer} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}

// create makes an empty file that only its owner reads, and its name durable.
func create(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrIO, err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("%w: %w", ErrIO, err)
	}
	return syncDir(filepath.Dir(path))
}

// syncDir makes names in a directory durable; Windows has no such call.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	f, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrIO, err)
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("%w: sync %s: %w", ErrIO, dir, err)
	}
	return nil
}

func dsn(path string, pragmas []string) string {
	p := filepath.ToSlash(path)
	if !strings.HasPrefix(p, "/") {
		p = "/" + p // a Windows drive
	}
	u := url.URL{Scheme: "file", Path: p, RawQuery: url.Values{"_pragma": pragmas}.Encode()}
	return u.String()
}

// storageError tells what kind of failure the driver reports.
func storageError(what string, err error) error {
	if err == nil {
		return nil
	}
	kind := ErrIO
	var e *sqlite.Error
	if errors.As(err, &e) {
		switch e.Code() & 0xff {
		case lib.SQLITE_FULL:
			kind = ErrFull
		case lib.SQLITE_READONLY:
			kind = ErrReadOnly
		case lib.SQLITE_CORRUPT, lib.SQLITE_NOTADB:
			return &BrokenError{What: what + ": the database is damaged", Err: err}
		}
	}
	return fmt.Errorf("%w: %s: %w", kind, what, err)
}
