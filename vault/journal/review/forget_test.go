package review

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/journal/report"
)

// findings are the unusual accesses, newest first.
func (o *office) findings() []journal.Row {
	o.t.Helper()
	rows, err := o.desk.Accesses(o.t.Context(), journal.Filter{Unusual: true}, 0, 100)
	o.must(err)
	return rows
}

// TestFindingsOverAMonthsEnd concludes one in the next month, and forgets the
// month that it was in: the conclusion's entry stays, and nothing else of it.
func TestFindingsOverAMonthsEnd(t *testing.T) {
	o := open(t)
	ctx := t.Context()
	o.work()
	o.seal()
	old := o.findings()
	if len(old) != 1 {
		t.Fatalf("found %+v", old)
	}
	o.now = o.now.AddDate(0, 1, 0) // and a month later
	o.must(o.desk.Conclude(ctx, old[0].Sequence, Exercise))
	if c := o.findings()[0].Conclusion; c == nil || c.Reason != string(Exercise) {
		t.Fatalf("concluded over the month's end as %+v", c)
	}
	o.work()
	o.seal()
	later := o.findings()
	if len(later) != 2 || later[0].Conclusion != nil || later[1].Sequence != old[0].Sequence {
		t.Fatalf("in the second month %+v", later)
	}
	shards, err := o.journal.Shards(ctx)
	o.must(err)
	o.must(o.journal.Forget(ctx, shards[0]))
	if left := o.findings(); len(left) != 1 || left[0].Sequence != later[0].Sequence {
		t.Errorf("after the Forget %+v", left)
	}
	for what, err := range map[string]error{
		"conclude it":       o.desk.Conclude(ctx, old[0].Sequence, Mistake),
		"open what is gone": func() error { _, err := o.desk.ReadAccess(ctx, 1); return err }(),
	} {
		if !errors.Is(err, journal.ErrRange) {
			t.Errorf("%s: %v", what, err)
		}
	}
	d, err := o.desk.ReadAccess(ctx, shards[0].Last+1)
	if err != nil || len(d.Proofs) == 0 || d.Proofs[0].Err != nil {
		t.Errorf("the first entry that is left: %+v, %v", d, err)
	}
	path := filepath.Join(t.TempDir(), "all.json")
	_, err = o.desk.ExportAccesses(ctx, Export{Format: report.JSON, Path: path})
	o.must(err)
	body, err := os.ReadFile(path)
	o.must(err)
	if !bytes.Contains(body, []byte(`"start":`)) || bytes.Contains(body, []byte(`{"sequence":1,`)) {
		t.Errorf("the report of all there is:\n%s", body)
	}
}

// TestNobodyConcludesTheirOwn, in a later month and as whoever had looked at it
// neither.
func TestNobodyConcludesTheirOwn(t *testing.T) {
	o := open(t)
	ctx := t.Context()
	o.now = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC) // a Sunday
	o.must(o.journal.Record(ctx, journal.Access{Actor: "p-3", Action: journal.ActionUnlock}, journal.OutcomeDone))
	o.seal()
	o.now = o.now.AddDate(0, 1, 1)
	if err := o.desk.Conclude(ctx, 1, Explained); !errors.Is(err, ErrOwn) {
		t.Errorf("their own: %v", err)
	}
	o.person = &Person{"p-4", "admin"}
	o.must(o.desk.Conclude(ctx, 1, Explained))
	if w := o.written(); !strings.HasPrefix(w[len(w)-1], "p-4 conclude explained entry-1") {
		t.Errorf("written down: %v", w)
	}
}
