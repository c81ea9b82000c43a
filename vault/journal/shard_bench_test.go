package journal

import (
	"context"
	"testing"
)

// BenchmarkShards looks through 100,000 countersigned notes of a year.
func BenchmarkShards(b *testing.B) {
	const notes = 100_000
	r := newRoom(b)
	j := r.whole(b)
	tx, err := j.db.writer.Begin()
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }() // after a commit it does nothing
	for n := range int64(notes) {
		note, err := j.signer.Checkpoint(n+1, j.chain.Root())
		if err != nil {
			b.Fatal(err)
		}
		if note, err = r.witness.Cosign(note, inMonth(int(n*12/notes), 3)); err != nil {
			b.Fatal(err)
		}
		if _, err := tx.Exec("INSERT INTO checkpoint VALUES (?, 1, ?)", n+1, note); err != nil {
			b.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if s, err := j.Shards(context.Background()); err != nil || len(s) != 12 {
			b.Fatal(len(s), err)
		}
	}
}
