package journal

import (
	"context"
	"database/sql"
	"errors"

	"golang.org/x/mod/sumdb/tlog"

	"espero-soft.com/printroom/vault/journal/checkpoint"
	"espero-soft.com/printroom/vault/journal/verify"
)

const (
	// nodesPerBlock hashes make a row that fits a page of 4 KiB.
	nodesPerBlock = 120
	// derivedBatch entries are taken up in one transaction.
	derivedBatch = 100_000
)

// derivedSchema: "start" is the entry after which the log begins, "frontier" the
// hashes of the tree before it, by their places among all.
const derivedSchema = `
CREATE TABLE IF NOT EXISTS state (one INTEGER PRIMARY KEY CHECK (one = 1), size INTEGER NOT NULL, start INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS node (block INTEGER PRIMARY KEY, hashes BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS frontier (place INTEGER PRIMARY KEY, hash BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS open_intent (sequence INTEGER PRIMARY KEY) STRICT;
INSERT INTO state (one, size, start) SELECT 1, 0, 0 WHERE NOT EXISTS (SELECT 1 FROM state);
`

// errTree says that the derived file is damaged. It says nothing of the log.
var errTree = errors.New("the derived tree is damaged")

// treeError is storageError for the derived file.
func treeError(err error) error {
	err = storageError("derive", err)
	if errors.Is(err, ErrBroken) {
		return errTree
	}
	return err
}

// derived is the file of what follows from the entries: the tree's stored
// hashes in tlog's order, in rows of nodesPerBlock, and the intents without a
// result. Nothing in it is believed unless a signed root confirms it. Of the
// entries before the log's start it has the tree's frontier there.
type derived struct {
	remade
	startIn func(context.Context, reading) (beginning, error) // Journal's
}

// sound is remade's, catching up to the entry last.
func (d *derived) sound(ctx context.Context, from *database, last int64, use func() error) error {
	return d.remade.sound(ctx, func() error { return d.catchUp(ctx, from, last) }, use)
}

// catchUp takes up the entries up to last that the file lacks. Entries that
// can't be read as such are leaves like any other.
func (d *derived) catchUp(ctx context.Context, from *database, last int64) error {
	for {
		more, err := d.takeUp(ctx, from, last)
		if err != nil || !more {
			return err
		}
	}
}

func (d *derived) takeUp(ctx context.Context, from *database, last int64) (more bool, err error) {
	// One snapshot: what is forgotten meanwhile is not missed.
	err = from.snapshot(ctx, func(r reading) error {
		begin, err := d.startIn(ctx, r)
		if err != nil {
			return err
		}
		tx, err := d.db.writer.BeginTx(ctx, nil)
		if err != nil {
			return treeError(err)
		}
		if more, err = d.takeUpIn(ctx, tx, r, begin, last); err != nil {
			_ = tx.Rollback() // err says what went wrong
			return err
		}
		return treeError(tx.Commit())
	})
	return more, err
}

// takeUpIn takes up the next batch, in the file's transaction.
func (d *derived) takeUpIn(ctx context.Context, tx *sql.Tx, from reading, begin beginning, last int64) (more bool, err error) {
	// Writing first takes the write lock before anything is read.
	var size, start int64
	if err := tx.QueryRowContext(ctx, "UPDATE state SET size = size RETURNING size, start").Scan(&size, &start); err != nil {
		return false, treeError(err)
	}
	if start != begin.Size {
		if size, err = beginAt(ctx, tx, begin, size, start); err != nil {
			return false, err
		}
	}
	if size >= last {
		return false, nil
	}
	w, err := newNodeWriter(ctx, tx, size)
	if err != nil {
		return false, err
	}
	until := min(last, size+derivedBatch)
	intents := openIntents{}
	err = from.scanAhead(ctx, size, until, func(sequence int64, b []byte) error {
		if sequence != w.tree.Size()+1 {
			return &BrokenError{Sequence: w.tree.Size() + 1, What: "the entry is missing"}
		}
		intents.mark(sequence, b)
		return w.add(ctx, checkpoint.LeafHash(b))
	})
	if err != nil {
		return false, err
	}
	if err := errors.Join(w.flush(ctx), intents.flush(ctx, tx)); err != nil {
		return false, err
	}
	if _, err := tx.ExecContext(ctx, "UPDATE state SET size = ?", w.tree.Size()); err != nil {
		return false, treeError(err)
	}
	return w.tree.Size() > size && w.tree.Size() < last, nil
}

// beginAt makes the file begin where the log does, which is empty or whole so
// far: of what is before nothing stays but the frontier.
func beginAt(ctx context.Context, tx *sql.Tx, begin beginning, size, start int64) (int64, error) {
	if start > begin.Size || size > 0 && size < begin.Size {
		return 0, errTree
	}
	kept, err := boundary(ctx, tx, begin.Size, size)
	if err != nil {
		return 0, err
	}
	exec := func(query string, args ...any) {
		if err == nil {
			_, err = tx.ExecContext(ctx, query, args...)
		}
	}
	block := storedCount(begin.Size) / nodesPerBlock
	exec("DELETE FROM node WHERE block <= ?", block)
	exec("INSERT INTO node (block, hashes) VALUES (?, ?)", block, kept)
	exec("DELETE FROM frontier")
	for i, place := range checkpoint.FrontierIndexes(begin.Size) {
		h := begin.tree.Frontier()[i]
		exec("INSERT INTO frontier (place, hash) VALUES (?, ?)", place, h[:])
	}
	exec("DELETE FROM open_intent WHERE sequence <= ?", begin.Size)
	size = max(size, begin.Size)
	exec("UPDATE state SET size = ?, start = ?", size, begin.Size)
	return size, treeError(err)
}

// boundary is the block in which the start lies, zeros in the place of the
// hashes before.
func boundary(ctx context.Context, tx *sql.Tx, start, size int64) ([]byte, error) {
	before := make([]byte, storedCount(start)%nodesPerBlock*tlog.HashSize)
	if size <= start {
		return before, nil
	}
	b, err := nodes{ctx, tx}.block(storedCount(start) / nodesPerBlock)
	if err != nil {
		return nil, err
	}
	return append(before, b[min(len(b), len(before)):]...), nil
}

// treeAt is the tree of the first size entries, of which it must have as many.
func (d *derived) treeAt(ctx context.Context, size int64) (*checkpoint.Tree, error) {
	frontier, err := d.nodes(ctx).ReadHashes(checkpoint.FrontierIndexes(size))
	if err != nil {
		return nil, err
	}
	return checkpoint.NewTree(size, frontier)
}

func (d *derived) nodes(ctx context.Context) nodes { return nodes{ctx, d.db.reader} }

// openIntents are those of a batch: true for an intent without a result so far,
// false for one of an earlier batch that has its result now.
type openIntents map[int64]bool

func (o openIntents) mark(sequence int64, b []byte) {
	e, err := verify.ParseEntry(b)
	if err != nil {
		return // a damaged entry is no intent; verification names it
	}
	switch e.Kind() {
	case verify.KindIntent:
		o[sequence] = true
	case verify.KindResult:
		if o[e.Intent] {
			delete(o, e.Intent)
		} else {
			o[e.Intent] = false
		}
	}
}

func (o openIntents) flush(ctx context.Context, tx *sql.Tx) error {
	for sequence, open := range o {
		query := "DELETE FROM open_intent WHERE sequence = ?"
		if open {
			query = "INSERT INTO open_intent (sequence) VALUES (?)"
		}
		if _, err := tx.ExecContext(ctx, query, sequence); err != nil {
			return treeError(err)
		}
	}
	return nil
}
