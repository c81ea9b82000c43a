package journal

import (
	"context"
	"strings"
	"testing"
	"time"
)

// TestEveryQuestionHasItsIndex asks SQLite how it would answer: whatever is
// chosen, rows are searched in an index that has them in order, and counts where
// they lie side by side.
func TestEveryQuestionHasItsIndex(t *testing.T) {
	ctx := context.Background()
	j := newRoom(t).whole(t)
	write(t, j, 3)
	if err := j.Index(ctx, nil); err != nil {
		t.Fatal(err)
	}
	for n := range 32 {
		f := Filter{Unusual: n&1 > 0}
		if n&2 > 0 {
			f.Actor = "p-7f3a"
		}
		if n&4 > 0 {
			f.Action = ActionPrint
		}
		if n&8 > 0 {
			f.Object = "job-1"
		}
		if n&16 > 0 {
			f.From, f.To = time.Unix(0, 0), time.Now().Add(time.Hour)
		}
		q := f.query()
		if ok, err := j.index.narrow(ctx, &q); err != nil || !ok {
			t.Fatalf("%+v: %v, %v", f, ok, err)
		}
		q.and("sequence < ?", 100)
		plan := planOf(t, j, q.rows("DESC"), append(q.args, 10)...)
		want := "USING INDEX " + q.index
		if q.index == "" {
			want = "USING INTEGER PRIMARY KEY"
		}
		if !strings.Contains(plan[0], "SEARCH access "+want) && !strings.Contains(plan[0], "SEARCH access USING COVERING INDEX "+q.index) {
			t.Errorf("%+v: %q", f, plan)
		}
		for _, step := range plan {
			if strings.Contains(step, "TEMP B-TREE") || strings.HasPrefix(step, "SCAN") {
				t.Errorf("%+v: %q", f, plan)
			}
		}
	}
	plan := planOf(t, j, `SELECT hour, actor, accesses, unusual, open FROM tally
		WHERE days = ? AND hour BETWEEN ? AND ? AND action = 0 AND accesses > 0 ORDER BY hour`, false, 0, 1)
	if len(plan) != 1 || !strings.HasPrefix(plan[0], "SEARCH tally USING PRIMARY KEY (days=? AND action=? AND hour>? AND hour<?)") {
		t.Errorf("the counts: %q", plan)
	}
}

func planOf(t *testing.T, j *Journal, question string, args ...any) (plan []string) {
	t.Helper()
	rows, err := j.index.db.reader.QueryContext(context.Background(), "EXPLAIN QUERY PLAN "+question, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }() // Err below tells
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			t.Fatal(err)
		}
		plan = append(plan, detail)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return plan
}
