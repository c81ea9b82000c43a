//go:build long

package journal

import (
	"context"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestForgettingAgainstAModel asks a random journal of which months are
// forgotten: an index from which they were taken answers as one that is made
// of what is left, and as the model that knows nothing else.
func TestForgettingAgainstAModel(t *testing.T) {
	ctx, dir, n := context.Background(), t.TempDir(), 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		now := time.Date(2026, 11, 20, 15, 0, 0, 0, time.UTC)
		month := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC) // the witness's
		r := roomIn(t, filepath.Join(dir, strconv.Itoa(n)))
		r.hours, r.now = usual(), func() time.Time { return now }
		j, err := Open(ctx, r.config())
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := j.Close(); err != nil {
				t.Fatal(err)
			}
		}()
		var open []Permit
		for range rapid.IntRange(2, 4).Draw(t, "months") {
			story(t, j, &now, &open, rapid.IntRange(1, 20).Draw(t, "steps"))
			r.sealIn(t, j, month)
			month = month.AddDate(0, 1, 0)
			story(t, j, &now, &open, rapid.IntRange(0, 5).Draw(t, "more"))
			if rapid.Bool().Draw(t, "asked") {
				askModel(t, j)
			}
			if rapid.Bool().Draw(t, "forget") && forgetOldest(t, j) {
				askModel(t, j)
				proveAll(t, j)
			}
		}
		if rapid.Bool().Draw(t, "in the background") {
			if err := j.Index(ctx, nil); err != nil {
				t.Fatal(err)
			}
			askModel(t, j)
		}
		if err := j.Reindex(ctx, nil); err != nil {
			t.Fatal(err)
		}
		askModel(t, j)
	})
}
