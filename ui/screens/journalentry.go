package screens

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/widgets"
	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/journal/review"
)

// journalEntry is the pane of the open access: its fields, why it is unusual
// and what was concluded, its proof, and what else happened to the letter.
type journalEntry struct {
	at    *Context
	model *viewmodel.Journal

	title   *widgets.Paragraph
	shut    *widgets.Button
	chip    *widgets.Chip
	lines   []*fact
	finding *widgets.Notice
	why     *widgets.Dropdown
	decide  *widgets.Button
	asking  *widgets.Column
	all     *widgets.Button
	proof   *journalProof
	about   *widgets.Paragraph
	others  *widgets.Choices
	rows    []int64 // sequences, by line of others
	column  *widgets.Column
	flow    *widgets.Flow
	waiting *widgets.Empty
	content fyne.CanvasObject
	reason  int
	of      int64
}

// factKeys name the facts of an access in their order.
var factKeys = [...]string{"person", "letter", "pages", "code", "reason", "time", "ended", "entries", "pseudonym"}

// mostOthers bounds the list of what else happened to a letter.
const mostOthers = 40

func newJournalEntry(at *Context, model *viewmodel.Journal) *journalEntry {
	kit := at.Kit
	e := &journalEntry{at: at, model: model}
	e.title = widgets.NewParagraph(kit, theme.Title, theme.Text, true)
	e.shut = widgets.NewButton(kit, widgets.Quiet, "x", func() { model.Shut() })
	e.chip = widgets.NewChip(kit)
	head := container.New(widgets.Arrange{Place: e.placeHead, Least: func() fyne.Size {
		return fyne.NewSize(kit.Theme.Grow(160), e.shut.MinSize().Height)
	}}, e.title, e.shut)
	items := []fyne.CanvasObject{head, widgets.NewRow(kit, theme.Unit, e.chip)}
	for range len(factKeys) {
		f := newFact(kit)
		e.lines = append(e.lines, f)
		items = append(items, f.Container)
	}
	e.finding = widgets.NewNotice(kit, nil)
	e.why = widgets.NewDropdown(kit)
	e.why.OnChosen = func(i int) {
		e.reason = i
		e.redraw()
	}
	e.decide = widgets.NewButton(kit, widgets.Primary, "check", func() { model.Conclude(review.Reasons()[e.reason]) })
	e.asking = widgets.NewColumn(kit, theme.Unit, e.why, e.decide)
	e.all = widgets.NewButton(kit, widgets.Plain, "mail", func() { model.FindLetter(model.Detail.Row.Object) })
	e.proof = newJournalProof(at, func() { e.redraw() })
	e.about = widgets.NewParagraph(kit, theme.Caption, theme.Muted, true)
	e.others = widgets.NewChoices(kit)
	e.others.OnChosen = func(i int) { model.Open(e.rows[i]) }
	items = append(items, e.finding, e.asking, e.proof.column, e.about, e.others, e.all)
	e.column = widgets.NewColumn(kit, 12, items...).On(theme.Surface, 2*theme.Unit)
	e.flow = widgets.NewFlow(e.column)
	e.waiting = widgets.NewEmpty(kit, "loader-circle", nil)
	e.content = widgets.NewPanel(kit, theme.Surface, widgets.Left, container.NewStack(e.waiting, e.flow))
	return e
}

func (e *journalEntry) placeHead(s fyne.Size) {
	button := e.shut.MinSize()
	h := e.title.MinSize().Height
	widgets.Put(e.title, 0, (s.Height-h)/2, s.Width-button.Width-theme.Unit, h)
	widgets.Put(e.shut, s.Width-button.Width+theme.Unit, (s.Height-button.Height)/2, button.Width, button.Height)
}

// redraw shows the open access; without one nothing of it stays in the widgets.
func (e *journalEntry) redraw() {
	d := e.model.Detail
	show(e.waiting, d == nil)
	show(e.flow, d != nil)
	if d == nil {
		e.waiting.Set("loader-circle", e.at.say("journal.opening"), "")
		e.of, e.proof.open, e.reason = 0, false, 0
		d = &review.Detail{}
	}
	if d.Row.Sequence != e.of {
		e.of, e.proof.open, e.reason = d.Row.Sequence, false, 0
	}
	e.drawFacts(d.Row)
	e.drawFinding(d.Row)
	e.proof.redraw(d.Proofs, e.model.Status)
	e.drawOthers(d)
	e.flow.Refresh()
}

