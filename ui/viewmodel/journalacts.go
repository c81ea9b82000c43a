package viewmodel

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"time"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/journal/report"
	"espero-soft.com/printroom/vault/journal/review"
)

// letterPause is how long a person must not have typed before a code that is
// whole is looked up.
const letterPause = 600 * time.Millisecond

// change makes a change to the filter and reads anew.
func (j *Journal) change(to JournalFilter) {
	if to == j.Filter {
		return
	}
	j.Filter, j.Bar, j.Exported = to, -1, nil
	j.Reload()
}

// SetPerson selects a person's accesses, journal.TheStation's for the
// station's own, "" for everybody's.
func (j *Journal) SetPerson(pseudonym string) {
	f := j.Filter
	f.Person = pseudonym
	j.change(f)
}

// SetAction selects one action, "" for all.
func (j *Journal) SetAction(a journal.Action) {
	f := j.Filter
	f.Action = a
	j.change(f)
}

// SetPeriod selects a time range.
func (j *Journal) SetPeriod(p Period) {
	f := j.Filter
	f.Period = p
	j.change(f)
}

// SetUnusual selects what a rule fired for.
func (j *Journal) SetUnusual(on bool) {
	f := j.Filter
	f.Unusual = on
	j.change(f)
}

// TypeLetter takes what is being typed: it is looked up once it is a whole
// code and the person pauses, or gone at once when nothing is left.
func (j *Journal) TypeLetter(text string) {
	j.typed++
	n := j.typed
	text = strings.TrimSpace(text)
	if text == "" {
		j.FindLetter("")
		return
	}
	if paperCodeOf(text) == "" {
		return
	}
	j.asks.run(func(ctx context.Context) func() {
		select {
		case <-ctx.Done():
		case <-time.After(j.pause):
		}
		return func() {
			if n == j.typed {
				j.FindLetter(text)
			}
		}
	})
}

// FindLetter selects the letter that a code or an id names, "" for all.
func (j *Journal) FindLetter(text string) {
	text = strings.TrimSpace(text)
	j.typed++
	if text == j.Filter.Letter || !j.Permitted {
		return
	}
	f := j.Filter
	f.Letter = text
	attempt := paperCodeOf(text)
	if attempt == "" {
		j.found(f, idOf(text), text != "" && idOf(text) == "")
		return
	}
	n := j.typed
	j.asks.run(func(ctx context.Context) func() {
		object, err := j.desk.LetterOf(ctx, attempt)
		return func() {
			if n != j.typed {
				return
			}
			if err != nil {
				j.Fault = journalFault(err)
				j.Changed()
				return
			}
			j.found(f, object, object == "")
		}
	})
}

// found applies what a text stands for. Somebody who looks for a letter wants
// all that happened to it: the period opens.
func (j *Journal) found(f JournalFilter, object string, unknown bool) {
	j.Letter, j.Unknown = object, unknown
	if object != "" {
		f.Period = PeriodAll
	}
	f.Person, f.Action, f.Unusual = j.Filter.Person, j.Filter.Action, j.Filter.Unusual
	j.change(f)
}

// Scan takes a code of the hand scanner; false when it is no letter's.
func (j *Journal) Scan(code string) bool {
	if !j.Permitted || paperCodeOf(code) == "" {
		return false
	}
	j.FindLetter(code)
	return true
}

// SetBar shows the accesses of one bar of the picture alone, −1 those of all.
func (j *Journal) SetBar(i int) {
	if i < -1 || i >= len(j.Picture.Bars) || i == j.Bar {
		return
	}
	j.Bar = i
	j.Reload()
}

// Clear takes every filter away but the period; false when there was none.
func (j *Journal) Clear() bool {
	if j.Bar >= 0 {
		j.SetBar(-1)
		return true
	}
	if !j.Filter.any() {
		return false
	}
	j.typed++
	j.Letter, j.Unknown = "", false
	j.change(JournalFilter{Period: j.Filter.Period})
	return true
}

// Open opens an access by the sequence of any of its entries.
func (j *Journal) Open(sequence int64) {
	if !j.Permitted || sequence <= 0 {
		return
	}
	j.opened++
	n := j.opened
	j.Opening, j.Fault = true, nil
	j.asks.run(func(ctx context.Context) func() {
		d, err := j.desk.ReadAccess(ctx, sequence)
		return func() {
			if n != j.opened {
				return
			}
			j.Opening = false
			if j.Fault = journalFault(err); j.Fault == nil && err == nil {
				j.take(d)
			}
			j.settleOwn()
			j.Changed()
		}
	})
	j.Changed()
}

// settleOwn counts the entry that an act of one's own has written as known.
func (j *Journal) settleOwn() {
	if newer := j.Newer; newer == 0 {
		j.settle()
	}
}

// take shows an access, and in its row what is known of it by now.
func (j *Journal) take(d review.Detail) {
	j.Detail = &d
	j.Selected = d.Row.Sequence
	if i := j.selected(); i >= 0 {
		j.Rows[i] = d.Row
	}
}

// Shut puts the open access away; false when there is none.
func (j *Journal) Shut() bool {
	if j.Detail == nil && !j.Opening {
		return false
	}
	j.opened++
	j.Detail, j.Opening = nil, false
	j.Changed()
	return true
}

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

// Export writes what is selected to a file.
func (j *Journal) Export(f report.Format, path string, words func(key string) string) {
	if j.Exporting || !j.Permitted {
		return
	}
	j.Exporting, j.Exported, j.Fault = true, nil, nil
	wish := review.Export{Filter: j.rowFilter(), Format: f, Path: path, Words: words}
	who := j.who
	j.asks.run(func(ctx context.Context) func() {
		got, err := j.desk.ExportAccesses(ctx, wish)
		return func() {
			if j.who != who {
				return
			}
			j.Exporting = false
			if j.Fault = journalFault(err); err == nil {
				j.Exported = &got
			}
			j.settleOwn()
			j.Changed()
		}
	})
	j.Changed()
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
