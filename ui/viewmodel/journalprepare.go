package viewmodel

import (
	"context"
	"time"
)

// Preparing is how far something slow is: Done of Total entries, and how long
// the rest takes if it goes on like this, 0 while nobody knows.
type Preparing struct {
	Done, Total int64
	Left        time.Duration
	begun       time.Time
	from        int64
}

// surely is how long something goes on before its end can be told.
const surely = 2 * time.Second

// next is how far it is now.
func (p Preparing) next(done, total int64, now time.Time) Preparing {
	if p.begun.IsZero() {
		p.begun, p.from = now, done
	}
	p.Done, p.Total, p.Left = done, total, 0
	if took := now.Sub(p.begun); took >= surely && done > p.from && done < total {
		p.Left = time.Duration(float64(took) / float64(done-p.from) * float64(total-done))
	}
	return p
}

// again is as far, and how fast it goes on from here nobody knows.
func (p Preparing) again() Preparing { return Preparing{Done: p.Done, Total: p.Total} }

// Share is how much is done, from 0 to 1.
func (p Preparing) Share() float64 {
	if p.Total <= 0 {
		return 0
	}
	return float64(p.Done) / float64(p.Total)
}

// Active tells whether it is worth to be told of: it is not done at once.
func (p Preparing) Active() bool { return p.Total > 0 && p.Done < p.Total }

// preparing posts how far the index is.
func (j *Journal) preparing(n int) func(done, total int64) {
	return func(done, total int64) {
		j.asks.later(func() {
			if n == j.latest {
				j.Preparing = j.Preparing.next(done, total, j.now())
				j.Changed()
			}
		})
	}
}

// StopPreparing leaves the index as far as it is; false when it is not being
// made.
func (j *Journal) StopPreparing() bool {
	if !j.Loading || j.Ready || !j.Preparing.Active() {
		return false
	}
	j.latest++
	j.leave()
	j.Loading, j.Paused = false, true
	j.Changed()
	return true
}

// months reads which months are here, once more after each new countersignature
// that somebody looks at. Pages don't wait for it.
func (j *Journal) months() {
	if j.dated == j.Status.Sealed {
		return
	}
	j.dated = j.Status.Sealed
	who := j.who
	j.asks.run(func(ctx context.Context) func() {
		got, err := j.desk.JournalShards(ctx)
		return func() {
			if j.who == who && err == nil { // what is wrong with the log the status tells
				j.Months, j.Dated = got, true
				j.Changed()
			}
		}
	})
}
