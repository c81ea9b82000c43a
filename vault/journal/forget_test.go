package journal

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"espero-soft.com/printroom/vault/journal/checkpoint"
	"espero-soft.com/printroom/vault/journal/verify"
)

// inMonth is a moment of the n-th month from November 2026 on.
func inMonth(n, day int) time.Time {
	return time.Date(2026, 11+time.Month(n), day, 12, 0, 0, 0, time.UTC)
}

// sealAt is seal with the witness's clock at that time.
func (r *room) sealAt(t fixture, j *Journal, at time.Time) {
	t.Helper()
	ctx := context.Background()
	n, err := j.Checkpoint(ctx)
	if err != nil {
		t.Fatal("Checkpoint:", err)
	}
	if n, err = r.witness.Cosign(n, at); err != nil {
		t.Fatal(err)
	}
	if err := j.Countersigned(ctx, n); err != nil {
		t.Fatal("Countersigned:", err)
	}
}

// months writes a log of that many months, of 1, 2, 3 … accesses in two seals each.
func (r *room) months(t testing.TB, n int) *Journal {
	t.Helper()
	j := r.whole(t)
	for m := range n {
		write(t, j, m+1)
		r.sealAt(t, j, inMonth(m, 3))
		write(t, j, 1)
		r.sealAt(t, j, inMonth(m, 28))
	}
	return j
}

func shards(t fixture, j *Journal) []Shard {
	t.Helper()
	all, err := j.Shards(context.Background())
	if err != nil {
		t.Fatal("Shards:", err)
	}
	return all
}

func forget(t testing.TB, j *Journal) Shard {
	t.Helper()
	s := shards(t, j)[0]
	if err := j.Forget(context.Background(), s); err != nil {
		t.Fatalf("Forget: %v", err)
	}
	return s
}

// exported reads an export of that span with its own keys.
func (r *room) exported(t fixture, j *Journal, s Span) (verify.Report, string) {
	t.Helper()
	ctx := context.Background()
	var out bytes.Buffer
	if _, err := j.Export(ctx, &out, s); err != nil {
		t.Fatal("Export:", err)
	}
	vkeys, err := j.VkeysFor(ctx, s)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := verify.ParseKeys([]byte(vkeys))
	if err != nil {
		t.Fatal(err)
	}
	text := out.String()
	report, err := verify.Export(&out, keys, verify.Options{AllowUnsealed: true})
	if err != nil {
		t.Fatal(fmt.Sprintf("export of %+v:", s), err)
	}
	return report, text
}

func TestShards(t *testing.T) {
	r := newRoom(t)
	j := r.whole(t)
	if got := shards(t, j); got != nil {
		t.Errorf("of an empty log: %+v", got)
	}
	for _, at := range []time.Time{
		inMonth(0, 3), time.Date(2026, 11, 30, 23, 59, 59, 0, time.UTC), time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC),
		inMonth(4, 1), inMonth(3, 28), // an answer that came late
		inMonth(4, 2), inMonth(-24, 1), // the witness's clock is set back
	} {
		write(t, j, 1)
		r.sealAt(t, j, at)
	}
	write(t, j, 1)
	want := []Shard{
		{Month: inMonth(0, 1).Truncate(24 * time.Hour), First: 1, Last: 4, SealedAt: time.Date(2026, 11, 30, 23, 59, 59, 0, time.UTC)},
		{Month: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC), First: 5, Last: 6, SealedAt: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)},
		{Month: time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC), First: 7, Last: 14, SealedAt: inMonth(-24, 1)},
	}
	if diff := gocmp.Diff(want, shards(t, j)); diff != "" {
		t.Error(diff)
	}
}

