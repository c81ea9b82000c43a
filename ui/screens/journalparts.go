package screens

import (
	"fmt"
	"strings"
	"time"

	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/widgets"
	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/journal/report"
)

// redrawSide lists what may be seen and of whom.
func (j *Journal) redrawSide() {
	m, c := j.model, j.at
	var all, unusual, open int64
	for _, r := range m.People {
		all, unusual, open = all+r.Accesses, unusual+r.Unusual, open+r.Open
	}
	kinds := []widgets.Choice{
		{Label: c.say("journal.kind.all"), Icon: "scroll-text", Tone: theme.Muted},
		{Label: c.say("journal.kind.unusual"), Icon: "triangle-alert", Tone: theme.Warn,
			Under: c.say("journal.kind.open", language.Args{"Count": int(open)})},
	}
	chosen := 1
	if kinds[1].Count = c.Texts().Number(int(unusual)); !m.Filter.Unusual {
		chosen, kinds[0].Count = 0, c.Texts().Number(int(all))
	}
	j.kinds.Set(kinds, chosen)
	j.who.Set(c.say("journal.people"))
	items := []widgets.Choice{{Label: c.say("journal.everybody"), Icon: "users", Tone: theme.Muted, Count: c.Texts().Number(int(all))}}
	j.readers = append(j.readers[:0], "")
	at := 0
	for _, r := range m.People {
		if r.Pseudonym == m.Filter.Person {
			at = len(j.readers)
		}
		items = append(items, widgets.Choice{
			Label: c.journalPerson(m.Name(r.Pseudonym), r.Pseudonym), Product: theme.PersonMark(r.Colour),
			Tone: theme.Muted, Count: c.Texts().Number(int(r.Accesses)),
		})
		j.readers = append(j.readers, r.Pseudonym)
	}
	j.people.Set(items, at)
}

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

// redrawTop shows what went wrong or right, and the export.
func (j *Journal) redrawTop() {
	m, c := j.model, j.at
	c.notice(j.fault, m.Fault)
	j.redrawMode()
	words := widgets.NoticeWords{Dismiss: c.say("notice.dismiss"), Copy: c.say("notice.copy"), Details: c.say("notice.details"), Hide: c.say("notice.hide")}
	switch {
	case m.Exported != nil:
		e := m.Exported
		j.said.Set(widgets.Good("circle-check"), c.say("journal.exported.what", language.Args{"Count": int(e.Accesses)}),
			c.say("journal.exported.means", language.Args{"Path": e.Path}), e.Path+"\n"+e.Note, words)
	case m.Archived != nil:
		a := m.Archived
		means := c.say("journal.archived.means", language.Args{"Path": a.Path, "Keys": a.Keys})
		if a.Unsealed > 0 && a.Span.Unsealed {
			means += " " + c.say("journal.archived.tail", language.Args{"Count": int(a.Unsealed)})
		} else if a.Unsealed > 0 && a.Span.Shard == nil {
			means += " " + c.say("journal.archived.without", language.Args{"Count": int(a.Unsealed)})
		}
		j.said.Set(widgets.Good("circle-check"), c.say("journal.archived.what"), means, c.checkCommand(a), words)
	case m.Verified:
		j.said.Set(widgets.Good("shield-check"), c.say("journal.verified.what"), c.say("journal.verified.means"), "", words)
	default:
		j.said.Hide()
	}
	j.export.redraw()
	j.top.Refresh()
}

// redrawMode tells why no letter can be opened, what to do about it, and what
// can be done all the same.
func (j *Journal) redrawMode() {
	m, c := j.model, j.at
	if m.NoDecryption == "" {
		j.mode.Hide()
		return
	}
	what, body := c.faultTexts(m.NoDecryption)
	j.mode.Set(faultMood(m.NoDecryption), c.say("journal.mode", language.Args{"Cause": what}), body+" "+c.say("journal.mode.works"), "", widgets.NoticeWords{})
}

func (j *Journal) redrawRows() {
	m, c := j.model, j.at
	arrived := j.empty.Visible() && m.Count() > 0
	j.count.Set(j.counted())
	j.again.SetIcon("refresh-cw")
	label, hint := "", ""
	if m.Newer > 0 {
		label, hint = c.say("journal.newer", language.Args{"Count": int(m.Newer)}), "F5"
	}
	j.again.Set(label, hint)
	j.redrawTail()
	j.table.Update(m.At())
	show(j.table, m.Count() > 0)
	show(j.empty, m.Count() == 0)
	if f := c.Focused(); arrived && !j.waiting && f == nil {
		c.Focus(j.table)
	}
	if m.Count() == 0 {
		j.empty.Set(j.nothing())
	}
}

// redrawTail tells how many entries no countersignature covers, with the mark
// that they have in the table.
func (j *Journal) redrawTail() {
	m, c := j.model, j.at
	n := m.Status.Entries - m.Status.Sealed
	show(j.tail, n > 0 && m.Count() > 0)
	j.tail.Set(c.say("journal.tail", language.Args{"Count": int(n)}), widgets.Calm("circle-dashed"))
}

