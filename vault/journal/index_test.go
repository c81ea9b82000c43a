package journal

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
)

// TestIndexIsMadeAgain damages the index: what is listed is what is stored.
func TestIndexIsMadeAgain(t *testing.T) {
	ctx := context.Background()
	for name, damage := range map[string]func(t *testing.T, r *room){
		"missing": func(t *testing.T, r *room) {
			for _, s := range []string{"", "-wal", "-shm"} {
				if err := os.Remove(filepath.Join(r.dir, indexFile+s)); err != nil && !errors.Is(err, os.ErrNotExist) {
					t.Fatal(err)
				}
			}
		},
		"another person": func(t *testing.T, r *room) {
			r.edit(t, indexFile, "UPDATE word SET text = 'p-8' WHERE text = 'p-7f3a'")
		},
		"another action": func(t *testing.T, r *room) { r.edit(t, indexFile, "UPDATE access SET action = actor") },
		"another result": func(t *testing.T, r *room) { r.edit(t, indexFile, "UPDATE access SET result = 3 WHERE sequence = 1") },
		"no result": func(t *testing.T, r *room) {
			r.edit(t, indexFile, "UPDATE access SET result = sequence WHERE sequence = 1")
		},
		"not concluded": func(t *testing.T, r *room) {
			r.edit(t, indexFile, "UPDATE access SET concluded = 1 WHERE sequence = 3")
		},
		"ahead":       func(t *testing.T, r *room) { r.edit(t, indexFile, "UPDATE state SET size = 1000") },
		"other hours": func(t *testing.T, r *room) { r.edit(t, indexFile, "UPDATE state SET hours = 'always'") },
		"a strange rule": func(t *testing.T, r *room) {
			r.edit(t, indexFile, "INSERT INTO due VALUES (1, 4096, 0, NULL)", "UPDATE state SET size = 3")
		},
		"not a database": func(t *testing.T, r *room) {
			if err := os.WriteFile(filepath.Join(r.dir, indexFile), bytes.Repeat([]byte("no "), 4096), 0o600); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRoom(t)
			r.hours = usual()
			j := r.whole(t)
			write(t, j, 3)
			want, err := j.List(ctx, Filter{}, 0, 10)
			if err != nil || len(want) != 3 {
				t.Fatalf("%d rows, %v", len(want), err)
			}
			closeJournal(t, j)
			damage(t, r)
			j = r.whole(t)
			got, err := j.List(ctx, Filter{}, 0, 10)
			if diff := gocmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("%v\n-want +got\n%s", err, diff)
			}
		})
	}
}

// TestReindexFindsWhatWasHidden: a row taken out of the index is not missed
// page by page, but is back once the index is made again.
func TestReindexFindsWhatWasHidden(t *testing.T) {
	ctx := context.Background()
	r := newRoom(t)
	j := r.whole(t)
	write(t, j, 3)
	if err := j.Index(ctx, nil); err != nil {
		t.Fatal(err)
	}
	closeJournal(t, j)
	r.edit(t, indexFile, "DELETE FROM access WHERE sequence = 3")
	j = r.whole(t)
	var steps [][2]int64
	err := j.Reindex(ctx, func(done, total int64) { steps = append(steps, [2]int64{done, total}) })
	rows, lerr := j.List(ctx, Filter{}, 0, 10)
	if err != nil || lerr != nil || len(rows) != 3 || rows[1].Sequence != 3 {
		t.Errorf("%v, %v: %+v", err, lerr, rows)
	}
	if !slices.IsSortedFunc(steps, func(a, b [2]int64) int { return cmp.Compare(a[0], b[0]) }) || steps[len(steps)-1] != [2]int64{6, 6} {
		t.Errorf("the steps are %v", steps)
	}
}

// TestDamagedEntriesAreShownAsSuch: a broken journal can still be read.
func TestDamagedEntriesAreShownAsSuch(t *testing.T) {
	ctx := context.Background()
	r := newRoom(t)
	j := r.whole(t)
	write(t, j, 3)
	if err := j.Index(ctx, nil); err != nil {
		t.Fatal(err)
	}
	closeJournal(t, j)
	r.edit(t, entriesFile, "DROP TRIGGER entry_update", "UPDATE entry SET bytes = CAST('gone' AS BLOB) WHERE sequence = 3",
		"UPDATE entry SET bytes = CAST('gone' AS BLOB) WHERE sequence = 6")
	j = r.open(t)
	if j.Status().Broken == nil {
		t.Fatal("the journal is not broken")
	}
	rows, err := j.List(ctx, Filter{}, 0, 10)
	if err != nil || len(rows) != 3 || !rows[0].Damaged || !rows[1].Damaged || rows[2].Damaged {
		t.Errorf("%v: %+v", err, rows)
	}
	if err := j.Reindex(ctx, nil); err != nil {
		t.Fatal(err)
	}
	rows, err = j.List(ctx, Filter{}, 0, 10)
	if err != nil || len(rows) != 2 || !rows[0].Open() {
		t.Errorf("after reading it again, %v: %+v", err, rows)
	}
}

