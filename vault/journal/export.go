package journal

import (
	"context"
	"errors"
	"fmt"
	"io"

	"golang.org/x/mod/sumdb/tlog"

	"espero-soft.com/printroom/vault/journal/checkpoint"
	"espero-soft.com/printroom/vault/journal/verify"
)

// Span is the part of the log that an export has.
type Span struct {
	Shard *Shard // one of Shards, nil for all there is
	// Unsealed adds the entries that no countersignature covers. They follow the
	// last one, so of the shards only the last goes with it.
	Unsealed bool
}

// Export writes a span of the log for the verifier, see docs/journal.md,
// "Export": a line with the checkpoint that it starts after, unless it starts
// with the first entry of all; each entry's exact bytes; a line with the
// checkpoint that countersigns them; the entries after that when they are asked
// for. It tells how many of those there are, written or not. ErrUnsealed when
// nothing is countersigned and the rest not asked for, or there is none, ErrRange when the shard
// is none, or not the last one and the rest asked for. A broken journal is
// exported as it is stored: the verifier names what is wrong.
func (j *Journal) Export(ctx context.Context, w io.Writer, s Span) (unsealed int64, err error) {
	x := exporter{w: w}
	if s.Shard != nil {
		x.tree = j.treeBefore(ctx, *s.Shard)
	}
	err = j.db.snapshot(ctx, func(r reading) error {
		x.log = r
		if err := x.find(ctx, s); err != nil {
			return err
		}
		unsealed = max(0, x.last-x.sealed)
		return x.write(ctx, s.Unsealed)
	})
	if err != nil {
		return 0, fmt.Errorf("export: %w", err)
	}
	return unsealed, nil
}

// exporter writes one span.
type exporter struct {
	log    reading
	w      io.Writer
	tree   *checkpoint.Tree // of the entries before the span, unconfirmed; nil where it is not known
	start  storedStart
	after  int64  // the entry before the span's first
	before []byte // the checkpoint of that, nil when it is 0
	note   []byte // the span's own, nil for none
	until  int64  // the last entry that note covers
	sealed int64  // the last one that is countersigned
	last   int64
	line   []byte
}

// find looks up what belongs to the span.
func (x *exporter) find(ctx context.Context, s Span) (err error) {
	if x.start, err = x.log.start(ctx); err != nil {
		return err
	}
	if x.last, err = x.log.last(ctx); err != nil {
		return err
	}
	if x.note, err = x.log.sealed(ctx, x.start); err != nil {
		return err
	}
	if x.note != nil {
		c, err := checkpoint.ParseCheckpoint(x.note)
		if err != nil {
			return err
		}
		x.sealed = c.Size
	}
	x.after, x.until = x.start.size, x.sealed
	if s.Shard != nil {
		if err := x.shard(ctx, *s.Shard, s.Unsealed); err != nil {
			return err
		}
	}
	if x.note == nil && (!s.Unsealed || x.last == 0) {
		return ErrUnsealed
	}
	x.before, err = x.noteOf(ctx, x.after)
	return err
}

// shard narrows the span to one shard.
func (x *exporter) shard(ctx context.Context, s Shard, tail bool) (err error) {
	if tail && s.Last != x.sealed {
		return fmt.Errorf("%w: the unsealed ones do not follow entry %d", ErrRange, s.Last)
	}
	if s.First <= x.start.size || s.Last < s.First || s.Last > x.sealed {
		return fmt.Errorf("%w: no shard from %d to %d", ErrRange, s.First, s.Last)
	}
	x.after, x.until = s.First-1, s.Last
	x.note, err = x.noteOf(ctx, s.Last)
	return err
}

// noteOf is the countersigned checkpoint of that size, nil for 0.
func (x *exporter) noteOf(ctx context.Context, size int64) ([]byte, error) {
	switch size {
	case 0:
		return nil, nil
	case x.start.size:
		return []byte(x.start.note), nil
	}
	note, err := x.log.note(ctx, sealed, size)
	if err == nil && note == nil {
		err = fmt.Errorf("%w: entry %d does not end a shard", ErrRange, size)
	}
	return note, err
}

func (x *exporter) write(ctx context.Context, tail bool) error {
	if x.before != nil {
		frontier, err := x.frontier(ctx)
		if err != nil {
			return err
		}
		if _, err := x.w.Write(verify.StartLine(x.before, frontier)); err != nil {
			return err
		}
	}
	if err := x.log.scan(ctx, x.after, x.until, x.entry); err != nil {
		return err
	}
	if x.note != nil {
		if _, err := x.w.Write(verify.SealLine(x.note)); err != nil {
			return err
		}
	}
	if !tail {
		return nil
	}
	return x.log.scan(ctx, max(x.after, x.until), toEnd, x.entry)
}

func (x *exporter) entry(_ int64, b []byte) error {
	x.line = append(append(x.line[:0], b...), '\n')
	_, err := x.w.Write(x.line)
	return err
}

// treeBefore is the tree of the entries before a shard as the derived file knows
// it, nil when it does not. No reading is held meanwhile: the file may have to
// wait for one.
func (j *Journal) treeBefore(ctx context.Context, s Shard) (tree *checkpoint.Tree) {
	err := j.derive(ctx, func() (err error) {
		tree, err = j.tree.treeAt(ctx, s.First-1)
		return err
	})
	if err != nil {
		return nil
	}
	return tree
}

// frontier is that of the tree of the entries before the span: the start's own,
// what the derived file knows, or else what the entries since the start give.
func (x *exporter) frontier(ctx context.Context) ([]tlog.Hash, error) {
	before := splitHashes(x.start.frontier)
	if x.after == x.start.size {
		return before, nil
	}
	c, err := checkpoint.ParseCheckpoint(x.before)
	if err != nil {
		return nil, err
	}
	if x.tree != nil && x.tree.Size() == x.after && x.tree.Root() == c.Root {
		return x.tree.Frontier(), nil
	}
	tree, err := checkpoint.NewTree(x.start.size, before)
	if err != nil {
		return nil, errors.Join(ErrBroken, err)
	}
	err = x.log.scan(ctx, x.start.size, x.after, func(_ int64, b []byte) error {
		tree.Append(checkpoint.LeafHash(b))
		return nil
	})
	return tree.Frontier(), err
}
