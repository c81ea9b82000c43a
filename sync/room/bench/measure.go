package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// A row is one comparison. Ratios are ours ÷ peer, smaller is better.
type row struct {
	id, name string
	peer     string // what ours is compared with
	goal     float64
	// start makes what both sides need. What it takes is not measured.
	start func(ctx context.Context, o options) (*sides, error)
}

// sides of a comparison; each returns the time that counts of one run.
type sides struct {
	ours, peer func(ctx context.Context) (time.Duration, error)
	note       func() string // said below the table, once all runs are done
	close      func() error
}

// A figure is a row's result.
type figure struct {
	row        row
	ours, peer time.Duration // medians
	ratios     []float64     // of each pair of runs, sorted
	runs       int
	note       string
}

// ratio of the medians.
func (f figure) ratio() float64 { return f.ours.Seconds() / f.peer.Seconds() }

// measure runs both sides in turn: once to warm the page cache, then o.runs times.
func measure(ctx context.Context, r row, o options) (f figure, err error) {
	s, err := r.start(ctx, o)
	if err != nil {
		return figure{}, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	var ours, peer []time.Duration
	f = figure{row: r, runs: o.runs}
	for i := range 1 + o.runs {
		a, err := s.ours(ctx)
		if err != nil {
			return figure{}, fmt.Errorf("ours: %w", err)
		}
		b, err := s.peer(ctx)
		if err != nil {
			return figure{}, fmt.Errorf("peer: %w", err)
		}
		if a <= 0 || b <= 0 {
			return figure{}, fmt.Errorf("a run took no time: %v, %v", a, b)
		}
		if i == 0 {
			continue
		}
		ours, peer = append(ours, a), append(peer, b)
		f.ratios = append(f.ratios, a.Seconds()/b.Seconds())
	}
	f.ours, f.peer = median(ours), median(peer)
	slices.Sort(f.ratios)
	if s.note != nil {
		f.note = s.note()
	}
	return f, nil
}

func median(d []time.Duration) time.Duration {
	d = slices.Sorted(slices.Values(d))
	n := len(d)
	return (d[(n-1)/2] + d[n/2]) / 2
}
