package viewmodel

import (
	"context"
	"strings"
	"time"

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
	j.Filter, j.Bar, j.Exported, j.Archived = to, -1, nil, nil
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

// SetPeriod selects the times of a word; PeriodSpan those that are chosen
// already, to be changed.
func (j *Journal) SetPeriod(p Period) {
	t := Times{Period: p}
	if p == PeriodSpan {
		t.From, t.To = j.Filter.bounds(j.now())
	}
	j.SetTimes(t)
	j.Typing = p == PeriodSpan
	j.Changed()
}

// SetTimes selects a time range.
func (j *Journal) SetTimes(t Times) {
	j.trail, j.SpanFault, j.Typing = nil, "", false
	j.setTimes(t)
}

func (j *Journal) setTimes(t Times) {
	f := j.Filter
	f.Times = t
	j.change(f)
}

// Bounds are the first moment of the chosen times and the one after the last,
// zero for no bound.
func (j *Journal) Bounds() (from, to time.Time) { return j.Filter.bounds(j.now()) }

// CanStep tells whether there are times of the same length just before (−1) or
// after (1).
func (j *Journal) CanStep(by int) bool {
	_, ok := j.Filter.step(by, j.now())
	return ok
}

// Step goes to them.
func (j *Journal) Step(by int) {
	if t, ok := j.Filter.step(by, j.now()); ok && j.Permitted {
		j.SetTimes(t)
	}
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
	attempt := paperCodeOf(text)
	if attempt == "" {
		j.found(text, idOf(text), text != "" && idOf(text) == "")
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
			j.found(text, object, object == "")
		}
	})
}

// found applies what a text stands for. Somebody who looks for a letter wants
// all that happened to it: the period opens.
func (j *Journal) found(text, object string, unknown bool) {
	j.Letter, j.Unknown = object, unknown
	f := j.Filter
	f.Letter = text
	if object != "" {
		f.Times, j.trail = Times{Period: PeriodAll}, nil
	}
	j.change(f)
}

// Scan takes a code of the hand scanner; false when it is no letter's.
func (j *Journal) Scan(code string) bool {
	if j.Consent != nil && j.Consent.Badge(code) {
		return true
	}
	if !j.Permitted || paperCodeOf(code) == "" {
		return false
	}
	j.FindLetter(code)
	return true
}

// SetBar shows the accesses of one hour of the picture alone, −1 those of all.
// A day or a month of the picture becomes the times that are chosen.
func (j *Journal) SetBar(i int) {
	if i < -1 || i >= len(j.Picture.Bars) || i == j.Bar {
		return
	}
	if i >= 0 && j.Picture.Unit != report.PerHour {
		j.trail = append(j.trail, j.Filter.Times)
		j.setTimes(between(j.Picture.Bars[i].Start, j.Picture.End(i), j.now()))
		return
	}
	j.Bar = i
	j.Reload()
}

// Narrowed tells whether the picture led to these times, so that Clear goes back.
func (j *Journal) Narrowed() bool { return len(j.trail) > 0 }

// Clear goes back from what the picture was narrowed to, one step at a time, and
// then takes every filter away but the times; false when there was none.
func (j *Journal) Clear() bool {
	if j.Bar >= 0 {
		j.SetBar(-1)
		return true
	}
	if n := len(j.trail); n > 0 {
		wider := j.trail[n-1]
		j.trail = j.trail[:n-1]
		j.setTimes(wider)
		return true
	}
	if !j.Filter.any() {
		return false
	}
	j.typed++
	j.Letter, j.Unknown = "", false
	j.change(JournalFilter{Times: j.Filter.Times})
	return true
}

// OpenAt opens the access at a place of the table.
func (j *Journal) OpenAt(i int) {
	if row := j.rows.row(i); row != nil {
		j.Open(row.Sequence)
	}
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
	if row := j.rows.row(j.rows.place(d.Row.Sequence)); row != nil {
		*row = d.Row
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
