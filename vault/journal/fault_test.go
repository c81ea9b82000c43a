package journal

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// edit changes the database below the program, as somebody with the disk would.
func (r *room) edit(t *testing.T, file string, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", dsn(filepath.Join(r.dir, file), nil))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestTheDatabaseRefusesChanges(t *testing.T) {
	r := newRoom(t)
	j := r.whole(t)
	write(t, j, 2)
	r.seal(t, j)
	for _, s := range []string{
		"UPDATE entry SET bytes = x'00' WHERE sequence = 1",
		"DELETE FROM entry WHERE sequence = 4",
		"INSERT INTO entry VALUES (9, x'00')",
		"INSERT OR REPLACE INTO entry VALUES (1, x'00')",
		"INSERT INTO entry VALUES (5, 'text')",
		"UPDATE checkpoint SET note = x'00'",
		"DELETE FROM checkpoint",
		"INSERT OR REPLACE INTO checkpoint VALUES (4, 0, x'00')",
		"INSERT INTO start VALUES (1, 4, x'00', x'', x'', x'', x'', x'')",
		"INSERT INTO start SELECT 1, 3, note, x'', x'', x'', x'', x'' FROM checkpoint WHERE sealed = 1",
		"INSERT INTO start SELECT 1, size, note, x'', x'', x'', x'', x'' FROM checkpoint WHERE sealed = 0",
	} {
		if _, err := j.db.writer.Exec(s); err == nil {
			t.Errorf("%s: accepted", s)
		}
	}
	if _, err := j.Verify(context.Background()); err != nil {
		t.Error(err)
	}
}

const noTriggers = `DROP TRIGGER entry_update; DROP TRIGGER entry_delete; DROP TRIGGER entry_order;
	DROP TRIGGER checkpoint_update; DROP TRIGGER checkpoint_delete`

// TestTamperedLogs changes a log of 6 sealed entries, 2 signed and 2 more ones
// and looks at what opening and the whole verification say.
func TestTamperedLogs(t *testing.T) {
	flip := func(n int) string {
		return fmt.Sprintf(`UPDATE entry SET bytes = CAST(replace(CAST(bytes AS TEXT), 'preview', 'reprint') AS BLOB) WHERE sequence = %d`, n)
	}
	for name, c := range map[string]struct {
		edits   []string
		atOpen  bool  // found when opened; otherwise by Verify
		blames  int64 // the entry that is named
		exports bool
	}{
		"first entry changed":     {[]string{flip(1)}, false, 2, true},
		"sealed entry changed":    {[]string{flip(3)}, false, 4, true},
		"last sealed changed":     {[]string{flip(6)}, true, 6, true},
		"tail entry changed":      {[]string{flip(9)}, true, 10, true},
		"tail cut":                {[]string{"DELETE FROM entry WHERE sequence > 6"}, true, 7, true},
		"sealed cut":              {[]string{"DELETE FROM entry WHERE sequence > 5"}, true, 6, true},
		"everything gone":         {[]string{"DELETE FROM entry"}, true, 1, true},
		"hole in the tail":        {[]string{"DELETE FROM entry WHERE sequence = 9"}, true, 9, true},
		"hole before the seal":    {[]string{"DELETE FROM entry WHERE sequence = 2"}, false, 2, true},
		"entry not JSON":          {[]string{"UPDATE entry SET bytes = x'7b7d' WHERE sequence = 8"}, true, 8, true},
		"unsigned tail cut":       {[]string{"DELETE FROM entry WHERE sequence > 8"}, false, 0, true}, // stated limit: nothing signed it
		"seal changed":            {[]string{"UPDATE checkpoint SET note = x'00' WHERE sealed = 1"}, true, 0, false},
		"signed head changed":     {[]string{"UPDATE checkpoint SET note = x'00' WHERE sealed = 0 AND size = 8"}, true, 0, true},
		"old signed head changed": {[]string{"UPDATE checkpoint SET note = x'00' WHERE sealed = 0 AND size = 2"}, false, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			ctx := context.Background()
			r := newRoom(t)
			j := r.whole(t)
			write(t, j, 1)
			if _, err := j.Checkpoint(ctx); err != nil {
				t.Fatal(err)
			}
			write(t, j, 2)
			r.seal(t, j)
			write(t, j, 1)
			if _, err := j.Checkpoint(ctx); err != nil {
				t.Fatal(err)
			}
			write(t, j, 1)
			if _, err := j.OpenIntents(ctx); err != nil { // so that opening need not read all
				t.Fatal(err)
			}
			closeJournal(t, j)
			r.edit(t, entriesFile, append([]string{noTriggers}, c.edits...)...)

			j = r.open(t)
			found := j.Status().Broken
			if (found != nil) != c.atOpen {
				t.Fatalf("at opening: %v", found)
			}
			if found == nil {
				_, found = j.Verify(ctx)
			}
			if name == "unsigned tail cut" {
				if found != nil {
					t.Fatalf("a stated limit is none any more: %v", found)
				}
				return
			}
			var broken *BrokenError
			if !errors.As(found, &broken) || broken.Sequence != c.blames {
				t.Fatalf("found %v, want entry %d blamed", found, c.blames)
			}
			brokenButUsable(t, j)
			if _, err := j.Export(ctx, io.Discard, Span{}); (err == nil) != c.exports {
				t.Errorf("export: %v", err)
			}
		})
	}
}

