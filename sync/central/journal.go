package central

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/tlog"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/journal/checkpoint"
	"espero-soft.com/printroom/vault/journal/verify"
)

// journal is what central holds of one station's log.
type journal struct {
	log  wire.LogOrigin
	vkey string
	tree *checkpoint.Tree
	last tlog.Hash // of the last entry
}

// openLog opens a journal of the station: the one of its enrolment in force, or one of an earlier enrolment,
// of which a station may have entries that central never saw.
func openLog(ctx context.Context, tx *sql.Tx, s station, log wire.LogOrigin) (*journal, error) {
	j := &journal{log: log}
	var (
		size           int64
		frontier, last []byte
	)
	err := tx.QueryRowContext(ctx, `SELECT vkey, size, frontier, last FROM journals WHERE log = ? AND station = ?`, log, s.id).
		Scan(&j.vkey, &size, &frontier, &last)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, wire.NewProblem(wire.ProblemForbidden, "not your journal")
	}
	if err != nil {
		return nil, fmt.Errorf("look up journal: %w", err)
	}
	var hashes []tlog.Hash
	for h := range slices.Chunk(frontier, tlog.HashSize) {
		if len(h) != tlog.HashSize {
			return nil, errors.New("read journal: its frontier is broken")
		}
		hashes = append(hashes, tlog.Hash(h))
	}
	if j.tree, err = checkpoint.NewTree(size, hashes); err != nil {
		return nil, fmt.Errorf("read journal: %w", err)
	}
	copy(j.last[:], last)
	return j, nil
}

func (c *Central) serveEntries(ctx context.Context, q *request) (answer, error) {
	var r wire.JournalEntries
	if err := c.contract.decode("journalEntries", q.body, &r); err != nil {
		return answer{}, err
	}
	var size int64
	var fork *wire.Problem
	err := c.writeFor(ctx, q.station, func(tx *sql.Tx) error {
		j, err := openLog(ctx, tx, q.station, r.Log)
		if err != nil {
			return err
		}
		if size = j.tree.Size(); r.First > size+1 {
			return gap(size)
		}
		// A fork refuses, but its evidence is committed.
		known := min(size-r.First+1, int64(len(r.Entries)))
		if fork, err = c.compare(ctx, tx, j, r.First, r.Entries[:known]); err != nil || fork != nil {
			return err
		}
		if fork, err = c.extend(ctx, tx, j, r.Entries[known:]); err != nil || fork != nil {
			return err
		}
		size = j.tree.Size()
		return nil
	})
	if err != nil {
		return answer{}, err
	}
	if fork != nil {
		return answer{}, fork
	}
	return jsonAnswer(200, wire.JournalSize{Log: r.Log, Size: size})
}

func gap(size int64) *wire.Problem {
	p := wire.NewProblem(wire.ProblemJournalGap, "%d entries are held", size)
	p.Size = size
	return p
}

// compare holds entries against those that are held already.
func (c *Central) compare(ctx context.Context, tx *sql.Tx, j *journal, first int64, entries []string) (*wire.Problem, error) {
	for i, entry := range entries {
		sequence := first + int64(i)
		var held []byte
		if err := tx.QueryRowContext(ctx, `SELECT entry FROM entries WHERE log = ? AND sequence = ?`, j.log, sequence).Scan(&held); err != nil {
			return nil, fmt.Errorf("look up entry: %w", err)
		}
		if string(held) != entry {
			return c.fork(ctx, tx, j.log, sequence, held, []byte(entry))
		}
	}
	return nil, nil
}

