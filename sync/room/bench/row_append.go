package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"espero-soft.com/printroom/vault/journal"
)

const (
	smallJournal   = 10_000
	accessesARun   = 1000 // of two entries each; what options ask for when nothing else is said
	accessesAtOnce = 25   // of one side, before it is the other's turn
)

// appendRow is row 6a: a journal that writes intents and results, beside a
// table of the same driver that gets the same bytes. The two take turns within
// a run, so that whatever else the machine does meets both.
func appendRow(ctx context.Context, o options) (_ *sides, err error) {
	ours, err := filledJournal(ctx, o.dir, smallJournal)
	if err != nil {
		return nil, err
	}
	bare, err := bareTable(ctx, o.dir, ours)
	if err != nil {
		return nil, errors.Join(err, ours.close())
	}
	return inTurn(o.accesses, ours.write, bare.write, func() error { return errors.Join(ours.close(), bare.close()) },
		func() string { return "time of one entry; both files had the same 10,000 entries before" }), nil
}

// growthOfLogRow is row 6b: the same at ten million entries beside ten thousand.
func growthOfLogRow(ctx context.Context, o options) (_ *sides, err error) {
	small, err := filledJournal(ctx, o.dir, smallJournal)
	if err != nil {
		return nil, err
	}
	f, err := bigFixture(ctx, o)
	if err != nil {
		return nil, errors.Join(err, small.close())
	}
	dir, remove, err := f.copy(ctx)
	if err != nil {
		return nil, errors.Join(err, small.close())
	}
	j, err := f.open(ctx, dir)
	if err != nil {
		return nil, errors.Join(err, remove(), small.close())
	}
	large := &written{journal: j}
	return inTurn(o.accesses, large.write, small.write, func() error { return errors.Join(large.close(), remove(), small.close()) },
		func() string { return fmt.Sprintf("time of one entry; a copy of the journal of %d entries", o.entries) }), nil
}

// inTurn makes the sides of two writers that take turns until each has made so
// many accesses a run; each gets a count of accesses and gives the time that
// they took. The peer's runs are over with ours.
func inTurn(accesses int, ours, peer func(context.Context, int) (time.Duration, error), closeAll func() error, note func() string) *sides {
	var of [2]time.Duration
	run := func(ctx context.Context) error {
		of = [2]time.Duration{}
		for range accesses / accessesAtOnce {
			for i, write := range []func(context.Context, int) (time.Duration, error){ours, peer} {
				took, err := write(ctx, accessesAtOnce)
				if err != nil {
					return err
				}
				of[i] += took
			}
		}
		return nil
	}
	return &sides{
		ours: func(ctx context.Context) (time.Duration, error) {
			err := run(ctx)
			return of[0] / time.Duration(2*accesses), err
		},
		peer:  func(context.Context) (time.Duration, error) { return of[1] / time.Duration(2*accesses), nil },
		close: closeAll, note: note,
	}
}

// written is a journal that is appended to.
type written struct {
	journal *journal.Journal
	n       int
}

// filledJournal is a new journal of so many entries in a folder of dir.
func filledJournal(ctx context.Context, dir string, entries int64) (*written, error) {
	dir, err := os.MkdirTemp(dir, "journal-")
	if err != nil {
		return nil, err
	}
	f := &fixture{dir: dir, entries: entries}
	if err := f.ensure(ctx); err != nil {
		return nil, err
	}
	j, err := f.open(ctx, dir)
	return &written{journal: j}, err
}

// write makes n accesses, each of an intent and its result, each of them durable.
func (w *written) write(ctx context.Context, n int) (time.Duration, error) {
	began := time.Now()
	for range n {
		w.n++
		p, err := w.journal.Intent(ctx, journal.Access{Actor: operator(w.n), Object: letter(int64(w.n)), Action: journal.ActionPreview, Pages: "1-3"})
		if err != nil {
			return 0, err
		}
		if err := w.journal.Result(ctx, p, journal.OutcomeDone); err != nil {
			return 0, err
		}
	}
	return time.Since(began), nil
}

func (w *written) close() error { return w.journal.Close() }

// bare is a table without a journal: the peer. It is durable in the same way.
type bare struct {
	from   *journal.Journal // whose entries it gets
	db     *sql.DB
	insert *sql.Stmt
	n      int64
}

// bareTable has the journal's entries so far, in a file of a new folder of dir.
func bareTable(ctx context.Context, dir string, of *written) (*bare, error) {
	dir, err := os.MkdirTemp(dir, "bare-")
	if err != nil {
		return nil, err
	}
	b := &bare{from: of.journal}
	if b.db, err = rawJournal(filepath.Join(dir, "bare.db"), "journal_mode(WAL)", "synchronous(FULL)"); err != nil {
		return nil, err
	}
	b.db.SetMaxOpenConns(1)
	if _, err := b.db.ExecContext(ctx, "CREATE TABLE entry (sequence INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT"); err != nil {
		return nil, errors.Join(err, b.db.Close())
	}
	if b.insert, err = b.db.PrepareContext(ctx, "INSERT INTO entry (sequence, bytes) VALUES (?, ?)"); err != nil {
		return nil, errors.Join(err, b.db.Close())
	}
	_, err = b.write(ctx, smallJournal/2)
	return b, err
}

// write inserts the journal's next 2n entries, each durable.
func (b *bare) write(ctx context.Context, n int) (time.Duration, error) {
	entries, err := b.from.Entries(ctx, b.n, 2*n)
	if err != nil {
		return 0, err
	}
	if len(entries) != 2*n {
		return 0, fmt.Errorf("%d entries to insert instead of %d", len(entries), 2*n)
	}
	began := time.Now()
	for _, e := range entries {
		b.n++
		if _, err := b.insert.ExecContext(ctx, b.n, e); err != nil {
			return 0, err
		}
	}
	return time.Since(began), nil
}

func (b *bare) close() error { return errors.Join(b.insert.Close(), b.db.Close()) }
