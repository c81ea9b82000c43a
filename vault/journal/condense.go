package journal

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"espero-soft.com/printroom/vault/journal/checkpoint"
	"espero-soft.com/printroom/vault/journal/verify"
)

// startAfter reads the shard and makes the start of the log without it.
func (j *Journal) startAfter(ctx context.Context, r reading, from beginning, s Shard) (beginning, error) {
	shards, err := r.shards(ctx, from.Size, nil)
	if err != nil {
		return beginning{}, err
	}
	same := func(a, b Shard) bool {
		return a.First == b.First && a.Last == b.Last && a.Month.Equal(b.Month) && a.SealedAt.Equal(b.SealedAt)
	}
	if len(shards) == 0 || !same(shards[0], s) {
		return beginning{}, fmt.Errorf("%w: from %d to %d is not the oldest shard", ErrRange, s.First, s.Last)
	}
	note, err := r.note(ctx, sealed, s.Last)
	if err != nil {
		return beginning{}, err
	}
	c, err := j.accepted().Open(note)
	if err == nil && c.Size != s.Last {
		err = errors.New("it is of another size")
	}
	if err != nil {
		return beginning{}, &BrokenError{What: fmt.Sprintf("the checkpoint of %d entries does not verify", s.Last), Err: err}
	}
	if at, ok := checkpoint.CosignedAt(c); !ok || month(at).After(s.Month) {
		return beginning{}, &BrokenError{What: fmt.Sprintf("the checkpoint of %d entries is of another month", s.Last)}
	}
	stored, err := j.condense(ctx, r, from, c)
	if err != nil {
		return beginning{}, asBroken(err)
	}
	stored.note = string(note)
	return j.confirm(stored)
}

// condense reads the entries from one start to the head after which the next one
// is, and keeps of them what that needs.
func (j *Journal) condense(ctx context.Context, r reading, from beginning, head checkpoint.Checkpoint) (storedStart, error) {
	to := storedStart{size: head.Size}
	places := []int64{head.Size - 1}
	anchor, at, err := r.anchorBefore(ctx, from, head.Size)
	if err != nil {
		return to, err
	}
	if anchor != nil {
		to.anchor = string(anchor)
		places = append(places, at-1)
	}
	known := from.hashes()
	wanted := provedWith(head.Size, places)
	chain, tree, next := from.chain(j.log), from.grown(), storedCount(from.Size)
	var scratch [64]tlog.Hash
	err = r.scan(ctx, from.Size, head.Size, func(_ int64, b []byte) error {
		if err := chain.Add(b); err != nil {
			return err
		}
		for _, h := range tree.AppendStored(scratch[:0], chain.Last()) {
			if wanted[next] {
				known[next] = h
			}
			next++
		}
		return nil
	})
	if err != nil {
		return to, err
	}
	if tree.Size() != head.Size || tree.Root() != head.Root {
		return to, &BrokenError{Sequence: tree.Size(), What: "the entries up to here are not those that were signed"}
	}
	to.frontier, to.leaf = joinHashes(tree.Frontier()), joinHashes([]tlog.Hash{chain.Last()})
	proof, err := tlog.ProveRecord(head.Size, head.Size-1, known)
	to.proof = joinHashes(proof)
	if err == nil && anchor != nil {
		proof, err = tlog.ProveRecord(head.Size, at-1, known)
		to.anchored = joinHashes(proof)
	}
	return to, err
}

// anchorBefore is the last anchor among the first size entries and its sequence,
// nil when there is none. Only what a start there takes away is read: a log
// without anchors is long.
func (r reading) anchorBefore(ctx context.Context, from beginning, size int64) ([]byte, int64, error) {
	b, err := r.lastAnchor(ctx, from.Size, size)
	if err != nil {
		return nil, 0, err
	}
	if b == nil && from.stored.anchor != "" {
		b = []byte(from.stored.anchor)
	}
	if b == nil {
		return nil, 0, nil
	}
	e, err := verify.ParseEntry(b)
	return b, e.Sequence, err
}

// grown is a copy of the tree before the start, to be grown further.
func (b beginning) grown() *checkpoint.Tree {
	if b.tree == nil {
		return new(checkpoint.Tree)
	}
	return b.tree.Clone()
}

// hashes are the stored ones of the tree before the start that are still known.
func (b beginning) hashes() knownHashes {
	known := make(knownHashes)
	if b.Size == 0 {
		return known
	}
	at := b.anchor.Sequence - 1
	for i, index := range checkpoint.FrontierIndexes(b.Size) {
		known[index] = b.tree.Frontier()[i]
		level, n := tlog.SplitStoredHashIndex(index)
		if b.stored.anchor == "" || at>>level != n {
			continue
		}
		// The anchor's proof begins with its way up in this full subtree.
		for l, h := range splitHashes(b.stored.anchored)[:level] {
			known[tlog.StoredHashIndex(l, at>>l^1)] = h
		}
	}
	return known
}

// knownHashes are stored hashes by their place, for package tlog.
type knownHashes map[int64]tlog.Hash

// ReadHashes is tlog.HashReader's.
func (k knownHashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		h, ok := k[index]
		if !ok {
			return nil, fmt.Errorf("%w: hash %d of the tree before the start is unknown", ErrBroken, index)
		}
		out[i] = h
	}
	return out, nil
}

// provedWith are the places of the stored hashes that proofs of these records
// are made of.
func provedWith(size int64, records []int64) map[int64]bool {
	wanted := make(map[int64]bool)
	note := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		for _, index := range indexes {
			wanted[index] = true
		}
		return make([]tlog.Hash, len(indexes)), nil
	})
	for _, n := range records {
		_, _ = tlog.ProveRecord(size, n, note) // of no hashes, so of no use itself
	}
	return wanted
}
