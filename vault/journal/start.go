package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"espero-soft.com/printroom/vault/journal/checkpoint"
	"espero-soft.com/printroom/vault/journal/verify"
)

// Start is where the stored log begins: after the last shard that was
// forgotten. The zero value is the start of a log that has its first entry.
type Start struct {
	Size     int64     // the sequence of the last entry that was forgotten
	SealedAt time.Time // when the witness signed the checkpoint up to there, which is kept
}

// storedStart is the row of table start, or zero when there is none.
type storedStart struct {
	size     int64
	note     string // the countersigned checkpoint of the first size entries
	frontier string // of their tree, hash by hash
	leaf     string // leaf hash of the last one
	proof    string // that it is the last one
	anchor   string // the last entry of them with a counter's value
	anchored string // proof of anchor
}

// beginning is a start that its checkpoint has confirmed.
type beginning struct {
	Start
	stored storedStart
	head   checkpoint.Checkpoint
	tree   *checkpoint.Tree // of the entries before
	last   tlog.Hash        // leaf hash of the last of them
	anchor verify.Entry     // zero for none
}

// Start is where the stored log begins.
func (j *Journal) Start() Start { return j.start().Start }

func (j *Journal) start() beginning {
	j.state.Lock()
	defer j.state.Unlock()
	return j.state.start
}

// chain goes on after the start.
func (b beginning) chain(log string) *verify.Chain {
	if b.Size == 0 {
		return verify.NewChain(log)
	}
	return verify.ResumeChain(log, b.tree, b.last)
}

// start is the stored start, confirmed by nothing.
func (r reading) start(ctx context.Context) (storedStart, error) {
	var s storedStart
	err := r.from.QueryRowContext(ctx, "SELECT size, note, frontier, leaf, proof, anchor, anchored FROM start").
		Scan(&s.size, &s.note, &s.frontier, &s.leaf, &s.proof, &s.anchor, &s.anchored)
	if errors.Is(err, sql.ErrNoRows) {
		return storedStart{}, nil
	}
	return s, readError(ctx, err)
}

// startIn is the start of what r reads, confirmed; it comes before anything else
// is read there. It only ever goes forward: another program forgets too.
func (j *Journal) startIn(ctx context.Context, r reading) (beginning, error) {
	known := j.start()
	s, err := r.start(ctx)
	if err != nil {
		return beginning{}, err
	}
	if s == known.stored {
		return known, nil
	}
	b, err := j.confirm(s)
	if err != nil {
		return beginning{}, err
	}
	if b.Size <= known.Size {
		return beginning{}, &BrokenError{What: "the log's start has changed"}
	}
	j.setStart(b)
	return b, nil
}

func (j *Journal) setStart(b beginning) {
	j.state.Lock()
	defer j.state.Unlock()
	if b.Size > j.state.start.Size {
		j.state.start = b
	}
}

// confirm checks all of a stored start against its checkpoint.
func (j *Journal) confirm(s storedStart) (beginning, error) {
	if s == (storedStart{}) {
		return beginning{}, nil
	}
	c, err := j.accepted().Open([]byte(s.note))
	if err == nil && c.Size != s.size {
		err = fmt.Errorf("it is of %d entries", c.Size)
	}
	if err != nil {
		return beginning{}, &BrokenError{What: "the checkpoint that the log starts after does not verify", Err: err}
	}
	b := beginning{Start: Start{Size: s.size}, stored: s, head: c}
	b.SealedAt, _ = checkpoint.CosignedAt(c)
	if b.tree, err = checkpoint.NewTree(s.size, splitHashes(s.frontier)); err != nil || s.size == 0 || b.tree.Root() != c.Root {
		return beginning{}, &BrokenError{What: "the hashes that the log starts with are not those that were signed", Err: err}
	}
	leaf := splitHashes(s.leaf)
	if len(leaf) != 1 || tlog.CheckRecord(splitHashes(s.proof), c.Size, c.Root, c.Size-1, leaf[0]) != nil {
		return beginning{}, &BrokenError{Sequence: c.Size, What: "the last entry before the log's start is not the one that was signed"}
	}
	b.last = leaf[0]
	if s.anchor == "" {
		return b, nil
	}
	if b.anchor, err = verify.ParseEntry([]byte(s.anchor)); err == nil && (b.anchor.Counter == 0 || b.anchor.Sequence > c.Size) {
		err = errors.New("it is none")
	}
	if err == nil {
		err = tlog.CheckRecord(splitHashes(s.anchored), c.Size, c.Root, b.anchor.Sequence-1, checkpoint.LeafHash([]byte(s.anchor)))
	}
	if err != nil {
		return beginning{}, &BrokenError{What: "the last anchor before the log's start is not one that was signed", Err: err}
	}
	return b, nil
}

// splitHashes undoes joinHashes; nil for what is not whole hashes.
func splitHashes(s string) []tlog.Hash {
	if len(s)%tlog.HashSize != 0 {
		return nil
	}
	out := make([]tlog.Hash, 0, len(s)/tlog.HashSize)
	for ; s != ""; s = s[tlog.HashSize:] {
		out = append(out, tlog.Hash([]byte(s[:tlog.HashSize])))
	}
	return out
}

func joinHashes(hashes []tlog.Hash) string {
	var b []byte
	for _, h := range hashes {
		b = append(b, h[:]...)
	}
	return string(b)
}
