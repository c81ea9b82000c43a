package journal

import (
	"context"

	"golang.org/x/mod/sumdb/tlog"

	"espero-soft.com/printroom/vault/journal/verify"
)

// Verification is what Verify read.
type Verification struct {
	Entries     int64 // up to this one, from the log's start on
	Checkpoints int64 // signed and countersigned ones, each one's signatures and root
	Root        tlog.Hash
	Counts      verify.Counts
}

// Verify reads the whole log as it stands: its start, every entry, the chain, the tree,
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
	v := verifier{j: j, chain: verify.NewChain(j.log), progress: progress}
	sealed := j.Status().Sealed // before the snapshot, which has all of them
	err := j.db.snapshot(ctx, func(r reading) error {
		v.log, v.signatures = r, newSignatures(j.accepted())
		err := v.run(ctx, sealed)
		// A bad note stands before whatever else ended the reading.
		if found := v.signatures.end(); found != nil && ctx.Err() == nil {
			return found
		}
		return err
	})
	if err != nil {
		return v.result(), j.found(asBroken(err))
	}
	j.state.Lock()
	j.state.Verified, j.state.VerifiedAt = v.chain.Size(), j.now()
	j.state.Unlock()
	return v.result(), nil
}

type verifier struct {
	j        *Journal
	log      reading
	chain    *verify.Chain
	progress func(done, total int64) // may be nil
	notes    []storedNote            // in order of size, the next ones to check
	at       storedNote              // the last one that was loaded
	ended    bool                    // no note is left after these
	count    int64

	signatures *signatures
}

func (v *verifier) result() Verification {
	return Verification{
		Entries: v.chain.Size(), Checkpoints: v.count,
		Root: v.chain.Root(), Counts: v.chain.Counts(),
	}
}

func (v *verifier) run(ctx context.Context, sealedSize int64) error {
	start, err := v.start(ctx)
	if err != nil {
		return err
	}
	last, err := v.log.last(ctx)
	if err != nil {
		return err
	}
	last = max(last, sealedSize)
	if err := v.checkNotes(ctx); err != nil {
		return err
	}
	err = v.log.scanAhead(ctx, start, last, func(_ int64, b []byte) error {
		if err := v.chain.Add(b); err != nil {
			return err
		}
		if n := v.chain.Size(); v.progress != nil && (n%progressPace == 0 || n == last) {
			v.progress(n-start, last-start)
		}
		return v.checkNotes(ctx)
	})
	if err != nil {
		return err
	}
	if v.chain.Size() < last {
		return &BrokenError{Sequence: v.chain.Size() + 1, What: "entries are missing"}
	}
	if len(v.notes) > 0 {
		return &BrokenError{Sequence: last + 1, What: "signed entries are missing"}
	}
	return nil
}

// start makes the chain stand where the log starts, with all of that checked
// again.
func (v *verifier) start(ctx context.Context) (int64, error) {
	start, err := v.j.startIn(ctx, v.log)
	if err == nil {
		start, err = v.j.confirm(start.stored)
	}
	if err != nil {
		return 0, err
	}
	v.chain = start.chain(v.j.log)
	v.at = storedNote{size: -1}
	if start.Size > 0 {
		v.at = storedNote{size: start.Size, kind: sealed} // notes before may not be deleted yet
		v.count++
	}
	return start.Size, nil
}

// checkNotes has the stored notes of the size that is reached checked.
func (v *verifier) checkNotes(ctx context.Context) error {
	for {
		if len(v.notes) == 0 && !v.ended {
			var err error
			if v.notes, err = v.log.notes(ctx, v.at.size, v.at.kind); err != nil {
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
		if n := v.notes[0]; n.size < v.chain.Size() {
			return &BrokenError{Sequence: n.size, What: "a checkpoint is out of place"}
		} else if err := v.signatures.add(reachedNote{n, v.chain.Root()}); err != nil {
			return err
		}
		v.notes = v.notes[1:]
		v.count++
	}
}
