package central

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/journal/checkpoint"
	"espero-soft.com/printroom/vault/journal/verify"
)

// journal is what central holds of one station's log.
type journal struct {
	log        wire.LogOrigin
	vkey       string
	tree       *checkpoint.Tree
	last       tlog.Hash // of the last entry
	start      int64     // entries that are forgotten
	sealed     int64     // entries of the newest countersigned head
	checkpoint string    // that head
	openedAt   int64     // times in microseconds, 0 where there is none
	sealedAt   int64
	writtenAt  int64
}

// openLog opens a journal of the station: the one of its enrolment in force, or one of an earlier enrolment,
// of which a station may have entries that central never saw.
func openLog(ctx context.Context, tx *sql.Tx, s station, log wire.LogOrigin) (*journal, error) {
	j := &journal{log: log}
	var (
		size           int64
		frontier, last []byte
	)
	err := tx.QueryRowContext(ctx, `SELECT vkey, size, frontier, last, start, countersigned, checkpoint, opened_at, sealed_at, written_at
		FROM journals WHERE log = ? AND station = ?`, log, s.id).
		Scan(&j.vkey, &size, &frontier, &last, &j.start, &j.sealed, &j.checkpoint, &j.openedAt, &j.sealedAt, &j.writtenAt)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, wire.NewProblem(wire.ProblemForbidden, "not your journal")
	}
	if err != nil {
		return nil, fmt.Errorf("look up journal: %w", err)
	}
	if j.tree, err = treeOf(size, frontier); err != nil {
		return nil, fmt.Errorf("read journal: %w", err)
	}
	copy(j.last[:], last)
	return j, nil
}

// treeOf makes a tree of the hashes that frontierOf put together.
func treeOf(size int64, frontier []byte) (*checkpoint.Tree, error) {
	var hashes []tlog.Hash
	for h := range slices.Chunk(frontier, tlog.HashSize) {
		if len(h) != tlog.HashSize {
			return nil, errors.New("a frontier is broken")
		}
		hashes = append(hashes, tlog.Hash(h))
	}
	return checkpoint.NewTree(size, hashes)
}

func frontierOf(t *checkpoint.Tree) []byte {
	frontier := []byte{}
	for _, h := range t.Frontier() {
		frontier = append(frontier, h[:]...)
	}
	return frontier
}

func (c *Central) serveEntries(ctx context.Context, q *request) (answer, error) {
	var r wire.JournalEntries
	if err := c.contract.decode("journalEntries", q.body, &r); err != nil {
		return answer{}, err
	}
	var size int64
	err := c.writeTold(ctx, q.station, func(tx *sql.Tx) error {
		j, err := openLog(ctx, tx, q.station, r.Log)
		if err != nil {
			return err
		}
		if size = j.tree.Size(); r.First > size+1 {
			return c.gap(ctx, tx, q.station, j, r.First+int64(len(r.Entries))-1)
		}
		known := min(size-r.First+1, int64(len(r.Entries)))
		if err := c.compare(ctx, tx, q.station, j, r.First, r.Entries, known); err != nil {
			return err
		}
		if err := c.extend(ctx, tx, q.station, j, r.Entries[known:]); err != nil {
			return err
		}
		size = j.tree.Size()
		return nil
	})
	if err != nil {
		return answer{}, err
	}
	return jsonAnswer(200, wire.JournalSize{Log: r.Log, Size: size})
}

// writeTold is writeFor for work that may refuse and keep why: what it did stays when its error is a told.
func (c *Central) writeTold(ctx context.Context, s station, work func(tx *sql.Tx) error) error {
	var refused told
	err := c.writeFor(ctx, s, func(tx *sql.Tx) error {
		err := work(tx)
		if errors.As(err, &refused) {
			return nil
		}
		return err
	})
	if err == nil && refused.Problem != nil {
		return refused.Problem
	}
	return err
}

// gap refuses what is beyond the entries held, and notes how far it went.
func (c *Central) gap(ctx context.Context, tx *sql.Tx, s station, j *journal, announced int64) error {
	if err := c.raise(ctx, tx, AlarmGap, j.log, s.id, announced); err != nil {
		return err
	}
	p := wire.NewProblem(wire.ProblemJournalGap, "%d entries are held", j.tree.Size())
	p.Size = j.tree.Size()
	return told{p}
}

