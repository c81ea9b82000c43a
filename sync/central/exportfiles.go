package central

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/journal/checkpoint"
	"espero-soft.com/printroom/vault/journal/verify"
)

// ExportStation writes all logs that a station ever had to a folder, the oldest first: N-journal.jsonl and
// N-journal.vkey for each, new files, which are named in the order in which printroom-verify wants them. Logs
// of former enrolments come with the entries that nobody can seal any more: the next log's first entry names
// the last of them. unsealed counts those of the last log, written with tail or not.
func (c *Central) ExportStation(ctx context.Context, station wire.StationID, dir string, tail bool) (exports, keys []string, unsealed int64, err error) {
	logs, err := c.Logs(ctx, station)
	if err != nil {
		return nil, nil, 0, err
	}
	for i, l := range logs {
		last := i == len(logs)-1
		span := JournalSpan{Tail: tail || !last}
		if l.Entries == l.Start || !span.Tail && l.Countersigned <= l.Start {
			unsealed = l.Entries - max(l.Start, l.Countersigned)
			continue
		}
		name := filepath.Join(dir, fmt.Sprintf("%d-journal", i+1))
		file, err := c.JournalKeys(ctx, l.Log, span)
		if err != nil {
			return nil, nil, 0, err
		}
		err = newFile(name+".jsonl", func(w io.Writer) error {
			unsealed, err = c.ExportJournal(ctx, l.Log, w, span)
			return err
		})
		if err == nil {
			err = newFile(name+".vkey", text(file))
		}
		if err != nil {
			return nil, nil, 0, err
		}
		exports, keys = append(exports, name+".jsonl"), append(keys, name+".vkey")
	}
	return exports, keys, unsealed, nil
}

// Logs are all that a station ever had, the oldest first.
func (c *Central) Logs(ctx context.Context, station wire.StationID) ([]JournalStatus, error) {
	rows, err := c.read.QueryContext(ctx, `SELECT log FROM stations WHERE id = ? ORDER BY generation`, station)
	if err != nil {
		return nil, fmt.Errorf("look up the logs of %s: %w", station, err)
	}
	defer func() { _ = rows.Close() }()
	var all []JournalStatus
	for rows.Next() {
		var log wire.LogOrigin
		if err := rows.Scan(&log); err != nil {
			return nil, fmt.Errorf("look up the logs of %s: %w", station, err)
		}
		s, err := c.Journal(ctx, log)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, rows.Err()
}

// ExportFork writes the evidence that a log has more than one history, and gives the files' names:
// journal.vkey, held.jsonl with all that central holds, and of each other history other-N.jsonl: what both
// have in common, sealed as far as it was countersigned before they part, and what was shown instead. Heads
// and entries that were shown alone are other-N.note and other-N.entry.
func (c *Central) ExportFork(ctx context.Context, log wire.LogOrigin, dir string) (files []string, err error) {
	write := func(name string, fill func(io.Writer) error) error {
		files = append(files, filepath.Join(dir, name))
		return newFile(files[len(files)-1], fill)
	}
	err = c.export(ctx, log, JournalSpan{Tail: true}, func(tx *sql.Tx, held part) error {
		keys, err := c.keyFile(ctx, tx, held)
		if err != nil {
			return err
		}
		held.upto = held.size
		err = errors.Join(write("journal.vkey", text(keys)),
			write("held.jsonl", func(w io.Writer) error { return held.write(ctx, tx, w) }))
		if err != nil {
			return err
		}
		others, err := texts(ctx, tx, `SELECT id FROM evidence WHERE log = ? AND kind IN ('fork', 'set_back') ORDER BY rowid`, log)
		if err != nil {
			return fmt.Errorf("look up evidence: %w", err)
		}
		for i, id := range others {
			if err := exportOther(ctx, tx, held, id, fmt.Sprintf("other-%d", i+1), write); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("export the fork of %s: %w", log, err)
	}
	return files, nil
}

// exportOther writes one piece of evidence.
func exportOther(ctx context.Context, tx *sql.Tx, held part, id, name string, write func(string, func(io.Writer) error) error) error {
	var at, upto int64
	var shown []byte
	if err := tx.QueryRowContext(ctx, `SELECT size, upto, shown FROM evidence WHERE id = ?`, id).Scan(&at, &upto, &shown); err != nil {
		return fmt.Errorf("look up evidence: %w", err)
	}
	if upto == 0 {
		return write(name+".note", text(string(shown)))
	}
	fits, err := follows(ctx, tx, held.log, at, shown)
	if err != nil {
		return err
	}
	if !fits || at <= held.start.size {
		return write(name+".entry", text(string(shown)+"\n"))
	}
	if held.seal, err = headUpTo(ctx, tx, held.log, "size < ?", at); err != nil {
		return err
	}
	held.upto = at - 1
	rest, err := texts(ctx, tx, `SELECT entry FROM evidence_entries WHERE evidence = ? ORDER BY sequence`, id)
	if err != nil {
		return fmt.Errorf("look up evidence: %w", err)
	}
	held.more = append([]string{string(shown)}, rest...)
	return write(name+".jsonl", func(w io.Writer) error { return held.write(ctx, tx, w) })
}

// follows tells whether an entry names the one that is held before its place.
func follows(ctx context.Context, tx *sql.Tx, log wire.LogOrigin, at int64, entry []byte) (bool, error) {
	e, err := verify.ParseEntry(entry)
	if err != nil {
		return false, fmt.Errorf("read entry: %w", err)
	}
	if at == 1 {
		return true, nil
	}
	var before []byte
	err = tx.QueryRowContext(ctx, `SELECT entry FROM entries WHERE log = ? AND sequence = ?`, log, at-1).Scan(&before)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look up entry: %w", err)
	}
	return e.Previous == checkpoint.LeafHash(before), nil
}

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error { _, err := io.WriteString(w, s); return err }
}

// newFile writes a file that was not there.
func newFile(path string, fill func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	err = errors.Join(fill(f), f.Sync())
	return errors.Join(err, f.Close())
}
