package screens

import (
	"fmt"
	"strings"

	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/widgets"
	"espero-soft.com/printroom/vault/journal/report"
)

// redrawPicture turns the model's picture into bars.
func (j *Journal) redrawPicture() {
	m, c := j.model, j.at
	p := &m.Picture
	bars := make([]widgets.HoursBar, len(p.Bars))
	for i, b := range p.Bars {
		for k, n := range b.Counts {
			if n > 0 {
				bars[i].Parts = append(bars[i].Parts, widgets.HoursPart{Count: n, Colour: m.Colour(p.People[k])})
			}
		}
		bars[i].Says = j.barSays(i)
		bars[i].Tick = j.tick(i)
	}
	var steps []widgets.HoursStep
	for _, v := range report.Steps(max(p.Max, 1), 4) {
		steps = append(steps, widgets.HoursStep{Value: v, Label: c.Texts().Number(int(v))})
	}
	note := c.say("journal.total", language.Args{"Count": int(m.Total)})
	if m.Findings > 0 {
		note += " · " + c.say("journal.findings", language.Args{"Count": int(m.Findings)})
	}
	if m.Bar >= 0 && m.Bar < len(bars) {
		note = bars[m.Bar].Says
	}
	title := ""
	if p.Unit != "" { // else nothing was read yet
		title = c.say("journal.per."+string(p.Unit)) + " · " + c.journalSpan(m.Bounds())
	}
	j.hours.Set(title, note, bars, steps, m.Bar)
}

// barSays tells when a bar is, and who did how much.
func (j *Journal) barSays(i int) string {
	m, c, p := j.model, j.at, &j.model.Picture
	b := p.Bars[i]
	if b.Total == 0 {
		return j.barTime(i)
	}
	var parts []string
	for k, n := range b.Counts {
		if n > 0 {
			parts = append(parts, c.journalPerson(m.Name(p.People[k]), p.People[k])+" "+c.Texts().Number(int(n)))
		}
	}
	return j.barTime(i) + " · " + strings.Join(parts, " · ")
}

func (j *Journal) barTime(i int) string {
	t, p := j.at.Texts(), &j.model.Picture
	at := p.Bars[i].Start
	switch p.Unit {
	case report.PerMonth:
		return fmt.Sprintf("%s %d", j.at.say(fmt.Sprintf("date.month.%d", at.Month())), at.Year())
	case report.PerDay:
		return t.Day(at)
	default:
		return t.Moment(at, j.at.Now()) + "–" + t.Clock(p.End(i))
	}
}

// tick is a bar's name on the axis; most have none, so that names stay apart.
func (j *Journal) tick(i int) string {
	t, p := j.at.Texts(), &j.model.Picture
	at, n := p.Bars[i].Start, len(p.Bars)
	switch {
	case p.Unit == report.PerHour && n <= 30:
		if at.Hour()%3 == 0 {
			return t.Clock(at)
		}
	case p.Unit == report.PerHour:
		if at.Hour() == 0 {
			return t.Day(at)
		}
	case p.Unit == report.PerDay:
		if i%(n/8+1) == 0 {
			return t.Day(at)
		}
	case i%(n/8+1) == 0:
		return j.barTime(i)
	}
	return ""
}
