package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
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
	schemaVersion = 2
	readers       = 4
)

// database is one SQLite file: one connection that writes, a pool that reads.
type database struct {
	path    string
	writer  *sql.DB
	reader  *sql.DB
	reading // of the pool
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
	common := []string{"busy_timeout(5000)", "trusted_schema(0)", "cell_size_check(1)", "temp_store(MEMORY)"}
	d := &database{path: path}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.close())
		}
	}()
	write := append(common, "journal_mode(WAL)", "synchronous("+mode+")", "fullfsync(1)",
		"checkpoint_fullfsync(1)", "recursive_triggers(1)", "secure_delete(1)")
	// A transaction that will write waits for its turn before it reads.
	if d.writer, err = sql.Open("sqlite", dsn(path, write)+"&_txlock=immediate"); err != nil {
		return nil, storageError("open", err)
	}
	d.writer.SetMaxOpenConns(1)
	if err = d.prepare(ctx, level, durable, schema); err != nil {
		return nil, err
	}
	if d.reader, err = sql.Open("sqlite", dsn(path, append(common, "query_only(1)"))); err != nil {
		return nil, storageError("open", err)
	}
	d.reader.SetMaxOpenConns(readers)
	d.reading = reading{d.reader}
	return d, nil
}

// prepare checks that the settings took, which SQLite does not report by
// itself, and makes the tables. The log itself is brought to this version; what
// follows from it is not.
func (d *database) prepare(ctx context.Context, level int, log bool, schema string) error {
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
	present := id == applicationID && version == schemaVersion
	fresh := id == 0 && version == 0
	if !present && !fresh && (id != applicationID || version != firstVersion || !log) {
		return &BrokenError{What: fmt.Sprintf("%s is not a journal of this version", filepath.Base(d.path))}
	}
	if log {
		if err := d.settle(ctx); err != nil {
			return err
		}
	}
	if !present {
		return d.migrate(ctx, schema)
	}
	_, err := d.writer.ExecContext(ctx, schema) // triggers that are missing
	return storageError("make the tables", err)
}

// settle makes what is there last, before it counts. Where a sync failed and the
// program then ended, the write-ahead log may have what is in memory alone, is
// taken for written and never will be: entries behind it would be lost with it.
// So all of it is written once more. The names are synced as well: SQLite does
// not say when that fails.
func (d *database) settle(ctx context.Context) error {
	tx, err := d.writer.BeginTx(ctx, nil) // nobody appends meanwhile
	if err != nil {
		return storageError("open", err)
	}
	err = errors.Join(writeAgain(d.path+"-wal"), syncDir(filepath.Dir(d.path)))
	return errors.Join(err, storageError("open", tx.Rollback()))
}

// writeAgain writes a file's bytes where they are, and syncs them.
func writeAgain(path string) (err error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("%w: %w", fileError(err), err)
	}
	defer func() {
		if cerr := f.Close(); err == nil && cerr != nil {
			err = fmt.Errorf("%w: %w", ErrIO, cerr)
		}
	}()
	buf := make([]byte, 1<<20)
	for at := int64(0); ; {
		n, rerr := f.ReadAt(buf, at)
		if n == 0 && errors.Is(rerr, io.EOF) {
			break
		}
		if rerr != nil && !errors.Is(rerr, io.EOF) {
			return fmt.Errorf("%w: %w", ErrIO, rerr)
		}
		if _, err := f.WriteAt(buf[:n], at); err != nil {
			return fmt.Errorf("%w: %w", fileError(err), err)
		}
		at += int64(n)
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("%w: %w", fileError(err), err)
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

// create makes an empty file that only its owner reads.
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
	return nil
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

// againstRules tells whether the database refused a row by a constraint or a
// trigger.
func againstRules(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code()&0xff == lib.SQLITE_CONSTRAINT
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
