package screens

import (
	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/widgets"
	"espero-soft.com/printroom/vault/journal"
)

// redrawSide lists what may be seen and of whom.
func (j *Journal) redrawSide() {
	m, c := j.model, j.at
	var all, unusual, open int64
	for _, r := range m.People {
		all, unusual, open = all+r.Accesses, unusual+r.Unusual, open+r.Open
	}
	number := func(n int64) string {
		if !m.Ready {
			return "" // nobody knows yet
		}
		return c.Texts().Number(int(n))
	}
	under := ""
	if m.Ready {
		under = c.say("journal.kind.open", language.Args{"Count": int(open)})
	}
	kinds := []widgets.Choice{
		{Label: c.say("journal.kind.all"), Icon: "scroll-text", Tone: theme.Muted},
		{Label: c.say("journal.kind.unusual"), Icon: "triangle-alert", Tone: theme.Warn, Under: under},
	}
	chosen := 1
	if kinds[1].Count = number(unusual); !m.Filter.Unusual {
		chosen, kinds[0].Count = 0, number(all)
	}
	j.kinds.Set(kinds, chosen)
	j.who.Set(c.say("journal.people"))
	items := []widgets.Choice{{Label: c.say("journal.everybody"), Icon: "users", Tone: theme.Muted, Count: number(all)}}
	j.readers = append(j.readers[:0], "")
	at := 0
	for _, r := range m.People {
		if r.Pseudonym == m.Filter.Person {
			at = len(j.readers)
		}
		items = append(items, widgets.Choice{
			Label: c.journalPerson(m.Name(r.Pseudonym), r.Pseudonym), Product: theme.PersonMark(r.Colour),
			Tone: theme.Muted, Count: number(r.Accesses),
		})
		j.readers = append(j.readers, r.Pseudonym)
	}
	j.people.Set(items, at)
}

// redrawTop shows what went wrong or right, and the export.
func (j *Journal) redrawTop() {
	m, c := j.model, j.at
	c.notice(j.fault, m.Fault)
	j.redrawMode()
	words := c.noticeWords()
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
	what, _ := c.faultTexts(m.NoDecryption)
	cause := ""
	if m.Status.Broken != nil {
		cause = m.Status.Broken.Error()
	}
	j.mode.Set(faultMood(m.NoDecryption), c.say("journal.mode", language.Args{"Cause": what}),
		c.say("fault."+string(m.NoDecryption)+".do")+" "+c.say("journal.mode.works"), cause, c.noticeWords())
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
	hidden := r.Outcome != journal.OutcomeDone && !j.table.Shows("outcome")
	switch {
	case hidden && (len(r.Rules) == 0 || r.Open()):
		cells[5] = cells[4] // what did not just go well is never left out
	case len(r.Rules) > 0:
		text, mood := c.journalFinding(*r)
		cells[5] = widgets.Cell{Text: text, Chip: &mood}
	}
}
