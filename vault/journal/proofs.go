package journal

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"espero-soft.com/printroom/vault/journal/verify"
)

// maxOpenIntents bounds what OpenIntents gives.
const maxOpenIntents = 10_000

// ErrRange says that a proof was asked of entries that are not there.
var ErrRange = errors.New("no such entries in the journal")

// ConsistencyProof shows that the first old entries are a prefix of the first
// now ones (RFC 6962, 2.1.2), for checkpoint.ConsistencyOK. It is empty when
// old is 0 or now. ErrRange where old lies before Start.
func (j *Journal) ConsistencyProof(ctx context.Context, old, now int64) ([]tlog.Hash, error) {
	if old < 0 || old > now || now > j.Size() {
		return nil, fmt.Errorf("%w: from %d to %d", ErrRange, old, now)
	}
	if old == 0 || old == now {
		return nil, nil
	}
	var proof tlog.TreeProof
	err := j.derive(ctx, func() (err error) {
		if start := j.Start().Size; old < start {
			return fmt.Errorf("%w: from %d, the log begins after %d", ErrRange, old, start)
		}
		proof, err = tlog.ProveTree(now, old, j.tree.nodes(ctx))
		return err
	})
	return proof, err
}

// InclusionProof shows that the entry of that sequence is in the tree of the
// first size entries (RFC 6962, 2.1.1), for tlog.CheckRecord, whose record
// numbers start at 0. ErrRange where the entry was forgotten.
func (j *Journal) InclusionProof(ctx context.Context, size, sequence int64) ([]tlog.Hash, error) {
	if sequence < 1 || sequence > size || size > j.Size() {
		return nil, fmt.Errorf("%w: entry %d of %d", ErrRange, sequence, size)
	}
	var proof tlog.RecordProof
	err := j.derive(ctx, func() (err error) {
		if start := j.Start().Size; sequence <= start {
			return fmt.Errorf("%w: entry %d, the log begins after %d", ErrRange, sequence, start)
		}
		proof, err = tlog.ProveRecord(size, sequence-1, j.tree.nodes(ctx))
		return err
	})
	return proof, err
}

// OpenIntents gives the intents that have no result, oldest first, 10,000 at
// most: each of these accesses possibly occurred. Those under way are among
// them. Entries that can't be read any more are left to Verify.
func (j *Journal) OpenIntents(ctx context.Context) ([]verify.Entry, error) {
	var entries []verify.Entry
	err := j.derive(ctx, func() error {
		entries = nil
		sequences, err := j.tree.openIntents(ctx)
		if err != nil {
			return err
		}
		for _, s := range sequences {
			b, err := j.db.entry(ctx, s)
			if err != nil {
				return err
			}
			if e, err := verify.ParseEntry(b); err == nil {
				entries = append(entries, e)
			}
		}
		return nil
	})
	return entries, err
}

func (d *derived) openIntents(ctx context.Context) ([]int64, error) {
	rows, err := d.db.reader.QueryContext(ctx,
		"SELECT sequence FROM open_intent ORDER BY sequence LIMIT ?", maxOpenIntents)
	if err != nil {
		return nil, treeError(err)
	}
	defer func() { _ = rows.Close() }() // Err below tells
	var out []int64
	for rows.Next() {
		var s int64
		if err := rows.Scan(&s); err != nil {
			return nil, treeError(err)
		}
		out = append(out, s)
	}
	return out, treeError(rows.Err())
}

// derive calls use with the derived file up to date and, as far as the log is
// whole, confirmed by the head in memory; an outdated or damaged file is made
// again first.
func (j *Journal) derive(ctx context.Context, use func() error) error {
	if err := j.open(); err != nil {
		return err
	}
	j.mu.Lock()
	size, root, whole := j.head.Size, j.chain.Root(), j.trusted() == nil
	j.mu.Unlock()
	j.tree.Lock()
	defer j.tree.Unlock()
	if err := j.open(); err != nil { // closed while waiting
		return err
	}
	err := j.tree.sound(ctx, j.db, size, func() error {
		if whole {
			if err := j.tree.confirm(ctx, size, root); err != nil {
				return err
			}
		}
		return use()
	})
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return j.found(err)
}

func (d *derived) confirm(ctx context.Context, size int64, root tlog.Hash) error {
	tree, err := d.treeAt(ctx, size)
	if err != nil {
		return err
	}
	if tree.Root() != root {
		return errTree
	}
	return nil
}
