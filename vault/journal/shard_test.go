package journal

import (
	"bytes"
	"context"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"espero-soft.com/printroom/vault/journal/checkpoint"
)

// FuzzCosigned holds the quick reading of a note's time against the whole one.
func FuzzCosigned(f *testing.F) {
	r := newRoom(f)
	signer, err := checkpoint.NewStationSigner(origin, r.key)
	if err != nil {
		f.Fatal(err)
	}
	note, err := signer.Checkpoint(3, checkpoint.LeafHash(nil))
	if err != nil {
		f.Fatal(err)
	}
	both, err := checkpoint.Cosign(note, inMonth(3, 4), r.witness, newWitness(f, "b.example/w"))
	if err != nil {
		f.Fatal(err)
	}
	for _, b := range [][]byte{note, both, both[:len(both)-40], bytes.ReplaceAll(both, []byte("\n"), nil), nil, []byte("\n\na\n b\n")} {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		at, err := cosigned(b)
		c, perr := checkpoint.ParseCheckpoint(b)
		if perr != nil {
			return
		}
		var latest time.Time
		for _, s := range c.Signatures[1:] {
			one := checkpoint.Checkpoint{Signatures: []checkpoint.Signature{s}}
			if when, ok := checkpoint.CosignedAt(one); ok && when.After(latest) {
				latest = when
			}
		}
		if err == nil && at.Before(latest) {
			t.Errorf("%v instead of %v", at, latest)
		}
	})
}

// TestShardsReadOn: what was read once is not read again, what comes is, and
// so is all of it where an answer of the witness comes late or a shard is gone.
func TestShardsReadOn(t *testing.T) {
	ctx := t.Context()
	r := newRoom(t)
	j, other := r.whole(t), r.whole(t)
	same := func(what string) {
		t.Helper()
		var want []Shard
		err := j.db.snapshot(ctx, func(in reading) error {
			start, err := in.start(ctx)
			if err == nil {
				want, err = in.shards(ctx, start.size, nil)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(want, shards(t, j)); diff != "" {
			t.Errorf("%s: %s", what, diff)
		}
	}
	same("nothing")
	write(t, j, 1)
	r.sealAt(t, j, inMonth(0, 3))
	same("one seal")
	write(t, j, 1)
	late, err := j.Checkpoint(ctx)
	if err != nil {
		t.Fatal(err)
	}
	write(t, j, 1)
	r.sealAt(t, j, inMonth(1, 3))
	same("two months")
	if late, err = r.witness.Cosign(late, inMonth(0, 30)); err != nil {
		t.Fatal(err)
	}
	if err := j.Countersigned(ctx, late); err != nil {
		t.Fatal(err)
	}
	if same("a late answer"); shards(t, j)[0].Last != 4 {
		t.Errorf("%+v", shards(t, j))
	}
	shards(t, j)[0].Last = 1 // the caller's own
	write(t, other, 1)
	r.sealAt(t, other, inMonth(1, 28))
	same("another program's seal")
	forget(t, other)
	same("another program's Forget")
	forget(t, j)
	same("none")

	// A note that was read is not read again: this one can't be.
	write(t, j, 2)
	r.sealAt(t, j, inMonth(2, 1))
	write(t, j, 1)
	r.sealAt(t, j, inMonth(2, 2))
	before := shards(t, j)
	r.edit(t, entriesFile, noTriggers, "UPDATE checkpoint SET note = x'00' WHERE sealed = 1 AND size < (SELECT max(size) FROM checkpoint)")
	if diff := gocmp.Diff(before, shards(t, j)); diff != "" {
		t.Error(diff)
	}
}

// TestExportsWaitForNoReading: an export holds one reading of the log, and asks
// for no second one meanwhile, which others that do the same may hold.
func TestExportsWaitForNoReading(t *testing.T) {
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	r := newRoom(t)
	j := r.months(t, 3)
	last := shards(t, j)[2]
	for range readers - 1 {
		held, err := j.db.reader.BeginTx(ctx, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = held.Rollback() }() // nothing was written
	}
	if _, err := j.Export(ctx, new(bytes.Buffer), Span{Shard: &last}); err != nil {
		t.Error(err)
	}
}
