package journal

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"espero-soft.com/printroom/vault/journal/checkpoint"
	"espero-soft.com/printroom/vault/journal/verify"
)

// Checkpoint signs the present head, stores the note durably and returns it. A
// head that is signed already is not signed again. A broken journal signs
// nothing. Appends go on while the key works.
func (j *Journal) Checkpoint(ctx context.Context) ([]byte, error) {
	j.sealing.Lock()
	defer j.sealing.Unlock()
	size, root, err := j.root(ctx)
	if err != nil {
		return nil, err
	}
	if old, err := j.noteAt(ctx, size); err != nil || old != nil {
		if err == nil {
			err = j.sameRoot(old, root)
		}
		return old, j.found(err)
	}
	note, err := j.signer.Checkpoint(size, root)
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	if err := j.db.putNote(context.WithoutCancel(ctx), signed, size, note); err != nil {
		return nil, j.found(err)
	}
	j.setSigned(size, j.now())
	return note, nil
}

// root is the head of the log, with what other processes wrote.
func (j *Journal) root(ctx context.Context) (int64, tlog.Hash, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := j.trusted(); err != nil {
		return 0, tlog.Hash{}, err
	}
	if err := j.resync(ctx); err != nil {
		return 0, tlog.Hash{}, err
	}
	return j.chain.Size(), j.chain.Root(), nil
}

// noteAt is what the station signed for that size, nil when it signed nothing.
func (j *Journal) noteAt(ctx context.Context, size int64) ([]byte, error) {
	if start := j.start(); start.Size > 0 && size == start.Size {
		c := start.head
		c.Signatures = c.Signatures[:1]
		return c.Note(), nil
	}
	return j.db.note(ctx, signed, size)
}

func (j *Journal) sameRoot(note []byte, root tlog.Hash) error {
	c, err := checkpoint.Open(note, j.station)
	if err != nil {
		return &BrokenError{What: "a signed checkpoint does not verify", Err: err}
	}
	if c.Root != root {
		return &BrokenError{Sequence: c.Size, What: "the entries up to here are not those that were signed"}
	}
	return nil
}

// Countersigned keeps the witness's answer to a Checkpoint, durably: the same
// note with the signature of a witness's key in force. Anything else is an ErrCheckpoint, and a
// head that contradicts ours under both signatures breaks the journal: the
// witness knows another log under our key. A repeated answer changes nothing.
func (j *Journal) Countersigned(ctx context.Context, note []byte) error {
	j.sealing.Lock()
	defer j.sealing.Unlock()
	if err := j.open(); err != nil {
		return err
	}
	c, err := j.accepts().Open(note)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrCheckpoint, err)
	}
	ours, err := j.noteAt(ctx, c.Size)
	if err != nil {
		return j.found(err)
	}
	if ours == nil || c.Size < j.start().Size {
		return fmt.Errorf("%w: no head of %d entries was signed here", ErrCheckpoint, c.Size)
	}
	if err := j.sameRoot(ours, c.Root); err != nil {
		return j.found(fmt.Errorf("%w: %w", ErrCheckpoint, err))
	}
	if !bytes.HasPrefix(note, ours) {
		return fmt.Errorf("%w: another signature of ours on the same head", ErrCheckpoint)
	}
	kept, err := j.db.note(ctx, sealed, c.Size)
	if err != nil {
		return j.found(err)
	}
	if kept == nil && c.Size != j.start().Size {
		if err := j.db.putNote(context.WithoutCancel(ctx), sealed, c.Size, note); err != nil {
			return j.found(err)
		}
		if c.Size < j.Status().Sealed {
			j.months.drop() // a late answer, among those that were read
		}
		j.setSealed(c)
	}
	return nil
}

// Sealed is the last countersigned note; ErrUnsealed when there is none.
func (j *Journal) Sealed(ctx context.Context) (note []byte, err error) {
	err = j.db.snapshot(ctx, func(r reading) error {
		start, err := r.start(ctx)
		if err == nil {
			note, err = r.sealed(ctx, start)
		}
		return err
	})
	if err == nil && note == nil {
		err = ErrUnsealed
	}
	return note, err
}

// sealed is the last countersigned note, be it the start's, nil when there is none.
func (r reading) sealed(ctx context.Context, start storedStart) ([]byte, error) {
	note, err := r.lastNote(ctx, sealed, start.size)
	if err == nil && note == nil && start.size > 0 {
		note = []byte(start.note)
	}
	return note, err
}

// Attest signs what a report is: its format, digest and size, and how many
// accesses it lists. The note says whether the journal was whole; a broken one
// is reported on too.
func (j *Journal) Attest(f verify.FileNote) ([]byte, error) {
	if err := j.open(); err != nil {
		return nil, err
	}
	f.Log, f.Made, f.Whole = j.log, j.now().UTC().Truncate(time.Millisecond), j.Status().Broken == nil
	note, err := verify.SignFile(f, j.signer)
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	return note, nil
}
