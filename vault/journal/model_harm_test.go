//go:build long

package journal

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"espero-soft.com/printroom/vault/journal/verify"
)

// What befalls the model's folders from outside of the program.

// crashFolderAnywhere is a folder in memory where there is such a file system.
func crashFolderAnywhere(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "journal")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func (p *place) keep(t *rapid.T) {
	if len(p.copies) > 3 || !p.whole() {
		return // enough of them; and what is broken is not worth one
	}
	p.restart(t)
	if p.dead {
		return
	}
	p.stop(t)
	p.world.copies = append(p.world.copies, modelCopy{dir: p.copied(t, p.dir, "-shm"), held: p.held.clone(), anchored: p.anchored})
	p.start(t)
}

func (p *place) rollBack(t *rapid.T) {
	if len(p.copies) == 0 {
		return
	}
	c := rapid.SampledFrom(p.copies).Draw(t, "copy")
	p.stop(t)
	p.dir, p.held, p.anchored = p.copied(t, c.dir, "-shm"), c.clone(), c.anchored
	p.start(t)
}

// clone copies the computer, its counter too. Both work on.
func (p *place) clone(t *rapid.T) {
	if len(p.places) > 1 || p.dead || !p.whole() {
		return
	}
	p.stop(t)
	counter := *p.nv
	c := &place{world: p.world, dir: p.copied(t, p.dir, "-shm"), nv: &counter, held: p.held.clone(), anchored: p.anchored}
	p.places = append(p.places, c)
	p.start(t)
	c.start(t)
}

// below does something to the closed database with nothing in the way.
func (p *place) below(t *rapid.T, do func(db *sql.DB) error) {
	p.stop(t)
	db, err := sql.Open("sqlite", dsn(filepath.Join(p.dir, entriesFile), nil))
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.Exec(noTriggers)
	if err == nil {
		err = do(db)
	}
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	p.start(t)
}

// cutEnd takes the last entries away. The chain notices when one of them was
// signed; whether the counter does is looked up, as it would be.
func (p *place) cutEnd(t *rapid.T) {
	if p.dead || p.size() == p.begins || !p.whole() {
		return
	}
	to := rapid.Int64Range(p.begins, p.size()-1).Draw(t, "to")
	p.cut, p.unseals = to < max(p.signed, p.sealed), to < p.sealed
	entries, err := p.j.Entries(context.Background(), to, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	p.leaves = slices.Clone(p.leaves[:to])
	p.anchored -= uint64(anchorsIn(t, entries))
	p.below(t, func(db *sql.DB) error {
		_, err := db.Exec("DELETE FROM entry WHERE sequence > ?", to)
		return err
	})
}

// flip changes one byte of an entry that a later one, or a signature, covers.
// What nothing covers is nobody's to notice.
func (p *place) flip(t *rapid.T) {
	last := max(p.size()-1, p.signed)
	if p.dead || !p.whole() || last <= p.begins {
		return
	}
	n := rapid.Int64Range(p.begins+1, last).Draw(t, "entry")
	entries, err := p.j.Entries(context.Background(), n-1, 1)
	if err != nil || len(entries) != 1 {
		t.Fatalf("%d entries, %v", len(entries), err)
	}
	b := entries[0]
	b[rapid.IntRange(0, len(b)-1).Draw(t, "byte")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
	p.damaged = append(p.damaged, n)
	p.below(t, func(db *sql.DB) error {
		_, err := db.Exec("UPDATE entry SET bytes = ? WHERE sequence = ?", b, n)
		return err
	})
}

// forget forgets the oldest month, of which nothing is left but its checkpoint.
func (p *place) forget(t *rapid.T) {
	shards, err := p.j.Shards(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if len(shards) == 0 {
		return
	}
	err = p.j.Forget(context.Background(), shards[0])
	if p.dead {
		if !errors.Is(err, ErrBroken) {
			t.Fatalf("a broken log forgets: %v", err)
		}
		return
	}
	damaged := func(n int64) bool { return n > p.begins && n <= shards[0].Last }
	p.found(t, err, slices.ContainsFunc(p.damaged, damaged), "forgetting")
	if err == nil {
		p.begins = shards[0].Last
	}
}

// anchorsIn counts the anchors among entries.
func anchorsIn(t *rapid.T, entries [][]byte) (n int) {
	for _, b := range entries {
		e, err := verify.ParseEntry(b)
		if err != nil {
			t.Fatal(err)
		}
		if e.Counter > 0 {
			n++
		}
	}
	return n
}