func TestForget(t *testing.T) {
	ctx := context.Background()
	r := newRoom(t)
	j := r.months(t, 3)
	write(t, j, 2)
	all := shards(t, j)
	if err := j.Forget(ctx, all[1]); !errors.Is(err, ErrRange) {
		t.Errorf("not the oldest one: %v", err)
	}
	other := all[0]
	other.Last -= 2
	if err := j.Forget(ctx, other); !errors.Is(err, ErrRange) {
		t.Errorf("a part of it: %v", err)
	}
	for i, s := range all {
		forget(t, j)
		if got := (Start{s.Last, s.SealedAt}); j.Start() != got {
			t.Errorf("the log starts after %+v instead of %+v", j.Start(), got)
		}
		if diff := gocmp.Diff(all[i+1:], shards(t, j)); diff != "" && i < 2 {
			t.Error(diff)
		}
		for _, s := range []string{
			"DELETE FROM start", "UPDATE start SET size = size", "UPDATE start SET size = 1", "UPDATE start SET size = size + 1",
			"INSERT OR REPLACE INTO start SELECT * FROM start", "UPDATE start SET anchor = x''",
			fmt.Sprintf("DELETE FROM entry WHERE sequence = %d", s.Last+1), fmt.Sprintf("INSERT INTO entry VALUES (%d, x'00')", s.Last),
		} {
			if r, err := j.db.writer.Exec(s); err == nil {
				n, _ := r.RowsAffected()
				if n > 0 {
					t.Errorf("%s: accepted", s)
				}
			}
		}
		for range 2 {
			r.afterForget(t, j, s)
			closeJournal(t, j)
			j = r.whole(t)
		}
	}
	if err := j.Forget(ctx, all[2]); !errors.Is(err, ErrRange) {
		t.Errorf("what is forgotten already: %v", err)
	}
}

// afterForget looks at a log that starts after s: it is whole, goes on, and what
// was forgotten is nowhere.
func (r *room) afterForget(t *testing.T, j *Journal, s Shard) {
	t.Helper()
	ctx := context.Background()
	size := j.Size()
	if v, err := j.Verify(ctx); err != nil || v.Entries != size {
		t.Fatalf("Verify: %+v, %v", v, err)
	}
	if _, err := j.Entries(ctx, s.Last-1, 1); !errors.Is(err, ErrRange) {
		t.Errorf("forgotten entries: %v", err)
	}
	if b, err := j.Entries(ctx, s.Last, 10_000); err != nil || int64(len(b)) != size-s.Last {
		t.Errorf("%d entries, %v", len(b), err)
	}
	if got := j.Status(); got.Sealed < s.Last || got.SealedAt.IsZero() || got.Entries != size {
		t.Errorf("status %+v", got)
	}
	report, text := r.exported(t, j, Span{Unsealed: true})
	if !strings.HasPrefix(text, `{"frontier":["`) || report.Entries+s.Last != size {
		t.Errorf("%d entries in an export that begins %.30s", report.Entries, text)
	}
	for _, shard := range shards(t, j) {
		report, _ := r.exported(t, j, Span{Shard: &shard})
		if report.Entries != shard.Last-shard.First+1 {
			t.Errorf("%+v: %d entries", shard, report.Entries)
		}
	}
	write(t, j, 1)
	if j.Size() != size+2 {
		t.Errorf("%d entries instead of %d", j.Size(), size+2)
	}
}