func (e *journalEntry) drawFacts(r journal.Row) {
	c, m := e.at, e.model
	number := func(n int64) string { return c.Texts().Number(int(n)) }
	e.title.Set(c.journalAction(r.Action))
	e.shut.Set("", "Esc")
	e.chip.Set(c.journalOutcome(r), outcomeMood(r))
	entries := number(r.Sequence)
	if r.Result > r.Sequence {
		entries = c.say("journal.entries.two", language.Args{"First": int(r.Sequence), "Second": int(r.Result)})
	}
	code, reason, ended, pages := "", "", "", ""
	if r.Pages != "" {
		pages = c.say("journal.pages", language.Args{"Pages": c.journalPages(r.Pages)})
	}
	if r.Attempt != "" {
		code = letterText(r)
	}
	if r.Reason != "" {
		reason = c.journalReason(r.Reason)
	}
	if r.Result > r.Sequence {
		ended = c.journalTime(r.Ended)
	}
	values := [len(factKeys)]string{
		c.journalPerson(m.Name(r.Actor), r.Actor), r.Object, pages, code, reason,
		c.journalTime(r.Time), ended, entries, r.Actor,
	}
	for i, v := range values {
		e.lines[i].name.Set(c.say("journal.fact." + factKeys[i]))
		e.lines[i].value.Set(v)
		show(e.lines[i].Container, v != "")
	}
}

// drawFinding says in whole sentences why the access is unusual, or what was
// concluded.
func (e *journalEntry) drawFinding(r journal.Row) {
	c, m := e.at, e.model
	can := m.CanConclude() && !m.Own()
	show(e.asking, can)
	e.why.Set(c.conclusions(), e.reason)
	e.decide.Set(c.say("journal.conclude"), "")
	switch {
	case len(r.Rules) == 0 && r.Sequence > 0 && r.Open():
		e.finding.Set(widgets.Warn("hourglass"), c.say("journal.open.what"), c.say("journal.open.means"), "", widgets.NoticeWords{})
		return
	case len(r.Rules) == 0:
		e.finding.Hide()
		return
	}
	var titles, abouts []string
	for _, rule := range r.Rules {
		titles = append(titles, c.say("journal.rule."+string(rule)))
		abouts = append(abouts, c.say("journal.rule."+string(rule)+".about"))
	}
	if k := r.Conclusion; k != nil {
		e.finding.Set(widgets.Calm("check"), c.say("journal.concluded.as", language.Args{"Reason": c.conclusion(k.Reason)}),
			strings.Join(titles, ", ")+". "+c.say("journal.concluded.by", language.Args{
				"Person": c.journalPerson(m.Name(k.Actor), k.Actor), "Time": c.journalTime(k.Time)}), "", widgets.NoticeWords{})
		return
	}
	if m.Own() {
		abouts = append(abouts, c.say("journal.own"))
	}
	e.finding.Set(widgets.Warn("triangle-alert"), strings.Join(titles, " · "), strings.Join(abouts, " "), "", widgets.NoticeWords{})
}

// startConclusion puts the focus on the reason.
func (e *journalEntry) startConclusion() {
	if e.model.CanConclude() && !e.model.Own() {
		e.at.Focus(e.why)
	}
}

// drawOthers lists what else happened to the letter, the newest of it.
func (e *journalEntry) drawOthers(d *review.Detail) {
	c, m := e.at, e.model
	rows := d.About[max(0, len(d.About)-mostOthers):]
	e.about.Set(c.say("journal.about", language.Args{"Count": len(d.About)}))
	show(e.about, len(rows) > 1)
	show(e.others, len(rows) > 1)
	show(e.all, d.Row.Object != "" && m.Letter != d.Row.Object)
	e.all.Set(c.say("journal.about.all"), "")
	e.rows = e.rows[:0]
	items := make([]widgets.Choice, 0, len(rows))
	for _, r := range rows {
		item := widgets.Choice{
			Label: c.journalAction(r.Action), Product: theme.PersonMark(m.Colour(r.Actor)), Tone: theme.Muted,
			Under: c.journalTime(r.Time) + " · " + c.journalPerson(m.Name(r.Actor), r.Actor),
		}
		if r.Outcome != journal.OutcomeDone {
			item.Count = c.journalOutcome(r)
		}
		items = append(items, item)
		e.rows = append(e.rows, r.Sequence)
	}
	e.others.Set(items, max(0, slices.Index(e.rows, d.Row.Sequence)))
}
