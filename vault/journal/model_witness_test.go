//go:build long

package journal

import (
	"context"
	"errors"
	"time"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"espero-soft.com/printroom/vault/journal/checkpoint"
	"espero-soft.com/printroom/vault/journal/verify"
)

// modelWitness is central's rule in small (sync/central, witness): it holds the
// entries, takes new ones that follow, and countersigns what has their root and
// is no step back.
type modelWitness struct {
	leaves []tlog.Hash
	tree   *checkpoint.Tree
	roots  []tlog.Hash // after each entry
	sealed int64
}

var (
	errFork    = errors.New("another history")
	errSetBack = errors.New("fewer entries than were countersigned")
	errGap     = errors.New("entries before these are missing")
)

func (w *modelWitness) take(after int64, entries [][]byte) error {
	for i, b := range entries {
		n, leaf := after+int64(i), checkpoint.LeafHash(b)
		switch {
		case n > int64(len(w.leaves)):
			return errGap
		case n < int64(len(w.leaves)):
			if w.leaves[n] != leaf {
				return errFork
			}
		default:
			e, err := verify.ParseEntry(b)
			if err != nil || n > 0 && e.Previous != w.leaves[n-1] {
				return errFork
			}
			w.leaves = append(w.leaves, leaf)
			w.tree.Append(leaf)
			w.roots = append(w.roots, w.tree.Root())
		}
	}
	return nil
}

func (w *modelWitness) countersign(r *room, note []byte, at time.Time) ([]byte, error) {
	c, err := checkpoint.ParseCheckpoint(note)
	if err != nil {
		return nil, err
	}
	switch {
	case c.Size > int64(len(w.roots)):
		return nil, errGap
	case c.Size > 0 && w.roots[c.Size-1] != c.Root:
		return nil, errFork
	case c.Size < w.sealed:
		return nil, errSetBack
	}
	w.sealed = c.Size
	return r.witness.Cosign(note, at)
}

// submit sends the log to the witness, which refuses what is not one history.
func (p *place) submit(t *rapid.T) []byte {
	note := p.checkpoint(t)
	if note == nil {
		return nil
	}
	entries, err := p.j.Entries(context.Background(), p.begins, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	w := &p.world.witness
	same := true // as far as both go
	for n := range min(len(p.leaves), len(w.leaves)) {
		same = same && p.leaves[n] == w.leaves[n]
	}
	setBack := p.size() < w.sealed
	err = w.take(p.begins, entries)
	if err == nil {
		note, err = w.countersign(p.room, note, p.at)
	}
	switch {
	case len(p.damaged) > 0: // what is sent is not what was written
	case !same && !errors.Is(err, errFork):
		t.Fatalf("two histories, and the witness says %v", err)
	case same && setBack && !errors.Is(err, errSetBack):
		t.Fatalf("%d entries after %d were countersigned, and the witness says %v", p.size(), w.sealed, err)
	case same && !setBack && err != nil:
		t.Fatalf("the witness refuses a log that goes on: %v", err)
	}
	if err != nil {
		return nil
	}
	return note
}

func (p *place) push(t *rapid.T) {
	if note := p.submit(t); note != nil {
		if err := p.j.Countersigned(context.Background(), note); err != nil {
			t.Fatalf("Countersigned: %v", err)
		}
		p.sealed = p.size()
	}
}

// pushLost loses the answer after the witness stored it: the next push is as good.
func (p *place) pushLost(t *rapid.T) { p.submit(t) }
