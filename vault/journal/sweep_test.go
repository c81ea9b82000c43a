package journal

import (
	"context"
	"errors"
	"testing"
	"time"
)

// endless makes deleting the second entry take for ever.
var endless = []string{
	"CREATE VIEW ever AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n",
	"CREATE TRIGGER slow BEFORE DELETE ON entry WHEN OLD.sequence = 2 BEGIN SELECT count(*) FROM ever; END",
}

// TestOpenDoesNotWaitForTheSweep: what an interrupted Forget left takes long to
// delete. The log is open before, and Close waits for no more of it than has
// begun; nothing is lost by that.
func TestOpenDoesNotWaitForTheSweep(t *testing.T) {
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	defer stop()
	r := newRoom(t)
	j := r.months(t, 2)
	s := shards(t, j)[0]
	if err := j.forget(ctx, s); err != nil {
		t.Fatal(err)
	}
	closeJournal(t, j)
	r.edit(t, entriesFile, endless...)
	j, err := Open(ctx, r.config())
	if err != nil {
		t.Fatal("Open:", err)
	}
	if j.Status().Broken != nil || j.Start().Size != s.Last {
		t.Errorf("%+v, it starts after %+v", j.Status(), j.Start())
	}
	if left, err := j.db.unswept(ctx, s.Last); err != nil || !left {
		t.Errorf("what can't be deleted yet: %v, %v", left, err)
	}
	oldest := shards(t, j)[0]
	gone, leave := context.WithCancel(ctx)
	leave()
	if err := j.Forget(gone, oldest); !errors.Is(err, context.Canceled) {
		t.Errorf("a Forget that nobody waits for: %v", err)
	}
	closeJournal(t, j)
	j, err = Open(ctx, r.config())
	if err != nil {
		t.Fatal("Open once more:", err)
	}
	closeJournal(t, j)
	if ctx.Err() != nil {
		t.Fatal("something waited for the sweep")
	}
	r.edit(t, entriesFile, "DROP TRIGGER slow", "DROP VIEW ever")
	j = r.whole(t)
	j.sweeping.Wait()
	if left, err := j.db.unswept(ctx, s.Last); err != nil || left {
		t.Errorf("it is still there: %v, %v", left, err)
	}
	r.afterForget(t, j, s)
}

// TestForgottenWhileAsked: what is forgotten after the index was asked is not
// shown as damaged.
func TestForgottenWhileAsked(t *testing.T) {
	ctx := t.Context()
	r := newRoom(t)
	j := r.months(t, 2)
	var rows []Row
	err := j.look(ctx, func() error {
		all, err := j.index.find(ctx, query{}, "ASC", MaxRows)
		if err != nil {
			return err
		}
		forget(t, j)
		rows, err = j.readAll(ctx, all)
		return err
	})
	if err != nil || len(rows) != 3 || rows[0].Sequence != j.Start().Size+1 || rows[0].Damaged {
		t.Errorf("%+v, %v", rows, err)
	}
}
