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

// TestQuestionsAgainstAModel asks a random journal random questions while it
// grows, and again after the index was made anew.
func TestQuestionsAgainstAModel(t *testing.T) {
	ctx, dir, n := context.Background(), t.TempDir(), 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		now := time.Date(2026, 11, 20, 15, 0, 0, 0, time.UTC) // a Friday
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
		for range rapid.IntRange(1, 3).Draw(t, "parts") {
			story(t, j, &now, &open, rapid.IntRange(0, 25).Draw(t, "steps"))
			askModel(t, j)
		}
		if err := j.Reindex(ctx, nil); err != nil {
			t.Fatal(err)
		}
		askModel(t, j)
	})
}