// TestForgottenBytesAreGone looks for what was forgotten in the files.
func TestForgottenBytesAreGone(t *testing.T) {
	ctx := context.Background()
	r := newRoom(t)
	j := r.whole(t)
	const once = "job-7777777"
	for range 50 {
		if err := j.Record(ctx, Access{Action: ActionPurge, Object: once}, OutcomeDone); err != nil {
			t.Fatal(err)
		}
	}
	r.sealAt(t, j, inMonth(0, 3))
	write(t, j, 1)
	forget(t, j)
	files, err := filepath.Glob(filepath.Join(strings.NewReplacer("?", "[?]").Replace(r.dir), entriesFile+"*"))
	if err != nil || len(files) < 2 {
		t.Fatalf("%q, %v", files, err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(b, []byte(once)) {
			t.Errorf("a forgotten entry is still in %s", filepath.Base(name))
		}
	}
}

// TestForgettingIsResumed: a start is stored and nothing deleted yet. The log is
// what it is with the rest gone, and the rest goes when it is opened.
func TestForgettingIsResumed(t *testing.T) {
	ctx := context.Background()
	r := newRoom(t)
	j := r.months(t, 2)
	s := shards(t, j)[0]
	if err := j.forget(ctx, s); err != nil {
		t.Fatal(err)
	}
	left := func(j *Journal) (n int) {
		t.Helper()
		err := j.db.writer.QueryRow("SELECT (SELECT count(*) FROM entry WHERE sequence <= ?1) + (SELECT count(*) FROM checkpoint WHERE size <= ?1)", s.Last).Scan(&n)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if left(j) != 4+4 {
		t.Fatalf("%d rows are left", left(j))
	}
	r.afterForget(t, j, s)
	closeJournal(t, j)
	j = r.whole(t)
	j.sweeping.Wait()
	if left(j) != 0 {
		t.Errorf("%d rows are left", left(j))
	}
	r.afterForget(t, j, s)
}

// TestABrokenJournalForgetsNothing: neither one that is known to be, nor one in
// whose oldest shard something was changed.
func TestABrokenJournalForgetsNothing(t *testing.T) {
	ctx := context.Background()
	for name, edits := range map[string][]string{
		"an entry":      {`UPDATE entry SET bytes = CAST(replace(CAST(bytes AS TEXT), 'preview', 'reprint') AS BLOB) WHERE sequence = 2`},
		"the last one":  {`UPDATE entry SET bytes = CAST(replace(CAST(bytes AS TEXT), 'preview', 'reprint') AS BLOB) WHERE sequence = 4`},
		"a hole":        {`DELETE FROM entry WHERE sequence = 1`},
		"its note":      {`UPDATE checkpoint SET note = CAST(replace(CAST(note AS TEXT), 'station-1', 'station-2') AS BLOB) WHERE size = 4 AND sealed = 1`},
		"another month": nil,
	} {
		t.Run(name, func(t *testing.T) {
			r := newRoom(t)
			j := r.months(t, 2)
			if name == "another month" {
				edits = []string{"UPDATE checkpoint SET note = " + olderNote(t, j, 4) + " WHERE size = 4 AND sealed = 1"}
			}
			r.edit(t, entriesFile, append([]string{noTriggers}, edits...)...)
			s := shards(t, j)[0]
			if err := j.Forget(ctx, s); !errors.Is(err, ErrBroken) {
				t.Errorf("Forget: %v", err)
			}
			if err := j.Forget(ctx, s); !errors.Is(err, ErrBroken) || j.Start().Size != 0 {
				t.Errorf("Forget once more: %v, start %+v", err, j.Start())
			}
		})
	}
}

// TestForgetAmongPrograms: one forgets while others verify, write and were away.
func TestForgetAmongPrograms(t *testing.T) {
	ctx := context.Background()
	r := newRoom(t)
	j := r.whole(t)
	write(t, j, 1)
	away := r.whole(t) // knows two entries
	for m := range 8 {
		write(t, j, 40)
		r.sealAt(t, j, inMonth(m, 3))
	}
	done := make(chan error, 3)
	watch := func(do func(*Journal) error) {
		other := r.whole(t)
		go func() {
			var err error
			for range 30 {
				if err = do(other); err != nil {
					break
				}
			}
			done <- errors.Join(err, other.Status().Broken)
		}()
	}
	watch(func(j *Journal) error { _, err := j.Verify(ctx); return err })
	watch(func(j *Journal) error {
		return j.Record(ctx, Access{Action: ActionPurge, Object: "job-1"}, OutcomeDone)
	})
	watch(func(j *Journal) error { _, err := j.Export(ctx, new(bytes.Buffer), Span{}); return err })
	for range 8 {
		forget(t, j)
		if _, err := j.Verify(ctx); err != nil {
			t.Error(err)
		}
	}
	for range 3 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	write(t, away, 1)
	if _, err := away.Checkpoint(ctx); err != nil || away.Start() != j.Start() {
		t.Errorf("%v, it starts after %+v", err, away.Start())
	}
	if _, err := away.Verify(ctx); err != nil {
		t.Error(err)
	}
}

// olderNote is a stored countersigned note with another time in it, as a literal.
func olderNote(t *testing.T, j *Journal, size int64) string {
	t.Helper()
	raw, err := j.db.note(t.Context(), sealed, size)
	if err != nil {
		t.Fatal(err)
	}
	c, err := checkpoint.ParseCheckpoint(raw)
	if err != nil {
		t.Fatal(err)
	}
	binary.BigEndian.PutUint64(c.Signatures[1].Bytes, uint64(inMonth(-24, 1).Unix()))
	return fmt.Sprintf("x'%x'", c.Note())
}
