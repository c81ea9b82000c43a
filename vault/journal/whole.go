package journal

import (
	"context"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"espero-soft.com/printroom/vault/journal/checkpoint"
	"espero-soft.com/printroom/vault/journal/verify"
)

// Verification is what Verify read.
type Verification struct {
	Entries     int64
	Checkpoints int64 // signed and countersigned ones, each one's signatures and root
	Root        tlog.Hash
	Counts      verify.Counts
}

// Verify reads the whole log as it stands: every entry, the chain, the tree,
// and every stored checkpoint. What it finds wrong is a BrokenError, and the
// journal is broken from then on. Appends go on meanwhile. It takes seconds for
// millions of entries: run it in the background; cancelling ctx ends it and
// finds nothing.
func (j *Journal) Verify(ctx context.Context) (Verification, error) {
	return j.VerifyShown(ctx, nil)
}

// progressPace is how many entries are read between two reports of progress.
const progressPace = 1 << 14

// VerifyShown is Verify, and tells how far it is, on its own goroutine.
func (j *Journal) VerifyShown(ctx context.Context, progress func(done, total int64)) (Verification, error) {
	if err := j.open(); err != nil {
		return Verification{}, err
	}
	last, err := j.db.last(ctx)
	if err != nil {
		return Verification{}, j.found(err)
	}
	v := verifier{j: j, chain: verify.NewChain(j.log), progress: progress}
	if err = v.run(ctx, max(last, j.Status().Sealed)); err != nil {
		return v.result(), j.found(asBroken(err))
	}
	j.state.Lock()
	j.state.Verified, j.state.VerifiedAt = v.chain.Size(), j.now()
	j.state.Unlock()
	return v.result(), nil
}

type verifier struct {
	j        *Journal
	chain    *verify.Chain
	progress func(done, total int64) // may be nil
	notes    []storedNote            // in order of size, the next ones to check
	at       storedNote              // the last one that was loaded
	ended    bool                    // no note is left after these
	count    int64
}

func (v *verifier) result() Verification {
	return Verification{
		Entries: v.chain.Size(), Checkpoints: v.count,
		Root: v.chain.Root(), Counts: v.chain.Counts(),
	}
}

func (v *verifier) run(ctx context.Context, last int64) error {
	v.at = storedNote{size: -1}
	if err := v.checkNotes(ctx); err != nil {
		return err
	}
	err := v.j.db.scanAhead(ctx, 0, last, func(_ int64, b []byte) error {
		if err := v.chain.Add(b); err != nil {
			return err
		}
		if n := v.chain.Size(); v.progress != nil && (n%progressPace == 0 || n == last) {
			v.progress(n, last)
		}
		return v.checkNotes(ctx)
	})
	if err != nil {
		return err
	}
	if v.chain.Size() < last {
		return &BrokenError{Sequence: v.chain.Size() + 1, What: "entries are missing"}
	}
	if len(v.notes) > 0 && v.notes[0].size <= last {
		return &BrokenError{What: "a checkpoint is out of place"}
	}
	return nil
}

// checkNotes checks the stored notes of the size that is reached.
func (v *verifier) checkNotes(ctx context.Context) error {
	for {
		if len(v.notes) == 0 && !v.ended {
			var err error
			if v.notes, err = v.j.db.notes(ctx, v.at.size, v.at.kind); err != nil {
				return err
			}
			v.ended = len(v.notes) == 0
			if !v.ended {
				v.at = v.notes[len(v.notes)-1]
			}
		}
		if len(v.notes) == 0 || v.notes[0].size > v.chain.Size() {
			return nil
		}
		if err := v.check(v.notes[0]); err != nil {
			return err
		}
		v.notes = v.notes[1:]
		v.count++
	}
}

func (v *verifier) check(n storedNote) error {
	open := v.j.accepted().Open
	if n.kind == signed {
		open = func(note []byte) (checkpoint.Checkpoint, error) { return checkpoint.Open(note, v.j.station) }
	}
	c, err := open(n.note)
	if err != nil {
		return &BrokenError{What: fmt.Sprintf("the checkpoint of %d entries does not verify", n.size), Err: err}
	}
	if c.Size != n.size || c.Size != v.chain.Size() || c.Root != v.chain.Root() {
		return &BrokenError{Sequence: n.size, What: "the entries up to here are not those that were signed"}
	}
	return nil
}
