package journal

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"espero-soft.com/printroom/vault/journal/checkpoint"
	"espero-soft.com/printroom/vault/journal/verify"
)

// Proof shows that one entry is in the log that central countersigned: who has
// both keys needs nothing else to check it.
type Proof struct {
	Sequence int64
	Entry    []byte      // its exact bytes
	Leaf     tlog.Hash   // RFC 6962: SHA-256(0x00 || Entry)
	Path     []tlog.Hash // RFC 6962, 2.1.1, from the leaf up
	Size     int64       // of the countersigned log
	Root     tlog.Hash   // of the countersigned log
	Note     []byte      // the checkpoint, both signatures on it
	SealedAt time.Time   // when the witness signed
}

// Prove proves one entry to the last countersigned checkpoint. ErrUnsealed when
// that does not reach it yet, ErrRange when there is no such entry. Nothing of
// the proof is believed here: Check does the sums.
func (j *Journal) Prove(ctx context.Context, sequence int64) (Proof, error) {
	b, err := j.db.entry(ctx, sequence)
	if err != nil {
		return Proof{}, j.found(err)
	}
	if b == nil {
		return Proof{}, fmt.Errorf("%w: entry %d", ErrRange, sequence)
	}
	note, err := j.Sealed(ctx)
	if err != nil {
		return Proof{}, err
	}
	c, err := checkpoint.ParseCheckpoint(note)
	if err != nil {
		return Proof{}, err
	}
	p := Proof{Sequence: sequence, Entry: b, Leaf: checkpoint.LeafHash(b), Size: c.Size, Root: c.Root, Note: note}
	p.SealedAt, _ = checkpoint.CosignedAt(c)
	if c.Size < sequence {
		return p, fmt.Errorf("%w that reaches entry %d", ErrUnsealed, sequence)
	}
	p.Path, err = j.InclusionProof(ctx, c.Size, sequence)
	return p, err
}

// Check does the sums: the signatures on the checkpoint, and the way from the
// entry's bytes to its root. Errors wrap ErrCheckpoint, or are tlog's.
func (p Proof) Check(keys verify.Keys) error {
	c, err := keys.Open(p.Note)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrCheckpoint, err)
	}
	if c.Size != p.Size || c.Root != p.Root || p.Sequence < 1 || p.Sequence > c.Size {
		return fmt.Errorf("%w: the proof is for another head", ErrCheckpoint)
	}
	return tlog.CheckRecord(p.Path, c.Size, c.Root, p.Sequence-1, checkpoint.LeafHash(p.Entry))
}
