package central

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/journal/checkpoint"
	"espero-soft.com/printroom/vault/journal/verify"
)

// ErrNothingSealed: nothing was countersigned of what is to be exported, or nothing is left of it.
var ErrNothingSealed = errors.New("nothing of it is countersigned")

// JournalSpan says what of a log is exported. Its zero value is all that is countersigned.
type JournalSpan struct {
	Month time.Time // any moment of the calendar month (UTC) in which it was countersigned; zero: all there is
	Tail  bool      // with the entries that no countersignature covers; not with a month
}

// ExportJournal writes a log as the station exports it, for printroom-verify. unsealed are the entries that
// no countersignature covers, written or not. sql.ErrNoRows when there is no such log.
func (c *Central) ExportJournal(ctx context.Context, log wire.LogOrigin, w io.Writer, s JournalSpan) (unsealed int64, err error) {
	err = c.export(ctx, log, s, func(tx *sql.Tx, p part) error {
		unsealed = p.size - p.sealed
		if s.Tail && s.Month.IsZero() {
			p.upto = p.size
		}
		return p.write(ctx, tx, w)
	})
	if err != nil {
		return 0, fmt.Errorf("export journal %s: %w", log, err)
	}
	return unsealed, nil
}

// JournalKeys are the keys for the same export, as a file: the log's, then the witness's that are in force,
// then former ones where no other signed what the export shows.
func (c *Central) JournalKeys(ctx context.Context, log wire.LogOrigin, s JournalSpan) (file string, err error) {
	err = c.export(ctx, log, s, func(tx *sql.Tx, p part) error {
		file, err = c.keyFile(ctx, tx, p)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("keys of journal %s: %w", log, err)
	}
	return file, nil
}

// head is a countersigned one; its zero value is that of no entries.
type head struct {
	size     int64
	note     string
	frontier []byte
}

// part is a part of a log on its way out.
type part struct {
	log    wire.LogOrigin
	vkey   string
	size   int64 // of the whole log
	sealed int64 // of that
	start  head  // it begins after this
	seal   head  // and is sealed up to here
	upto   int64 // then come entries up to here
	more   []string
}

// export reads in one transaction: a log grows, and forgets, meanwhile.
func (c *Central) export(ctx context.Context, log wire.LogOrigin, s JournalSpan, do func(*sql.Tx, part) error) error {
	tx, err := c.read.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	p, err := partOf(ctx, tx, log)
	if err == nil && !s.Month.IsZero() {
		err = p.within(ctx, tx, month(s.Month))
	}
	if err == nil && p.seal.size == p.start.size && (!s.Tail || !s.Month.IsZero()) {
		err = ErrNothingSealed
	}
	if err == nil {
		err = do(tx, p)
	}
	return errors.Join(err, tx.Rollback())
}

// partOf is all there is of a log that is sealed.
func partOf(ctx context.Context, tx *sql.Tx, log wire.LogOrigin) (part, error) {
	p := part{log: log}
	var start, ended int64
	err := tx.QueryRowContext(ctx, `SELECT vkey, size, start, ended, countersigned FROM journals WHERE log = ?`, log).
		Scan(&p.vkey, &p.size, &start, &ended, &p.sealed)
	if err != nil {
		return p, err
	}
	if p.size == start || ended > start {
		return p, ErrNothingSealed
	}
	if p.start, err = headUpTo(ctx, tx, log, "size <= ?", start); err != nil {
		return p, err
	}
	p.seal, err = headUpTo(ctx, tx, log, "size <= ?", p.sealed)
	return p, err
}

// within narrows a part down to what was countersigned in a month.
func (p *part) within(ctx context.Context, tx *sql.Tx, month time.Time) error {
	before, err := headUpTo(ctx, tx, p.log, "signed_at < ?", micros(month))
	if err != nil {
		return err
	}
	if p.seal, err = headUpTo(ctx, tx, p.log, "signed_at < ?", micros(month.AddDate(0, 1, 0))); err != nil {
		return err
	}
	if before.size < p.start.size { // its first entries are forgotten
		return ErrNothingSealed
	}
	p.start = before
	return nil
}

// headUpTo is the newest head for which something holds.
func headUpTo(ctx context.Context, tx *sql.Tx, log wire.LogOrigin, holds string, value int64) (head, error) {
	var h head
	err := tx.QueryRowContext(ctx, `SELECT size, note, frontier FROM checkpoints WHERE log = ? AND `+holds+` ORDER BY size DESC LIMIT 1`, log, value).
		Scan(&h.size, &h.note, &h.frontier)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return h, fmt.Errorf("look up checkpoint: %w", err)
	}
	return h, nil
}

// write writes an export: where it starts, entries, their seal, and what no seal covers.
func (p part) write(ctx context.Context, tx *sql.Tx, to io.Writer) error {
	w := bufio.NewWriterSize(to, 64<<10)
	if p.start.size > 0 {
		tree, err := treeOf(p.start.size, p.start.frontier)
		if err != nil {
			return err
		}
		if _, err := w.Write(verify.StartLine([]byte(p.start.note), tree.Frontier())); err != nil {
			return err
		}
	}
	if p.seal.note != "" {
		if err := writeEntries(ctx, tx, w, p.log, p.start.size, p.seal.size); err != nil {
			return err
		}
		if _, err := w.Write(verify.SealLine([]byte(p.seal.note))); err != nil {
			return err
		}
	}
	if err := writeEntries(ctx, tx, w, p.log, p.seal.size, p.upto); err != nil {
		return err
	}
	for _, entry := range p.more {
		if _, err := w.WriteString(entry + "\n"); err != nil {
			return err
		}
	}
	return w.Flush()
}

func writeEntries(ctx context.Context, tx *sql.Tx, w *bufio.Writer, log wire.LogOrigin, after, upto int64) error {
	if upto <= after {
		return nil
	}
	rows, err := tx.QueryContext(ctx, `SELECT entry FROM entries WHERE log = ? AND sequence BETWEEN ? AND ? ORDER BY sequence`, log, after+1, upto)
	if err != nil {
		return fmt.Errorf("look up entries: %w", err)
	}
	defer func() { _ = rows.Close() }()
	n := after
	for ; rows.Next(); n++ {
		var entry sql.RawBytes
		if err := rows.Scan(&entry); err != nil {
			return fmt.Errorf("read entry: %w", err)
		}
		if _, err := w.Write(entry); err != nil {
			return err
		}
		if err := w.WriteByte('\n'); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("look up entries: %w", err)
	}
	if n != upto {
		return fmt.Errorf("entries before %d are missing", upto)
	}
	return nil
}

// keyFile names the keys that verify a part.
func (c *Central) keyFile(ctx context.Context, tx *sql.Tx, p part) (string, error) {
	var keys []string
	for _, w := range c.authority.cosigners() {
		keys = append(keys, w.Vkey())
	}
	known, err := texts(ctx, tx, `SELECT vkey FROM witnesses ORDER BY rowid DESC`)
	if err != nil {
		return "", fmt.Errorf("look up the witness's keys: %w", err)
	}
	for _, h := range []head{p.start, p.seal} {
		signed := func(witness string) bool {
			_, _, err := checkpoint.OpenCountersigned([]byte(h.note), p.vkey, witness)
			return err == nil
		}
		if h.size == 0 || slices.ContainsFunc(keys, signed) {
			continue
		}
		if i := slices.IndexFunc(known, signed); i >= 0 && len(keys) < checkpoint.MaxWitnesses {
			keys = append(keys, known[i])
		}
	}
	return p.vkey + "\n" + strings.Join(keys, "\n") + "\n", nil
}
