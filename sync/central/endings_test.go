package central

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"testing"
	"time"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/journal/verify"
)

// TestAlarmsAtOnce: of alarms that are raised at the same time each is told once, before its request ends.
func TestAlarmsAtOnce(t *testing.T) {
	var told sync.Map
	r := newRoom(t, func(c *Config) {
		c.Hooks = &Hooks{Alarm: func(a Alarm) {
			if _, again := told.LoadOrStore(a.Log, true); again {
				t.Errorf("%s is told twice", a.Log)
			}
		}}
	})
	ctx := context.Background()
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for n := range 40 {
				log := fmt.Sprintf("log-%d-%d", i, n)
				if err := r.write(ctx, func(tx *sql.Tx) error { return r.raise(ctx, tx, AlarmGap, log, "press-1", 1) }); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	for i := range 8 {
		for n := range 40 {
			if _, ok := told.Load(fmt.Sprintf("log-%d-%d", i, n)); !ok {
				t.Errorf("alarm %d of %d is lost", n, i)
			}
		}
	}
}

// TestHeadOfForgottenEntries: where the entries of a head are forgotten, another head of that size is another
// history all the same.
func TestHeadOfForgottenEntries(t *testing.T) {
	r := newRoom(t, func(c *Config) { c.JournalMonths = 1 })
	ctx := context.Background()
	s := r.enrol("press-1")
	l := newLogbook(t, s)
	clone := l.copy()
	l.add(r, 4, "job-1")
	clone.add(r, 4, "job-2")
	r.send(s, l.from(1), "")
	head := l.note().Note
	note := r.seal(s, wire.SignedNote{Note: head}, "")
	r.clock.Add(70 * 24 * time.Hour)
	if n, err := r.ForgetJournals(ctx); err != nil || n != 4 {
		t.Fatalf("%d forgotten: %v", n, err)
	}
	if again := r.seal(s, wire.SignedNote{Note: head}, ""); again != note {
		t.Errorf("the same head is\n%s", again)
	}
	r.seal(s, clone.note(), wire.ProblemJournalFork)
	r.alarmed("fork 4 1")
}

// TestExportsAfterMonths: what is left of a station's logs is one chain that verifies, whatever is forgotten;
// the end of a former log, which nobody sealed, goes in its turn.
func TestExportsAfterMonths(t *testing.T) {
	r := newRoom(t, func(c *Config) { c.JournalMonths = 1 })
	ctx := context.Background()
	before := r.enrol("press-1")
	l := newLogbook(t, before)
	l.add(r, 4, "job-1")
	r.send(before, l.from(1), "")
	r.seal(before, l.note(), "")
	l.add(r, 2, "job-1")
	r.clock.Add(31 * 24 * time.Hour) // April
	r.send(before, l.from(5), "")
	after := r.enrol("press-1")
	next := newLogbook(t, after)
	next.succeed(r, l.chain.Last())
	r.send(after, next.from(1), "")
	r.seal(after, next.note(), "")
	for i, want := range []struct {
		forgotten int64
		exports   int
		after     int64 // which entry the last export begins
	}{{0, 2, 0}, {4, 2, 0}, {3, 1, 1}, {1, 1, 2}, {1, 1, 3}} {
		n, err := r.ForgetJournals(ctx)
		if err != nil || n != want.forgotten {
			t.Errorf("%d: %d forgotten, want %d: %v", i, n, want.forgotten, err)
		}
		exports, keys, _, err := r.ExportStation(ctx, "press-1", t.TempDir(), true)
		if err != nil || len(exports) != want.exports {
			t.Fatalf("%d: %v: %v", i, exports, err)
		}
		result, err := verified(t, exports, keys, verify.Options{AllowUnsealed: true})
		if err != nil || !result.OK || result.Exports[len(exports)-1].After != want.after {
			t.Errorf("%d: %+v %v", i, result, err)
		}
		r.clock.Add(31 * 24 * time.Hour)
		next.add(r, 1, "job-2")
		r.send(after, next.from(len(next.entries)), "")
		if i < 2 {
			r.seal(after, next.note(), "")
		}
	}
}

// TestServeForgets: a server that is at work forgets by itself what is over.
func TestServeForgets(t *testing.T) {
	dir := t.TempDir()
	r := newRoom(t, func(c *Config) { c.Dir = dir })
	s := r.enrol("press-1")
	l := newLogbook(t, s)
	l.add(r, 3, "job-1")
	r.send(s, l.from(1), "")
	r.seal(s, l.note(), "")
	r.stop()
	<-r.ended
	r.check(r.Close())
	next := newRoom(t, func(c *Config) {
		c.Dir, c.JournalMonths = dir, 1
		c.Now = func() time.Time { return r.clock.Now().Add(70 * 24 * time.Hour) }
	})
	for end := time.Now().Add(patience); next.journal(l.signer.Name()).Start != 3; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%+v", next.journal(l.signer.Name()))
		}
	}
}

// TestEvidenceOfTwoKinds: an entry that was in a broken batch, and one that an older program kept, is evidence
// of a fork all the same, and takes the letters away.
func TestEvidenceOfTwoKinds(t *testing.T) {
	for kind, statement := range map[string]string{
		"a broken batch":   `UPDATE evidence SET kind = 'broken', upto = 0, last = x''`,
		"an older program": `UPDATE evidence SET upto = 0, last = x''`,
	} {
		r, s, l, clone := forked(t)
		r.send(s, clone.from(5), wire.ProblemJournalFork)
		r.check(r.Resolve(context.Background(), "press-1", "p2", "exercise"))
		for _, statement := range []string{`DROP TRIGGER evidence_entries_remain`, `DELETE FROM evidence_entries`, statement} {
			_, err := r.db.Exec(statement)
			r.check(err)
		}
		r.send(s, clone.from(5), wire.ProblemJournalFork)
		if status := r.journal(l.signer.Name()); !status.Suspended || status.Forks != 1 {
			t.Errorf("%s: %+v", kind, status)
		}
		var kept int
		r.check(r.read.QueryRow(`SELECT count(*) FROM evidence_entries`).Scan(&kept))
		if kept != 2 {
			t.Errorf("%s: %d entries that follow are kept", kind, kept)
		}
	}
}
