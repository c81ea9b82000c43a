package main

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"espero-soft.com/printroom/vault/journal"
)

// verifyRow is row 7: the whole verification of the database file on so many
// cores, beside reading and hashing the same rows on one core. The file is a
// copy of the fixture without its checkpoints; what those take too is told in
// the note.
func verifyRow(cores int) func(context.Context, options) (*sides, error) {
	return func(ctx context.Context, o options) (_ *sides, err error) {
		f, err := bigFixture(ctx, o)
		if err != nil {
			return nil, err
		}
		v := &verification{cores: cores, entries: o.entries}
		dir, remove, err := f.copy(ctx)
		if err != nil {
			return nil, err
		}
		v.remove = remove
		defer func() {
			if err != nil {
				err = errors.Join(err, v.close())
			}
		}()
		if v.journal, err = f.open(ctx, dir); err != nil {
			return nil, err
		}
		if v.signed, err = v.ours(ctx); err != nil {
			return nil, err
		}
		if err := v.journal.Close(); err != nil {
			return nil, err
		}
		if err := dropCheckpoints(ctx, filepath.Join(dir, journalFile)); err != nil {
			return nil, err
		}
		v.withNotes, v.first, v.rest = v.notes, 0, 0
		if v.journal, err = f.open(ctx, dir); err != nil {
			return nil, err
		}
		if v.db, err = rawJournal(filepath.Join(dir, journalFile), "query_only(1)"); err != nil {
			return nil, err
		}
		return &sides{ours: v.ours, peer: v.peer, close: v.close, note: v.note}, nil
	}
}

type verification struct {
	cores       int
	entries     int64
	journal     *journal.Journal
	db          *sql.DB // the same file, for the peer
	remove      func() error
	notes       int64         // that the last verification checked
	signed      time.Duration // of the one with all checkpoints
	withNotes   int64         // how many it checked
	first, rest int           // KiB: greatest RssAnon during the first tenth of the entries, and after it
}

// ours verifies the journal.
func (v *verification) ours(ctx context.Context) (time.Duration, error) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(v.cores))
	runtime.GC()
	calls := 0
	began := time.Now()
	got, err := v.journal.VerifyShown(ctx, func(done, total int64) {
		if calls++; calls%4 != 0 {
			return
		}
		kib, err := anonymous(os.Getpid())
		switch {
		case err != nil:
		case done <= total/10:
			v.first = max(v.first, kib)
		default:
			v.rest = max(v.rest, kib)
		}
	})
	took := time.Since(began)
	v.notes = got.Checkpoints
	if err == nil && got.Entries != v.entries {
		err = fmt.Errorf("%d entries were verified instead of %d", got.Entries, v.entries)
	}
	return took, err
}

// peer reads the same rows in the same driver on one core and hashes each once.
func (v *verification) peer(ctx context.Context) (took time.Duration, err error) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	runtime.GC()
	began := time.Now()
	rows, err := v.db.QueryContext(ctx, "SELECT sequence, bytes FROM entry ORDER BY sequence")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	n := int64(0)
	for ; rows.Next(); n++ {
		var sequence int64
		var bytes sql.RawBytes
		if err := rows.Scan(&sequence, &bytes); err != nil {
			return 0, err
		}
		_ = sha256.Sum256(bytes)
	}
	took = time.Since(began)
	if n != v.entries {
		return 0, fmt.Errorf("%d entries were read instead of %d", n, v.entries)
	}
	return took, rows.Err()
}

func (v *verification) note() string {
	return fmt.Sprintf("%d entries on %d cores, the peer on one; with the signatures of %d notes: %s, once; RssAnon at most %.0f MiB in the first tenth, %.0f after it",
		v.entries, v.cores, v.withNotes, short(v.signed), float64(v.first)/1024, float64(v.rest)/1024)
}

func (v *verification) close() error {
	var errs []error
	if v.db != nil {
		errs = append(errs, v.db.Close())
	}
	if v.journal != nil {
		errs = append(errs, v.journal.Close())
	}
	return errors.Join(append(errs, v.remove())...)
}

// dropCheckpoints takes the notes but the last countersigned one out of a
// journal's copy, below its own rules.
func dropCheckpoints(ctx context.Context, path string) (err error) {
	db, err := rawJournal(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // after a commit it does nothing
	var trigger string
	err = tx.QueryRowContext(ctx, "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = 'checkpoint_delete'").Scan(&trigger)
	if err != nil {
		return err
	}
	for _, statement := range []string{
		"DROP TRIGGER checkpoint_delete",
		"DELETE FROM checkpoint WHERE size < (SELECT max(size) FROM checkpoint WHERE sealed = 1)",
		trigger,
	} {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return tx.Commit()
}
