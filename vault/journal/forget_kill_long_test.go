//go:build linux && long

package journal

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestKilledWhileForgetting: whenever a child is killed, the log is whole, starts
// where it was acknowledged or at a later shard's end, and Open deletes the rest.
func TestKilledWhileForgetting(t *testing.T) {
	ctx := context.Background()
	t.Setenv(childDoes, "forget")
	r := childRoom(t)
	j := r.whole(t)
	ends := map[int64]bool{0: true}
	batch := make([]Access, 1000)
	for i := range batch {
		batch[i] = access(i)
	}
	for m := range 12 {
		for range 1 + m%2*2 { // more and less than a chunk
			if _, err := j.Intents(ctx, batch); err != nil {
				t.Fatal(err)
			}
		}
		r.sealAt(t, j, inMonth(m, 3))
		ends[j.Size()] = true
	}
	if _, err := j.OpenIntents(ctx); err != nil { // so that opening need not read all
		t.Fatal(err)
	}
	closeJournal(t, j)
	var highest, began int64
	for round := 0; round < 12 || began == 0 && round < 60; round++ {
		acked, said := runChild(t, r, time.Minute)
		if strings.HasPrefix(said, "broken") || strings.HasPrefix(said, "open") {
			t.Fatalf("the child said %q", said)
		}
		highest = max(highest, acked)
		db, err := openDatabase(ctx, filepath.Join(r.dir, entriesFile), true, schema)
		if err != nil {
			t.Fatal(err)
		}
		stored, err := db.start(ctx)
		if err = errors.Join(err, db.close()); err != nil || stored.size < highest || !ends[stored.size] {
			t.Fatalf("round %d: %v, the log starts after %d, acknowledged was %d", round, err, stored.size, highest)
		}
		j := r.whole(t)
		began = stored.size
		j.sweeping.Wait()
		var left int64
		err = j.db.writer.QueryRow(`SELECT (SELECT count(*) FROM entry WHERE sequence <= ?1)
			+ (SELECT count(*) FROM checkpoint WHERE size <= ?1)`, stored.size).Scan(&left)
		if err != nil || left != 0 || j.Start().Size != stored.size {
			t.Fatalf("round %d: %d rows are left, %v", round, left, err)
		}
		if _, err := j.Verify(ctx); err != nil {
			t.Fatal(err)
		}
		closeJournal(t, j)
		if said == "refused: nothing is left" {
			break
		}
	}
	if began == 0 {
		t.Error("no child got to forget anything")
	}
}