// extend appends entries that chain to the last one held. One that would be next but names another entry
// before it is a fork too; one that does not fit the new ones before it is a broken batch, of which none
// is kept.
func (c *Central) extend(ctx context.Context, tx *sql.Tx, j *journal, entries []string) (*wire.Problem, error) {
	if len(entries) == 0 {
		return nil, nil
	}
	chain := verify.ResumeChain(j.log, j.tree, j.last)
	if j.tree.Size() == 0 {
		chain = verify.NewChain(j.log)
	}
	for _, entry := range entries {
		if err := chain.Add([]byte(entry)); err != nil {
			e, parsed := verify.ParseEntry([]byte(entry))
			next := chain.Size() == j.tree.Size() && e.Sequence == chain.Size()+1
			if parsed == nil && next && e.Log == j.log && e.Previous != chain.Last() {
				last := chain.Last()
				return c.fork(ctx, tx, j.log, e.Sequence, last[:], []byte(entry))
			}
			return nil, wire.NewProblem(wire.ProblemJournalBroken, "entry %d", chain.Size()+1)
		}
		root := chain.Root()
		if _, err := exec(ctx, tx, `INSERT INTO entries (log, sequence, entry, root) VALUES (?, ?, ?, ?)`,
			j.log, chain.Size(), []byte(entry), root[:]); err != nil {
			return nil, fmt.Errorf("keep entry: %w", err)
		}
	}
	j.tree, j.last = chain.Tree(), chain.Last()
	var frontier []byte
	for _, h := range j.tree.Frontier() {
		frontier = append(frontier, h[:]...)
	}
	_, err := exec(ctx, tx, `UPDATE journals SET size = ?, frontier = ?, last = ? WHERE log = ?`, j.tree.Size(), frontier, j.last[:], j.log)
	return nil, err
}

// fork keeps the evidence of two histories, once.
func (c *Central) fork(ctx context.Context, tx *sql.Tx, log wire.LogOrigin, size int64, held, shown []byte) (*wire.Problem, error) {
	_, err := exec(ctx, tx, `INSERT INTO evidence (id, log, size, held, shown, received_at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		uuid.NewString(), log, size, held, shown, micros(c.now()))
	if err != nil {
		return nil, fmt.Errorf("keep evidence: %w", err)
	}
	return wire.NewProblem(wire.ProblemJournalFork, "at entry %d", size), nil
}

func (c *Central) serveCheckpoint(ctx context.Context, q *request) (answer, error) {
	var r wire.SignedNote
	if err := c.contract.decode("journalCheckpoint", q.body, &r); err != nil {
		return answer{}, err
	}
	var signed []byte
	var fork *wire.Problem
	err := c.writeFor(ctx, q.station, func(tx *sql.Tx) (err error) {
		signed, fork, err = c.witness(ctx, tx, q.station, []byte(r.Note))
		return err
	})
	if err != nil {
		return answer{}, err
	}
	if fork != nil {
		return answer{}, fork
	}
	return jsonAnswer(200, wire.SignedNote{Note: string(signed)})
}

// witness countersigns a checkpoint whose root is that of the entries held.
func (c *Central) witness(ctx context.Context, tx *sql.Tx, s station, note []byte) ([]byte, *wire.Problem, error) {
	said, err := checkpoint.ParseCheckpoint(note)
	if err != nil {
		return nil, nil, wire.NewProblem(wire.ProblemCheckpointRefused, "%v", err)
	}
	j, err := openLog(ctx, tx, s, said.Origin)
	if errors.Is(err, wire.ProblemForbidden) {
		return nil, nil, wire.NewProblem(wire.ProblemCheckpointRefused, "of a journal that is not yours")
	}
	if err != nil {
		return nil, nil, err
	}
	cp, err := checkpoint.OpenStation(note, j.vkey)
	if err != nil {
		return nil, nil, wire.NewProblem(wire.ProblemCheckpointRefused, "%v", err)
	}
	if cp.Size > j.tree.Size() {
		return nil, nil, gap(j.tree.Size())
	}
	root, err := rootAt(ctx, tx, j.log, cp.Size)
	if err != nil {
		return nil, nil, err
	}
	if !bytes.Equal(root, cp.Root[:]) {
		fork, err := c.fork(ctx, tx, j.log, cp.Size, root, note)
		return nil, fork, err
	}
	signed, err := checkpoint.Cosign(note, c.now(), c.authority.cosigners()...)
	if err != nil {
		return nil, nil, fmt.Errorf("countersign: %w", err)
	}
	_, err = exec(ctx, tx, `UPDATE journals SET countersigned = ?, checkpoint = ? WHERE log = ? AND countersigned <= ?`,
		cp.Size, string(signed), j.log, cp.Size)
	return signed, nil, err
}

// rootAt is the root of the first size entries, computed when the last of them came.
func rootAt(ctx context.Context, tx *sql.Tx, log wire.LogOrigin, size int64) ([]byte, error) {
	if size == 0 {
		empty := new(checkpoint.Tree).Root()
		return empty[:], nil
	}
	var root []byte
	if err := tx.QueryRowContext(ctx, `SELECT root FROM entries WHERE log = ? AND sequence = ?`, log, size).Scan(&root); err != nil {
		return nil, fmt.Errorf("look up root: %w", err)
	}
	return root, nil
}