// nothing tells why there are no rows, and what to do.
func (j *Journal) nothing() (icon, what, do string) {
	m, c := j.model, j.at
	switch {
	case m.Loading && m.Preparing.Active():
		about := c.say("journal.preparing.of", language.Args{"Done": int(m.Preparing.Done), "Count": int(m.Preparing.Total)})
		if m.Preparing.Left > 0 {
			about += " " + c.say("journal.preparing.left", language.Args{"Left": c.Texts().Wait(m.Preparing.Left)})
		}
		return "loader-circle", c.say("journal.preparing", language.Args{"Percent": int(m.Preparing.Share() * 100)}),
			about + " " + c.say("journal.preparing.about")
	case m.Loading:
		return "loader-circle", c.say("journal.loading"), ""
	case m.Paused:
		return "hourglass", c.say("journal.paused.what"), c.say("journal.paused.do", language.Args{"Percent": int(m.Preparing.Share() * 100)})
	case m.Fault != nil && !m.Ready:
		return "octagon-alert", c.say("journal.failed.what"), c.say("journal.failed.do")
	case m.Unknown:
		return "search", c.say("journal.unknown.what"), c.say("journal.unknown.do")
	case m.Status.Entries == 0:
		return "scroll-text", c.say("journal.new.what"), c.say("journal.new.do")
	case m.Filter.Unusual:
		return "circle-check", c.say("journal.usual.what"), c.say("journal.usual.do")
	default:
		return "scroll-text", c.say("journal.nothing.what"), c.say("journal.nothing.do")
	}
}

// counted tells what the table holds.
func (j *Journal) counted() string {
	m, c := j.model, j.at
	switch {
	case m.Loading && m.Ready:
		return c.say("journal.loading")
	case !m.Ready || m.Count() == 0:
		return ""
	case m.Bar >= 0:
		return c.say("journal.bar", language.Args{"Time": j.barTime(min(m.Bar, len(m.Picture.Bars)-1)), "Count": m.Count()})
	case m.Narrowed():
		return c.say("journal.narrowed", language.Args{"Count": m.Count()})
	default:
		return c.say("journal.open.how", language.Args{"Count": m.Count()})
	}
}

// fill writes an access into a row of the table.
func (j *Journal) fill(r *journal.Row, cells []widgets.Cell) {
	c, m := j.at, j.model
	if r == nil {
		cells[0] = widgets.Cell{Text: "…", Tone: theme.Faint}
		return
	}
	if r.Damaged {
		mood := widgets.Danger("octagon-alert")
		cells[0] = widgets.Cell{Text: c.Texts().Number(int(r.Sequence)), Tone: theme.Muted}
		cells[1] = widgets.Cell{Text: c.say("journal.damaged"), Chip: &mood}
		return
	}
	cells[0] = widgets.Cell{Text: c.journalBrief(r.Time), Tone: theme.Muted}
	if m.Unsealed(r) {
		cells[0].Icon = "circle-dashed"
	}
	cells[1] = widgets.Cell{Text: c.journalPerson(m.Name(r.Actor), r.Actor), Tone: theme.Text, Product: theme.PersonMark(m.Colour(r.Actor))}
	cells[2] = widgets.Cell{Text: c.journalDeed(*r), Tone: theme.Text, Bold: true}
	cells[3] = widgets.Cell{Text: letterText(*r), Tone: theme.Text}
	cells[4] = widgets.Cell{Text: c.journalOutcome(*r), Tone: theme.Muted}
	if r.Outcome != journal.OutcomeDone {
		mood := outcomeMood(*r)
		cells[4].Chip = &mood
	}
	if len(r.Rules) > 0 {
		text, mood := c.journalFinding(*r)
		cells[5] = widgets.Cell{Text: text, Chip: &mood}
	} else if r.Outcome != journal.OutcomeDone && !j.table.Shows("outcome") {
		cells[5] = cells[4] // what did not just go well is never left out
	}
}

// journalBrief is a moment of today to the second, of another day to the
// minute.
func (c *Context) journalBrief(at time.Time) string {
	at = at.In(c.Now().Location())
	if !midnight(at).Equal(midnight(c.Now())) {
		return c.journalMoment(at)
	}
	return at.Format("15:04:05")
}

// journalMoment is a moment to the minute, with its day when that is not today.
func (c *Context) journalMoment(at time.Time) string {
	at = at.In(c.Now().Location())
	if midnight(at).Equal(midnight(c.Now())) {
		return c.Texts().Clock(at)
	}
	return c.journalDay(at) + " " + c.Texts().Clock(at)
}

// letterText is the code on paper, or else the letter's id.
func letterText(r journal.Row) string {
	if r.Attempt != "" {
		return postal.AttemptCode(r.Attempt).Grouped()
	}
	return r.Object
}

// journalTime is a moment to the second, with its day when that is not today.
func (c *Context) journalTime(at time.Time) string {
	if at.IsZero() {
		return "–"
	}
	at = at.In(c.Now().Location())
	clock := at.Format("15:04:05")
	if !midnight(at).Equal(midnight(c.Now())) {
		return c.journalDay(at) + " " + clock
	}
	return clock
}
