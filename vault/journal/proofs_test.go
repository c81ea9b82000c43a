package journal

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"espero-soft.com/printroom/vault/journal/checkpoint"
)

func TestProofs(t *testing.T) {
	ctx := context.Background()
	r := newRoom(t)
	j := r.whole(t)
	var heads []checkpoint.Checkpoint
	for range 12 {
		n, err := j.Checkpoint(ctx)
		if err != nil {
			t.Fatal(err)
		}
		c, err := checkpoint.OpenStation(n, strings.Split(j.Vkeys(), "\n")[0])
		if err != nil {
			t.Fatal(err)
		}
		heads = append(heads, c)
		write(t, j, 1)
	}
	for i, old := range heads {
		for _, now := range heads[i:] {
			proof, err := j.ConsistencyProof(ctx, old.Size, now.Size)
			if err != nil {
				t.Fatal(err)
			}
			if err := checkpoint.ConsistencyOK(old, now, proof); err != nil {
				t.Errorf("from %d to %d: %v", old.Size, now.Size, err)
			}
		}
	}
	last := heads[len(heads)-1]
	for s := int64(1); s <= last.Size; s++ {
		proof, err := j.InclusionProof(ctx, last.Size, s)
		if err != nil {
			t.Fatal(err)
		}
		entry, err := j.Entries(ctx, s-1, 1)
		if err != nil {
			t.Fatal(err)
		}
		if err := tlog.CheckRecord(proof, last.Size, last.Root, s-1, checkpoint.LeafHash(entry[0])); err != nil {
			t.Errorf("entry %d: %v", s, err)
		}
	}
	for _, sizes := range [][2]int64{{-1, 2}, {3, 2}, {1, 1000}} {
		if _, err := j.ConsistencyProof(ctx, sizes[0], sizes[1]); !errors.Is(err, ErrRange) {
			t.Errorf("proof %v: %v", sizes, err)
		}
	}
}

func TestCountersignedIsOurs(t *testing.T) {
	ctx := context.Background()
	r, other := newRoom(t), newRoom(t)
	j, k := r.whole(t), other.whole(t)
	write(t, j, 2)
	write(t, k, 2)
	n, err := j.Checkpoint(ctx)
	if err != nil {
		t.Fatal(err)
	}
	again, err := j.Checkpoint(ctx)
	if err != nil || !bytes.Equal(n, again) {
		t.Errorf("the same head was signed twice: %v", err)
	}
	theirs, err := k.Checkpoint(ctx)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Now()
	cosign := func(w *checkpoint.Cosigner, n []byte) []byte {
		full, err := w.Cosign(n, at)
		if err != nil {
			t.Fatal(err)
		}
		return full
	}
	twin, err := j.signer.Checkpoint(4, j.chain.Root()) // another signature on the same head
	if err != nil {
		t.Fatal(err)
	}
	ahead, err := j.signer.Checkpoint(99, j.chain.Root())
	if err != nil {
		t.Fatal(err)
	}
	for name, note := range map[string][]byte{
		"not countersigned": n,
		"another witness":   cosign(other.witness, n),
		"another station":   cosign(r.witness, theirs),
		"another signature": cosign(r.witness, twin),
		"never signed here": cosign(r.witness, ahead),
		"garbage":           []byte("garbage"),
	} {
		if err := j.Countersigned(ctx, note); !errors.Is(err, ErrCheckpoint) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := j.Status().Broken; err != nil {
		t.Fatal(err)
	}
	full := cosign(r.witness, n)
	for range 2 {
		if err := j.Countersigned(ctx, full); err != nil {
			t.Errorf("ours: %v", err)
		}
	}
	fork, err := j.signer.Checkpoint(4, tlog.Hash{1})
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Countersigned(ctx, cosign(r.witness, fork)); !errors.Is(err, ErrBroken) {
		t.Errorf("a fork under our key: %v", err)
	}
	if _, err := j.Intent(ctx, access(1)); !errors.Is(err, ErrBroken) {
		t.Errorf("intent after a fork: %v", err)
	}
}

func TestASuccessorNamesItsPredecessor(t *testing.T) {
	r := newRoom(t)
	j := r.whole(t)
	write(t, j, 1)
	last := j.Head().Last
	next := newRoom(t)
	c := next.config()
	c.Log, c.Predecessor = origin+"/2026-12", last
	k, err := Open(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer closeJournal(t, k)
	write(t, k, 1)
	next.seal(t, k)
	report, err := next.check(t, k)
	if err != nil || report.Predecessor != last.String() {
		t.Errorf("%+v, %v", report, err)
	}
	c.Predecessor = tlog.Hash{9}
	closeJournal(t, k)
	wrong, err := Open(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer closeJournal(t, wrong)
	if !errors.Is(wrong.Status().Broken, ErrBroken) {
		t.Error("a successor of another log was accepted")
	}
}

func TestFilesAreTheOwnersAlone(t *testing.T) {
	r := newRoom(t)
	j := r.whole(t)
	write(t, j, 1)
	if _, err := j.OpenIntents(context.Background()); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(r.dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 4 {
		t.Errorf("only %d files", len(files))
	}
	for _, f := range files {
		info, err := f.Info()
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s is open to others: %v", f.Name(), info.Mode())
		}
	}
}

func TestOpenRefusesABadConfiguration(t *testing.T) {
	r := newRoom(t)
	for name, edit := range map[string]func(*Config){
		"no directory": func(c *Config) { c.Dir = "" },
		"no log":       func(c *Config) { c.Log = "" },
		"bad log":      func(c *Config) { c.Log = "https://x y" },
		"no signer":    func(c *Config) { c.Signer = nil },
		"no witness":   func(c *Config) { c.Witness = "" },
	} {
		c := r.config()
		edit(&c)
		if j, err := Open(context.Background(), c); err == nil {
			closeJournal(t, j)
			t.Errorf("%s: opened", name)
		}
	}
}