// brokenButUsable demands the mode without decryption: no permit, no signature,
// but records.
func brokenButUsable(t *testing.T, j *Journal) {
	t.Helper()
	ctx := context.Background()
	if _, err := j.Intent(ctx, access(1)); !errors.Is(err, ErrBroken) {
		t.Errorf("intent: %v", err)
	}
	if _, err := j.Checkpoint(ctx); !errors.Is(err, ErrBroken) {
		t.Errorf("checkpoint: %v", err)
	}
	before := j.Size()
	if err := j.Record(ctx, Access{Action: ActionPurge, Object: "job-1"}, OutcomeDone); err != nil {
		t.Errorf("record: %v", err)
	}
	if j.Size() != before+1 {
		t.Errorf("%d entries after a record, %d before", j.Size(), before)
	}
}

func TestAPermitDiesWithItsJournal(t *testing.T) {
	ctx := context.Background()
	r := newRoom(t)
	j := r.whole(t)
	write(t, j, 2)
	p, err := j.Intent(ctx, access(1))
	if err != nil {
		t.Fatal(err)
	}
	r.edit(t, entriesFile, noTriggers, "UPDATE entry SET bytes = x'00' WHERE sequence = 2")
	if _, err := j.Verify(ctx); !errors.Is(err, ErrBroken) {
		t.Fatalf("Verify: %v", err)
	}
	if err := p.Use(access(1).Object); !errors.Is(err, ErrBroken) {
		t.Errorf("use: %v", err)
	}
	if err := j.Result(ctx, p, OutcomeRefused); err != nil {
		t.Errorf("the result could not be written: %v", err)
	}
}

// TestDerivedFileIsMadeAgain damages what is derived: nothing of it counts.
func TestDerivedFileIsMadeAgain(t *testing.T) {
	damage := map[string]func(t *testing.T, r *room){
		"missing": func(t *testing.T, r *room) { removeDerived(t, r) },
		"behind": func(t *testing.T, r *room) {
			r.edit(t, derivedFile, "UPDATE state SET size = 0", "DELETE FROM node", "DELETE FROM open_intent")
		},
		"ahead":        func(t *testing.T, r *room) { r.edit(t, derivedFile, "UPDATE state SET size = 1000") },
		"empty nodes":  func(t *testing.T, r *room) { r.edit(t, derivedFile, "DELETE FROM node") },
		"wrong hashes": func(t *testing.T, r *room) { r.edit(t, derivedFile, "UPDATE node SET hashes = zeroblob(3840)") },
		"not a database": func(t *testing.T, r *room) {
			removeDerived(t, r)
			if err := os.WriteFile(filepath.Join(r.dir, derivedFile), bytes.Repeat([]byte("no "), 4096), 0o600); err != nil {
				t.Fatal(err)
			}
		},
		"a folder": func(t *testing.T, r *room) {
			removeDerived(t, r)
			if err := os.Mkdir(filepath.Join(r.dir, derivedFile), 0o700); err != nil {
				t.Fatal(err)
			}
		},
	}
	for name, do := range damage {
		t.Run(name, func(t *testing.T) {
			ctx := context.Background()
			r := newRoom(t)
			j := r.whole(t)
			write(t, j, 150)
			if _, err := j.Intent(ctx, access(7)); err != nil {
				t.Fatal(err)
			}
			r.seal(t, j)
			if _, err := j.OpenIntents(ctx); err != nil {
				t.Fatal(err)
			}
			want, err := j.ConsistencyProof(ctx, 33, 301)
			if err != nil {
				t.Fatal(err)
			}
			closeJournal(t, j)
			do(t, r)
			j = r.whole(t)
			if name == "a folder" { // nothing can be made there; the log itself goes on
				write(t, j, 1)
				return
			}
			got, err := j.ConsistencyProof(ctx, 33, 301)
			if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("proof: %v, %v", got, err)
			}
			if open, err := j.OpenIntents(ctx); err != nil || len(open) != 1 {
				t.Errorf("open intents: %v, %v", open, err)
			}
		})
	}
}

