package viewmodel

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/journal/review"
)

// CanConclude tells whether the open access is a finding to be concluded by
// who is here.
func (j *Journal) CanConclude() bool {
	return j.Detail != nil && len(j.Detail.Row.Rules) > 0 && j.Detail.Row.Conclusion == nil && !j.Opening
}

// Own tells whether the open access is that of who is here.
func (j *Journal) Own() bool { return j.Detail != nil && j.Detail.Row.Actor == j.who }

// Conclude closes the open finding with a reason.
func (j *Journal) Conclude(why review.Reason) {
	if !j.CanConclude() {
		return
	}
	sequence := j.Detail.Row.Sequence
	j.opened++
	n := j.opened
	j.Opening, j.Fault = true, nil
	j.asks.run(func(ctx context.Context) func() {
		err := j.desk.Conclude(ctx, sequence, why)
		var d review.Detail
		if err == nil {
			d, err = j.desk.ReadAccess(ctx, sequence)
		}
		return func() {
			if n != j.opened {
				return
			}
			j.Opening = false
			if j.Fault = journalFault(err); err == nil {
				j.take(d)
				j.concluded(d.Row)
			}
			j.settleOwn()
			j.Changed()
		}
	})
	j.Changed()
}

// concluded takes a finding off the counts.
func (j *Journal) concluded(r journal.Row) {
	hour := r.Time.Truncate(time.Hour)
	for i := range j.hours {
		if h := &j.hours[i]; h.Start.Equal(hour) && h.Actor == r.Actor && h.Open > 0 {
			h.Open--
		}
	}
	j.draw()
}

// Verify reads the whole journal.
func (j *Journal) Verify() {
	if j.Verifying || !j.Permitted {
		return
	}
	j.Verifying, j.Verified, j.Fault = true, false, nil
	j.Progress = review.Progress{Stage: review.ReadingEntries}
	var ctx context.Context
	ctx, j.stop = context.WithCancel(j.asks.ctx)
	who := j.who
	j.asks.run(func(context.Context) func() {
		_, err := j.desk.VerifyJournal(ctx, func(p review.Progress) {
			j.asks.later(func() {
				if j.Verifying && j.who == who {
					j.Progress = p
					j.Changed()
				}
			})
		})
		return func() {
			if j.who != who {
				return
			}
			j.stop()
			j.Verifying, j.Verified = false, err == nil
			j.Fault = journalFault(err)
			j.settleOwn()
			j.Status = j.desk.JournalStatus()
			j.Changed()
		}
	})
	j.Changed()
}

// StopVerifying ends a verification before its end; false when there is none.
func (j *Journal) StopVerifying() bool {
	if !j.Verifying {
		return false
	}
	j.stop()
	return true
}

// journalFault gives an error of reading the journal its code.
func journalFault(err error) *station.Fault {
	var path *fs.PathError
	for _, c := range []struct {
		is   error
		code station.FaultCode
	}{{review.ErrNotPermitted, station.NotPermitted}, {review.ErrOwn, station.OwnFinding}, {review.ErrExists, station.FileExists}} {
		if errors.Is(err, c.is) {
			return &station.Fault{Code: c.code, Err: err}
		}
	}
	f := faultOf(station.Explain(err))
	if f == nil || f.Code == station.Cancelled {
		return nil
	}
	if f.Code == station.Unexpected && errors.As(err, &path) {
		return &station.Fault{Code: station.FileUnwritable, Err: err}
	}
	return f
}
