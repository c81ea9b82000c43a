package journal

import (
	"context"
	"fmt"
	"testing"
	"time"
)

// million is a journal of a million entries, two a letter, a day's work of
// four people every day. It is benchmarks' alone: it takes a minute to make.
func million(b *testing.B) *Journal {
	b.Helper()
	ctx := context.Background()
	r := newRoom(b)
	now := time.Date(2026, 1, 5, 6, 0, 0, 0, time.UTC)
	r.hours, r.now = usual(), func() time.Time { return now }
	j := r.whole(b)
	batch := make([]Access, 500)
	for n := 0; n < 500_000; n += len(batch) {
		for i := range batch {
			batch[i] = Access{Actor: fmt.Sprintf("p-%d", i%4), Object: fmt.Sprintf("job-%d", n+i), Action: ActionPrint}
		}
		permits, err := j.Intents(ctx, batch)
		if err != nil {
			b.Fatal(err)
		}
		drafts := make([]draft, len(permits))
		for i, p := range permits {
			drafts[i] = draft{Access: p.p.access, outcome: OutcomeDone, intent: p.Sequence()}
		}
		if _, err := j.append(ctx, drafts); err != nil {
			b.Fatal(err)
		}
		if now = now.Add(35 * time.Minute); now.Hour() >= 20 {
			now = now.Add(10 * time.Hour)
		}
	}
	start := time.Now()
	if err := j.Index(ctx, nil); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(time.Since(start).Seconds(), "s/index")
	return j
}

// BenchmarkQuestions are those of the screen, at a million entries.
func BenchmarkQuestions(b *testing.B) {
	ctx := context.Background()
	j := million(b)
	week := Filter{From: time.Date(2026, 1, 19, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 1, 26, 0, 0, 0, 0, time.UTC)}
	for name, ask := range map[string]func() error{
		"List":     func() error { _, err := j.List(ctx, Filter{}, 0, 100); return err },
		"ListDeep": func() error { _, err := j.List(ctx, Filter{}, 1000, 100); return err },
		"ListActor": func() error {
			_, err := j.List(ctx, Filter{Actor: "p-2", Action: ActionPrint}, 500_000, 100)
			return err
		},
		"ListWeek":    func() error { _, err := j.List(ctx, week, 0, 100); return err },
		"ListUnusual": func() error { _, err := j.List(ctx, Filter{Unusual: true}, 0, 100); return err },
		"Hours":       func() error { _, err := j.Hours(ctx, Filter{}); return err },
		"HoursWeek":   func() error { _, err := j.Hours(ctx, week); return err },
		"About":       func() error { _, err := j.About(ctx, "job-4711"); return err },
		"Prove":       func() error { _, err := j.InclusionProof(ctx, 900_000, 4711); return err },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if err := ask(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