func TestProofOfOneEntry(t *testing.T) {
	ctx := context.Background()
	r := newRoom(t)
	j := r.whole(t)
	write(t, j, 4)
	if _, err := j.Prove(ctx, 3); !errors.Is(err, ErrUnsealed) {
		t.Errorf("proved without a countersignature: %v", err)
	}
	r.seal(t, j)
	write(t, j, 1)
	for s := int64(1); s <= 8; s++ {
		p, err := j.Prove(ctx, s)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Check(j.Keys()); err != nil || p.SealedAt.Unix() != 1_763_838_000 {
			t.Errorf("entry %d: %v", s, err)
		}
		for what, spoil := range map[string]func(p *Proof){
			"the entry": func(p *Proof) { p.Entry = append([]byte(nil), p.Entry...); p.Entry[20] ^= 1 },
			"the path":  func(p *Proof) { p.Path = append(p.Path[:0:0], p.Path...); p.Path[1][4] ^= 1 },
			"its place": func(p *Proof) { p.Sequence = p.Sequence%8 + 1 },
			"the head":  func(p *Proof) { p.Root[0] ^= 1 },
			"the note":  func(p *Proof) { p.Note = p.Note[:len(p.Note)-9] },
		} {
			q := p
			if spoil(&q); q.Check(j.Keys()) == nil {
				t.Errorf("entry %d: proved with %s changed", s, what)
			}
		}
	}
	if p, err := j.Prove(ctx, 9); !errors.Is(err, ErrUnsealed) || len(p.Entry) == 0 {
		t.Errorf("proved beyond the countersignature: %v", err)
	}
	if _, err := j.Prove(ctx, 99); !errors.Is(err, ErrRange) {
		t.Errorf("proved what is not there: %v", err)
	}
}

// TestVerifyTellsHowFarItIs, and that the last signature is in the status.
func TestVerifyTellsHowFarItIs(t *testing.T) {
	ctx := context.Background()
	r := newRoom(t)
	at := time.Date(2026, 11, 22, 18, 0, 0, 0, time.UTC)
	r.now = func() time.Time { return at }
	j := r.whole(t)
	write(t, j, 2)
	at = at.Add(time.Minute)
	r.seal(t, j)
	if s := j.Status(); s.Signed != 4 || !s.SignedAt.Equal(at) {
		t.Errorf("signed %d at %v", s.Signed, s.SignedAt)
	}
	var last [2]int64
	if _, err := j.VerifyShown(ctx, func(done, total int64) { last = [2]int64{done, total} }); err != nil || last != [2]int64{4, 4} {
		t.Errorf("at %v, %v", last, err)
	}
	closeJournal(t, j)
	j = r.whole(t)
	if s := j.Status(); s.Signed != 4 || !s.SignedAt.Equal(at.Add(-time.Minute)) {
		t.Errorf("after a start: signed %d at %v", s.Signed, s.SignedAt)
	}
}

// TestIndexIsKept: it is up to date without a question, and the keeping ends.
func TestIndexIsKept(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	r := newRoom(t)
	j := r.whole(t)
	write(t, j, 3)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		j.KeepIndex(ctx, time.Millisecond)
	}()
	size := func() (n int64) {
		j.index.Lock()
		defer j.index.Unlock()
		if j.index.db != nil {
			_ = j.index.db.reader.QueryRow("SELECT size FROM state WHERE searched").Scan(&n)
		}
		return n
	}
	for size() < 6 {
		time.Sleep(time.Millisecond)
	}
	write(t, j, 1)
	for size() < 8 {
		time.Sleep(time.Millisecond)
	}
	stop()
	<-ended
}

// TestOldIndexAnswersWhileOneIsMade asks while a new one is made aside, which
// is thrown away when the making is given up.
func TestOldIndexAnswersWhileOneIsMade(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	r := newRoom(t)
	j := r.whole(t)
	write(t, j, 3)
	want, asked := j.rows(t), 0
	err := j.Reindex(ctx, func(done, total int64) {
		asked++
		if diff := gocmp.Diff(want, j.rows(t)); diff != "" {
			t.Errorf("at %d of %d: %s", done, total, diff)
		}
		if done < total {
			stop()
		}
	})
	if !errors.Is(err, context.Canceled) || asked != 1 {
		t.Errorf("given up after %d steps: %v", asked, err)
	}
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(j.index.path), indexFile+".new*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if err := j.Reindex(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(want, j.rows(t)); diff != "" {
		t.Error(diff)
	}
}