// compare holds the first known of some entries against those that are held. What was forgotten can't be
// compared; whatever follows it must chain all the same.
func (c *Central) compare(ctx context.Context, tx *sql.Tx, s station, j *journal, first int64, entries []string, known int64) error {
	if known <= 0 {
		return nil
	}
	rows, err := tx.QueryContext(ctx, `SELECT sequence, entry FROM entries WHERE log = ? AND sequence BETWEEN ? AND ? ORDER BY sequence`,
		j.log, max(first, j.start+1), first+known-1)
	if err != nil {
		return fmt.Errorf("look up entries: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var sequence int64
		var held []byte
		if err := rows.Scan(&sequence, &held); err != nil {
			return fmt.Errorf("read entry: %w", err)
		}
		if shown := entries[sequence-first:]; string(held) != shown[0] {
			if err := rows.Close(); err != nil {
				return fmt.Errorf("look up entries: %w", err)
			}
			return c.differ(ctx, tx, s, j, sequence, held, shown)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("look up entries: %w", err)
	}
	return nil
}

// differ refuses entries of which the first is not the one held at its place: another history, unless it is
// no entry at all.
func (c *Central) differ(ctx context.Context, tx *sql.Tx, s station, j *journal, sequence int64, held []byte, shown []string) error {
	e, err := verify.ParseEntry([]byte(shown[0]))
	if err != nil || e.Log != j.log || e.Sequence != sequence {
		return c.broken(ctx, tx, s, j, sequence, shown[0])
	}
	return c.fork(ctx, tx, s, j, history{at: sequence, held: held, shown: shown})
}

// extend appends entries that chain to the last one held. One that would be next but names another entry
// before it is a fork too; one that does not fit the new ones before it is a broken batch, of which none
// is kept.
func (c *Central) extend(ctx context.Context, tx *sql.Tx, s station, j *journal, entries []string) error {
	if len(entries) == 0 {
		return nil
	}
	chain := verify.ResumeChain(j.log, j.tree, j.last)
	if j.tree.Size() == 0 {
		chain = verify.NewChain(j.log)
	}
	roots := make([]tlog.Hash, len(entries))
	for i, entry := range entries {
		if err := chain.Add([]byte(entry)); err != nil {
			return c.misfit(ctx, tx, s, j, chain, entries[i:])
		}
		roots[i] = chain.Root()
	}
	if err := c.timely(ctx, tx, s, j, entries); err != nil {
		return err
	}
	insert, err := tx.PrepareContext(ctx, `INSERT INTO entries (log, sequence, entry, root) VALUES (?, ?, ?, ?)`)
	if err != nil {
		return fmt.Errorf("keep entries: %w", err)
	}
	defer func() { _ = insert.Close() }()
	for i, entry := range entries {
		if _, err := insert.ExecContext(ctx, j.log, j.tree.Size()+int64(i)+1, []byte(entry), roots[i][:]); err != nil {
			return fmt.Errorf("keep entry: %w", err)
		}
	}
	j.tree, j.last = chain.Tree(), chain.Last()
	_, err = exec(ctx, tx, `UPDATE journals SET size = ?, frontier = ?, last = ?, written_at = ?, received_at = ? WHERE log = ?`,
		j.tree.Size(), frontierOf(j.tree), j.last[:], j.writtenAt, micros(c.now()), j.log)
	if err != nil {
		return fmt.Errorf("keep entries: %w", err)
	}
	if err := c.mend(ctx, tx, AlarmGap, j.log, j.tree.Size()); err != nil {
		return err
	}
	return c.succession(ctx, tx, s, j, int64(len(entries)))
}

// misfit says what is wrong with an entry that the chain did not take.
func (c *Central) misfit(ctx context.Context, tx *sql.Tx, s station, j *journal, chain *verify.Chain, entries []string) error {
	e, err := verify.ParseEntry([]byte(entries[0]))
	next := chain.Size() == j.tree.Size() && e.Sequence == chain.Size()+1
	if err == nil && next && e.Log == j.log && e.Previous != chain.Last() {
		last := chain.Last()
		return c.fork(ctx, tx, s, j, history{at: e.Sequence, held: last[:], shown: entries})
	}
	return c.broken(ctx, tx, s, j, chain.Size()+1, entries[0])
}
