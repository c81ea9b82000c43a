package viewmodel

import (
	"context"
	"slices"
	"time"

	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/journal/report"
	"espero-soft.com/printroom/vault/journal/verify"
)

// JournalFilter is what a person chose to see.
type JournalFilter struct {
	Person string // a pseudonym or journal.TheStation, "" for everybody
	Letter string // as it was typed or scanned: a code on paper, or the letter's id
	Action journal.Action
	Times
	Unusual bool
}

// any tells whether more than times are chosen.
func (f JournalFilter) any() bool { return f != (JournalFilter{Times: f.Times}) }

// selection is the filter as the journal takes it, without the chosen bar.
func (j *Journal) selection() journal.Filter {
	f := journal.Filter{Actor: j.Filter.Person, Object: j.Letter, Action: j.Filter.Action, Unusual: j.Filter.Unusual}
	if j.Filter.Letter != "" && j.Letter == "" {
		f.Object = j.Filter.Letter // stands for nothing: nothing is found
	}
	f.From, f.To = j.Filter.bounds(j.now())
	if j.Filter.open() {
		f.To = time.Time{} // what is written while they look is in it
	}
	return f
}

// rowFilter is that of the rows: those of the chosen bar alone.
func (j *Journal) rowFilter() journal.Filter {
	f := j.selection()
	if j.Bar >= 0 && j.Bar < len(j.Picture.Bars) {
		f.From, f.To = j.Picture.Bars[j.Bar].Start, j.Picture.End(j.Bar)
	}
	return f
}

// journalQuestion is one question, journalAnswer what comes of it. It is asked
// in the background and only reads.
type journalQuestion struct {
	desk     Reviewer
	staff    Staff
	rows     journal.Filter
	hours    journal.Filter
	from, to time.Time // of the picture
}

type journalAnswer struct {
	rows     journalRows
	hours    []journal.Hour
	names    map[string]station.Person
	order    []string
	from, to time.Time
}

func (j *Journal) question() journalQuestion {
	q := journalQuestion{desk: j.desk, staff: j.staff, rows: j.rowFilter(), hours: j.selection()}
	q.hours.Actor = "" // the legend counts everybody
	q.from, q.to = j.Filter.bounds(j.now())
	return q
}

func (q journalQuestion) run(ctx context.Context) (a journalAnswer, err error) {
	a.from, a.to = q.from, q.to
	if a.hours, err = q.desk.AccessHours(ctx, q.hours); err != nil {
		return a, err
	}
	if a.rows, err = q.begin(ctx, a.hours); err != nil {
		return a, err
	}
	people, err := q.staff.People(ctx)
	if err != nil {
		return a, err
	}
	a.names = make(map[string]station.Person, len(people))
	for _, p := range people {
		a.names[p.Pseudonym] = p
		a.order = append(a.order, p.Pseudonym)
	}
	return a, nil
}

// begin reads the accesses that the table begins with.
func (q journalQuestion) begin(ctx context.Context, hours []journal.Hour) (r journalRows, err error) {
	r.parts = partsOf(q.rows, slices.DeleteFunc(slices.Clone(hours), func(h journal.Hour) bool {
		return q.rows.Actor != "" && actorOf(h) != q.rows.Actor || !q.rows.To.IsZero() && !h.Start.Before(q.rows.To) ||
			!h.Start.Add(time.Hour).After(q.rows.From)
	}))
	if len(r.parts) == 0 {
		return r, nil
	}
	rows, err := q.desk.Accesses(ctx, r.parts[0].filter, 0, JournalPage)
	if err != nil {
		return r, err
	}
	if len(rows) > 0 {
		r.bound = rows[0].Sequence + 1
	}
	r.put(0, rows, len(rows) < JournalPage)
	return r, nil
}

// draw makes the picture and the legend of the hours that are there.
func (j *Journal) draw() {
	zone := j.now().Location()
	shown := j.hours
	if j.Filter.Person != "" {
		shown = slices.DeleteFunc(slices.Clone(j.hours), func(h journal.Hour) bool { return actorOf(h) != j.Filter.Person })
	}
	from, to := j.from, j.to
	if len(j.hours) > 0 { // whole days: one hour alone is no picture
		if from.IsZero() {
			from = dayOf(j.hours[0].Start.In(zone))
		}
		if to.IsZero() {
			to = dayOf(j.hours[len(j.hours)-1].Start.In(zone)).AddDate(0, 0, 1)
		}
	}
	j.Picture = report.PictureOf(shown, from, to, zone)
	if j.Bar >= len(j.Picture.Bars) {
		j.Bar = -1
	}
	j.Total, j.Findings, j.Unsolved = 0, 0, 0
	for _, h := range shown {
		j.Total, j.Findings, j.Unsolved = j.Total+h.Accesses, j.Findings+h.Unusual, j.Unsolved+h.Open
	}
	j.legend()
}

func actorOf(h journal.Hour) string {
	if h.Actor == "" {
		return journal.TheStation
	}
	return h.Actor
}

// legend lists the people of the hours: the staff in its order, who is not on
// the list any more, the station itself. A colour once given stays.
func (j *Journal) legend() {
	counts := make(map[string]*Reader)
	var others []string
	note := func(who string) *Reader {
		if counts[who] == nil {
			counts[who] = &Reader{Pseudonym: who, Name: j.names[who].Name}
			if _, known := j.names[who]; !known && who != journal.TheStation {
				others = append(others, who)
			}
		}
		return counts[who]
	}
	for _, h := range j.hours {
		r := note(actorOf(h))
		r.Accesses, r.Unusual, r.Open = r.Accesses+h.Accesses, r.Unusual+h.Unusual, r.Open+h.Open
	}
	if j.Filter.Person != "" {
		note(j.Filter.Person)
	}
	slices.Sort(others)
	if j.colours == nil {
		j.colours = make(map[string]int)
	}
	j.People = j.People[:0:0]
	for _, who := range slices.Concat(j.order, others, []string{journal.TheStation}) {
		if r := counts[who]; r != nil {
			r.Colour = j.Colour(who)
			j.People = append(j.People, *r)
		}
	}
}

// Colour is which of the colours of people a person has; −1 is the station's.
func (j *Journal) Colour(pseudonym string) int {
	if pseudonym == journal.TheStation || pseudonym == "" {
		return -1
	}
	c, ok := j.colours[pseudonym]
	if !ok && j.colours != nil {
		c = len(j.colours)
		j.colours[pseudonym] = c
	}
	return c
}

// paperCodeOf is the printing attempt that a text names: a sheet's code or an
// attempt's, as it is scanned or typed; "" for any other text.
func paperCodeOf(text string) string {
	if sheet, err := postal.ParseSheetCode(text); err == nil {
		return string(sheet.Attempt)
	}
	if code, err := postal.ParseAttemptCode(text); err == nil {
		return string(code)
	}
	return ""
}

// idOf is the text when a letter may be called so, else "".
func idOf(text string) string {
	if verify.CheckID(text) != nil {
		return ""
	}
	return text
}