func removeDerived(t *testing.T, r *room) {
	t.Helper()
	for _, s := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(filepath.Join(r.dir, derivedFile+s)); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
	}
}

func TestAFullDisk(t *testing.T) {
	ctx := context.Background()
	r := newRoom(t)
	j := r.whole(t)
	write(t, j, 1)
	r.seal(t, j)
	limit := func(pages int) {
		t.Helper()
		if _, err := j.db.writer.Exec(fmt.Sprintf("PRAGMA max_page_count=%d", pages)); err != nil {
			t.Fatal(err)
		}
	}
	limit(1) // SQLite makes it the present size
	var p Permit
	var err error
	for range 200 {
		if p, err = j.Intent(ctx, access(1)); err != nil {
			break
		}
	}
	if !errors.Is(err, ErrFull) || errors.Is(err, ErrBroken) {
		t.Fatalf("on a full disk: %v", err)
	}
	if err := p.Use(access(1).Object); !errors.Is(err, ErrNoPermit) {
		t.Errorf("the permit of a failed intent: %v", err)
	}
	size := j.Size()
	if err := j.Record(ctx, Access{Action: ActionPurge}, OutcomeDone); !errors.Is(err, ErrFull) {
		t.Errorf("record: %v", err)
	}
	if _, err := j.Export(ctx, io.Discard, Span{}); err != nil {
		t.Errorf("export: %v", err)
	}
	if j.Size() != size || j.Status().Broken != nil {
		t.Errorf("%d entries instead of %d, %v", j.Size(), size, j.Status().Broken)
	}
	limit(1 << 20)
	write(t, j, 1)
	r.seal(t, j)
	if report, err := r.check(t, j); err != nil || report.Entries != size+2 {
		t.Errorf("after space was made: %+v, %v", report, err)
	}
}

func TestReadOnly(t *testing.T) {
	ctx := context.Background()
	j := newRoom(t).whole(t)
	write(t, j, 1)
	if _, err := j.db.writer.Exec("PRAGMA query_only=1"); err != nil {
		t.Fatal(err)
	}
	if _, err := j.Intent(ctx, access(1)); !errors.Is(err, ErrReadOnly) {
		t.Errorf("intent: %v", err)
	}
}

func TestADamagedDatabaseFile(t *testing.T) {
	ctx := context.Background()
	r := newRoom(t)
	j := r.whole(t)
	write(t, j, 200)
	r.seal(t, j)
	closeJournal(t, j)
	name := filepath.Join(r.dir, entriesFile)
	good, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	random := mathrand.New(mathrand.NewPCG(1, 2))
	for range 60 {
		bad := bytes.Clone(good)
		at := random.IntN(len(bad))
		bad[at] ^= byte(1 << random.IntN(8))
		if err := os.WriteFile(name, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		j, err := Open(ctx, r.config())
		if err != nil {
			continue // there is no journal to speak of, and so no permit
		}
		_, verr := j.Verify(ctx)
		// A free byte may have changed; then every entry is still there.
		if verr == nil {
			if report, err := r.check(t, j); err != nil || report.Entries != 400 {
				t.Errorf("byte %d: %+v, %v", at, report, err)
			}
		} else if _, err := j.Intent(ctx, access(1)); err == nil {
			t.Errorf("byte %d: a permit after %v", at, verr)
		}
		closeJournal(t, j)
	}
}

func TestTheClockMayJump(t *testing.T) {
	r := newRoom(t)
	at := time.Date(2026, 11, 22, 18, 0, 0, 0, time.UTC)
	r.now = func() time.Time { return at }
	j := r.whole(t)
	for _, days := range []int{0, -730, 1, -20_000} {
		at = at.AddDate(0, 0, days)
		write(t, j, 1)
	}
	r.seal(t, j)
	report, err := r.check(t, j)
	if err != nil || report.Counts.ClockBack != 2 {
		t.Errorf("%+v, %v", report, err)
	}
}
