package screens

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/widgets"
	"espero-soft.com/printroom/vault/store"
)

// letter is the pane of the chosen letter: what is known of it without
// opening it and, once asked for, its pages.
type letter struct {
	at    *Context
	model *viewmodel.Preview

	nothing *widgets.Empty
	facts   *widgets.Flow
	code    *widgets.Paragraph
	chip    *widgets.Chip
	product *widgets.Paragraph
	lines   []*fact
	held    *widgets.Notice
	press   *widgets.Button // to where a letter is decided about
	found   *widgets.Notice
	looked  *widgets.Paragraph // what a look found when that is nothing to act on
	open    *widgets.Button
	note    *widgets.Paragraph
	acts    *letterActs
	errand  *errand

	pages   *fyne.Container
	title   *widgets.Paragraph
	close   *widgets.Button
	back    *widgets.Button
	next    *widgets.Button
	number  *widgets.Paragraph
	smaller *widgets.Button
	fit     *widgets.Button
	window  *widgets.Button
	larger  *widgets.Button
	page    *widgets.Page
	waiting *widgets.Empty
	strip   *widgets.Wrap
	thumbs  []*widgets.Thumb
	scroll  *container.Scroll
	fault   *widgets.Notice
	seenAt  *widgets.Notice // the findings, beside the pages
	again   *widgets.Button
	seen    *widgets.Paragraph
	content fyne.CanvasObject
}

// fact is a line of the facts: a name and a value.
type fact struct {
	*fyne.Container
	name  *widgets.Paragraph
	value *widgets.Paragraph
}

func newFact(kit *widgets.Kit) *fact {
	f := &fact{
		name:  widgets.NewParagraph(kit, theme.Body, theme.Muted, false),
		value: widgets.NewParagraph(kit, theme.Body, theme.Text, false),
	}
	// Large text has no room for both on one line.
	stacked := func() bool { return kit.Theme.Scale() > 1.25 }
	f.Container = container.New(widgets.Arrange{
		Place: func(s fyne.Size) {
			left, top := s.Width*0.42, float32(0)
			if stacked() {
				left, top = 0, f.name.MinSize().Height
				widgets.Put(f.name, 0, 0, s.Width, top)
			} else {
				widgets.Put(f.name, 0, 0, left-theme.Unit, s.Height)
			}
			widgets.Put(f.value, left, top, s.Width-left, s.Height-top)
		},
		Least: func() fyne.Size {
			name, value := f.name.MinSize().Height, f.value.MinSize().Height
			if stacked() {
				return fyne.NewSize(kit.Theme.Grow(120), name+value)
			}
			return fyne.NewSize(kit.Theme.Grow(160), max(name, value))
		},
	}, f.name, f.value)
	return f
}

func newLetter(at *Context, model *viewmodel.Preview, queue *viewmodel.Queue) *letter {
	l := &letter{at: at, model: model}
	kit := at.Kit
	l.nothing = widgets.NewEmpty(kit, "mail", nil)
	l.code = widgets.NewParagraph(kit, theme.Title, theme.Text, true)
	l.product = widgets.NewParagraph(kit, theme.Body, theme.Muted, false)
	l.chip = widgets.NewChip(kit)
	l.held = widgets.NewNotice(kit, nil)
	l.open = widgets.NewButton(kit, widgets.Plain, "eye", model.Show).Tall()
	l.press = widgets.NewButton(kit, widgets.Plain, "arrow-right", l.toPress).Tall()
	l.found = widgets.NewNotice(kit, nil)
	l.looked = widgets.NewParagraph(kit, theme.Caption, theme.Muted, false)
	l.note = widgets.NewParagraph(kit, theme.Caption, theme.Muted, false)
	items := []fyne.CanvasObject{l.code, widgets.NewRow(kit, theme.Unit, l.chip)}
	l.acts, l.errand = newLetterActs(at, queue), newErrand(at, queue)
	for range 8 {
		f := newFact(kit)
		l.lines = append(l.lines, f)
		items = append(items, f.Container)
	}
	items = append(items, l.held, l.found, l.acts.override, l.press, l.looked, l.open, l.note, l.acts.keep, l.acts.note)
	l.facts = widgets.NewFlow(widgets.NewColumn(kit, 12, items...).On(theme.Surface, 2*theme.Unit))
	l.buildPages()
	l.content = widgets.NewPanel(kit, theme.Surface, widgets.Left, container.NewStack(l.nothing, l.facts, l.pages, l.errand.content))
	return l
}

