package journal

import (
	"context"
	"errors"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"espero-soft.com/printroom/vault/journal/checkpoint"
	"espero-soft.com/printroom/vault/journal/verify"
)

// load finds start and head and verifies the tail. A broken log is latched and
// the head is then simply the last entry there is.
func (j *Journal) load(ctx context.Context) error {
	j.chain = verify.NewChain(j.log)
	err := j.loadWitnesses(ctx)
	if err == nil {
		err = j.db.snapshot(ctx, func(r reading) error { return j.verifyTail(ctx, r) })
	}
	if err != nil && errors.Is(j.found(err), ErrBroken) {
		return j.lastStored(ctx)
	}
	return err
}

func (j *Journal) verifyTail(ctx context.Context, r reading) error {
	start, err := j.startIn(ctx, r)
	if err != nil {
		return err
	}
	j.chain = start.chain(j.log)
	heads, err := j.signedHeads(ctx, r, start)
	if err != nil {
		return err
	}
	if sealedSize := j.Status().Sealed; sealedSize > start.Size {
		j.tree.Lock()
		err := j.resume(ctx, heads[0])
		j.tree.Unlock()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			// The derived file serves speed alone: without it the whole log is read.
			j.chain = start.chain(j.log)
		}
	}
	if err := j.readOn(ctx, r, start, heads...); err != nil {
		return err
	}
	return j.checkPredecessor(ctx, r)
}

// checkPredecessor compares the first entry with the configured predecessor. Where
// that was forgotten, the checkpoint at the start speaks for it.
func (j *Journal) checkPredecessor(ctx context.Context, r reading) error {
	if j.predecessor == (tlog.Hash{}) || j.chain.Size() == 0 || j.start().Size > 0 {
		return nil
	}
	b, err := r.entry(ctx, 1)
	if err != nil {
		return err
	}
	if e, err := verify.ParseEntry(b); err != nil || e.Previous != j.predecessor {
		return &BrokenError{Sequence: 1, What: "does not continue the log that it should", Err: err}
	}
	return nil
}

// signedHeads are the last countersigned head and the last one the station
// signed since, which the entries must fit; fewer when there are none after the
// start. The second one notices a tail that was cut off or rewritten after it was
// signed.
func (j *Journal) signedHeads(ctx context.Context, r reading, start beginning) ([]checkpoint.Checkpoint, error) {
	var heads []checkpoint.Checkpoint
	if start.Size > 0 {
		j.setSealed(start.head)
		j.setSigned(start.Size, start.SealedAt)
	}
	raw, err := r.lastNote(ctx, sealed, start.Size)
	if err != nil {
		return nil, err
	}
	if raw != nil {
		c, err := j.accepted().Open(raw)
		if err != nil {
			return nil, &BrokenError{What: "the last countersigned checkpoint does not verify", Err: err}
		}
		heads = append(heads, c)
		j.setSealed(c)
	}
	if raw, err = r.lastNote(ctx, signed, start.Size); err != nil || raw == nil {
		return heads, err
	}
	c, err := checkpoint.Open(raw, j.station)
	if err != nil {
		return nil, &BrokenError{What: "the last signed checkpoint does not verify", Err: err}
	}
	if len(heads) == 0 || c.Size > heads[0].Size {
		heads = append(heads, c)
	}
	e, _, err := r.parsed(ctx, c.Size)
	j.setSigned(c.Size, e.Time)
	return heads, err
}

// resume makes the chain stand at the countersigned head: its root confirms the
// derived tree, which proves the entry there.
func (j *Journal) resume(ctx context.Context, c checkpoint.Checkpoint) error {
	return j.tree.sound(ctx, j.db, c.Size, func() error {
		tree, err := j.tree.treeAt(ctx, c.Size)
		if err != nil {
			return err
		}
		if tree.Root() != c.Root {
			return errTree
		}
		b, err := j.db.entry(ctx, c.Size)
		if err != nil {
			return err
		}
		leaf := checkpoint.LeafHash(b)
		proof, err := tlog.ProveRecord(c.Size, c.Size-1, j.tree.nodes(ctx))
		if err != nil {
			return err
		}
		if err := tlog.CheckRecord(proof, c.Size, c.Root, c.Size-1, leaf); err != nil {
			return errTree
		}
		j.chain = verify.ResumeChain(j.log, tree, leaf)
		return nil
	})
}

// readOn takes up the entries of a snapshot that the chain does not have yet: the
// tail at Open, and later what another process wrote or a failed commit left
// behind. start is the snapshot's; the given heads must be met on the way.
func (j *Journal) readOn(ctx context.Context, r reading, start beginning, heads ...checkpoint.Checkpoint) error {
	if start.Size > j.chain.Size() { // another process wrote, sealed and forgot it
		j.chain = start.chain(j.log)
	}
	met := func() error {
		for _, c := range heads {
			if c.Size == j.chain.Size() && c.Root != j.chain.Root() {
				return &BrokenError{Sequence: c.Size, What: "the entries up to here are not those that were signed"}
			}
		}
		return nil
	}
	err := r.scan(ctx, j.chain.Size(), toEnd, func(_ int64, b []byte) error {
		if err := met(); err != nil {
			return err
		}
		return j.chain.Add(b)
	})
	if err == nil {
		err = met()
	}
	if err != nil {
		return asBroken(err)
	}
	for _, c := range heads {
		if c.Size > j.chain.Size() {
			return &BrokenError{Sequence: j.chain.Size() + 1, What: "signed entries are missing"}
		}
	}
	last, err := r.last(ctx)
	if err != nil {
		return err
	}
	if last < j.chain.Size() {
		return &BrokenError{Sequence: last + 1, What: "entries have disappeared"}
	}
	j.setHead(Head{Size: j.chain.Size(), Last: j.chain.Last()})
	return nil
}

// lastStored makes the head the last entry there is, whatever it is worth.
func (j *Journal) lastStored(ctx context.Context) error {
	last, err := j.db.last(ctx)
	if err != nil && !errors.Is(err, ErrBroken) {
		return err
	}
	h := Head{Size: last}
	if start := j.start(); last > 0 && last == start.Size {
		h.Last = start.last
	} else if last > 0 {
		b, err := j.db.entry(ctx, last)
		if err != nil && !errors.Is(err, ErrBroken) {
			return err
		}
		h.Last = checkpoint.LeafHash(b)
	}
	j.setHead(h)
	return nil
}

func (j *Journal) setHead(h Head) {
	j.head = h
	j.state.Lock()
	j.state.Entries = h.Size
	j.state.Unlock()
}

// setSigned keeps the greatest signed head for Status.
func (j *Journal) setSigned(size int64, at time.Time) {
	j.state.Lock()
	defer j.state.Unlock()
	if size >= j.state.Signed {
		j.state.Signed, j.state.SignedAt = size, at
	}
}

// setSealed keeps the greatest countersigned head for Status and Vkeys.
func (j *Journal) setSealed(c checkpoint.Checkpoint) {
	at, _ := checkpoint.CosignedAt(c)
	j.state.Lock()
	defer j.state.Unlock()
	if j.state.SealedAt.IsZero() || c.Size >= j.state.Sealed {
		j.state.Sealed, j.state.SealedAt = c.Size, at
		j.state.sealers = signers(c)
	}
}

// asBroken turns a fault of the chain into a BrokenError.
func asBroken(err error) error {
	var f *verify.Fault
	if errors.As(err, &f) {
		return &BrokenError{Sequence: f.Sequence, What: f.What}
	}
	return err
}
