package journal

import (
	"bytes"
	"context"
	"fmt"
	"io"
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
	if old, err := j.db.note(ctx, signed, size); err != nil || old != nil {
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
	ours, err := j.db.note(ctx, signed, c.Size)
	if err != nil {
		return j.found(err)
	}
	if ours == nil {
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
	if kept == nil {
		if err := j.db.putNote(context.WithoutCancel(ctx), sealed, c.Size, note); err != nil {
			return j.found(err)
		}
		j.setSealed(c)
	}
	return nil
}

// Sealed is the last countersigned note; ErrUnsealed when there is none.
func (j *Journal) Sealed(ctx context.Context) ([]byte, error) {
	note, err := j.db.lastNote(ctx, sealed)
	if err != nil {
		return nil, err
	}
	if note == nil {
		return nil, ErrUnsealed
	}
	return note, nil
}

// Export writes the log for the verifier: a line for each entry up to the last
// countersigned checkpoint, its exact bytes, and a last line with that
// checkpoint. It tells how many later entries it left out. ErrUnsealed when
// nothing is countersigned. A broken journal is exported as it is stored: the
// verifier names what is wrong.
func (j *Journal) Export(ctx context.Context, w io.Writer) (unsealed int64, err error) {
	note, err := j.Sealed(ctx)
	if err != nil {
		return 0, err
	}
	c, err := checkpoint.ParseCheckpoint(note)
	if err != nil {
		return 0, fmt.Errorf("export: %w", err)
	}
	var line []byte
	err = j.db.scan(ctx, 0, c.Size, func(_ int64, b []byte) error {
		line = append(append(line[:0], b...), '\n')
		_, err := w.Write(line)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("export: %w", err)
	}
	if _, err := w.Write(verify.SealLine(note)); err != nil {
		return 0, fmt.Errorf("export: %w", err)
	}
	last, err := j.db.last(ctx)
	if err != nil {
		return 0, fmt.Errorf("export: %w", err)
	}
	return max(0, last-c.Size), nil
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