// redraw shows the model as it is now.
func (l *letter) redraw() {
	m := l.model
	show(l.nothing, m.Job == nil)
	asking := l.acts.model.Errand != nil
	show(l.facts, m.Job != nil && !m.Open && !asking)
	show(l.pages, m.Job != nil && m.Open && !asking)
	switch {
	case m.Job == nil:
		l.nothing.Set("mail", l.at.say("letter.none.what"), l.at.say("letter.none.do"))
		l.drawPages() // nothing of the pages stays in the widgets
	case m.Open:
		l.drawPages()
	default:
		l.drawPages()
		l.drawFacts(m.Job)
		l.facts.Refresh()
	}
}

func (l *letter) drawFacts(j *station.Job) {
	c, t := l.at, l.at.Texts()
	l.code.Set(j.Code.Grouped())
	l.code.SetSize(theme.Title)
	if l.at.Kit.Theme.Scale() > 1.5 {
		l.code.SetSize(theme.Strong) // a code has no place to wrap
	}
	l.chip.Set(c.state(j.State), stateMood(j.State))
	values := [][2]string{
		{"fact.product", c.product(j.Product)},
		{"fact.pages", c.say("fact.pages.value", language.Args{"Count": j.Pages, "Sheets": j.Sheets})},
		{"fact.sides", c.sides(j.Duplex, j.Colour)},
		{"fact.envelope", c.envelope(j.Envelope)},
		{"fact.paid", t.Moment(j.PaidAt, c.Now())},
		{"fact.cutoff", t.Moment(j.CutOff, c.Now())},
		{"fact.kept", c.kept(j)},
		{"fact.attempt", otherCode(j)},
	}
	for i, v := range values {
		l.lines[i].name.Set(c.say(v[0]))
		l.lines[i].value.Set(v[1])
		show(l.lines[i].Container, v[1] != "")
	}
	l.held.Hide()
	if j.Hold != "" {
		what, body := c.whyTexts(j)
		l.held.Set(stateMood(j.State), what, body, "", widgets.NoticeWords{})
	}
	stuck := j.State == store.Held || j.State == store.Uncertain
	l.press.Set(c.say("letter.press"), "")
	show(l.press, stuck && !station.CanOverride(*j) && c.Has("press"))
	c.found(l.found, j)
	if station.CanOverride(*j) && len(j.Findings) > 0 { // one thing to be said once
		l.found.Hide()
		l.held.Set(findingsMood(j.Findings), c.say("letter.held", language.Args{"Count": len(j.Findings)}),
			c.sentences(j.Findings)+"\n"+c.say("letter.held.do"), "", widgets.NoticeWords{})
	}
	l.acts.redraw(j)
	looked := "letter.looked"
	if j.Findings == nil {
		looked = "letter.unlooked"
	}
	l.looked.Set(c.say(looked))
	show(l.looked, len(j.Findings) == 0)
	l.open.Set(c.say("letter.show"), "Enter")
	l.open.Enable(l.model.NoDecryption == "")
	l.note.Set(c.say("letter.journaled"))
	if l.model.NoDecryption != "" {
		what, _ := c.faultTexts(l.model.NoDecryption)
		l.note.Set(c.say("letter.closed", language.Args{"Why": what}))
	}
}

// otherCode is the code of the attempt that was made, when the letter goes by
// another one since.
func otherCode(j *station.Job) string {
	if j.Attempt == "" || j.Attempt == j.Code {
		return ""
	}
	return j.Attempt.Grouped()
}

// toPress goes where a letter that is held or uncertain is decided about.
func (l *letter) toPress() {
	if l.model.Job != nil {
		l.at.Open("press", *l.model.Job)
	}
}
