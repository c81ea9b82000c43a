package screens

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/widgets"
	"espero-soft.com/printroom/vault/store"
)

// verdict is the pane of the chosen letter: what to look at and, below, what
// can be decided about it.
type verdict struct {
	at    *Context
	model *viewmodel.Press

	nothing *widgets.Empty
	code    *widgets.Paragraph
	chip    *widgets.Chip
	alarm   *widgets.Notice // it may be on paper, it was taken back, it is held
	about   *widgets.Paragraph
	lines   []*fact
	facts   *widgets.Flow
	ok      *widgets.Button
	reprint *widgets.Button
	pull    *widgets.Button
	retry   *widgets.Button
	acts    *widgets.Column
	foot    *widgets.Panel
	letter  *fyne.Container
	ask     *ask
	content fyne.CanvasObject
}

func newVerdict(at *Context, model *viewmodel.Press) *verdict {
	v := &verdict{at: at, model: model}
	kit := at.Kit
	v.nothing = widgets.NewEmpty(kit, "mail", nil)
	v.code = widgets.NewParagraph(kit, theme.Title, theme.Text, true)
	v.chip = widgets.NewChip(kit)
	v.alarm = widgets.NewNotice(kit, nil)
	v.about = widgets.NewParagraph(kit, theme.Body, theme.Text, false)
	items := []fyne.CanvasObject{v.code, widgets.NewRow(kit, theme.Unit, v.chip), v.alarm, v.about}
	for range 6 {
		f := newFact(kit)
		v.lines = append(v.lines, f)
		items = append(items, f.Container)
	}
	v.facts = widgets.NewFlow(widgets.NewColumn(kit, 12, items...).On(theme.Surface, 2*theme.Unit))
	v.ok = widgets.NewButton(kit, widgets.Primary, "check", model.OK).Tall()
	v.reprint = widgets.NewButton(kit, widgets.Plain, "rotate-ccw", model.Reprint).Tall()
	v.pull = widgets.NewButton(kit, widgets.Plain, "trash-2", model.Pull).Tall()
	v.retry = widgets.NewButton(kit, widgets.Plain, "refresh-cw", model.Retry).Tall()
	v.acts = widgets.NewColumn(kit, theme.Unit, v.ok, v.reprint, v.pull, v.retry).On(theme.Surface, 2*theme.Unit)
	v.foot = widgets.NewPanel(kit, theme.Surface, widgets.Top, v.acts)
	v.letter = container.New(widgets.Arrange{
		Place: v.place,
		Least: func() fyne.Size { return fyne.NewSize(kit.Theme.Grow(240), kit.Theme.Grow(240)) },
	}, v.facts, v.foot)
	v.ask = newAsk(at, model)
	v.content = widgets.NewPanel(kit, theme.Surface, widgets.Left, container.NewStack(v.nothing, v.letter, v.ask.content))
	return v
}

func (v *verdict) place(s fyne.Size) { placeFooted(s, v.facts, v.foot, v.acts) }

// placeFooted puts what scrolls above what always stands at the bottom.
func placeFooted(s fyne.Size, body, foot fyne.CanvasObject, acts *widgets.Column) {
	h := float32(0)
	if foot.Visible() {
		h = min(acts.HeightFor(s.Width), s.Height)
	}
	widgets.Put(body, 1, 0, s.Width-1, s.Height-h)
	widgets.Put(foot, 1, s.Height-h, s.Width-1, h)
}

// focus goes to the first verdict that there is.
func (v *verdict) focus() {
	for _, b := range []*widgets.Button{v.ok, v.reprint, v.pull, v.retry} {
		if b.Visible() && b.Enabled() && v.foot.Visible() {
			v.at.Focus(b)
			return
		}
	}
}

// redraw shows the chosen letter, or the question about it.
func (v *verdict) redraw() {
	j, c := v.model.Job(), v.at
	asking := v.model.Ask != nil
	show(v.nothing, j == nil && !asking)
	show(v.letter, j != nil && !asking)
	v.nothing.Set("mail", c.say("verdict.none.what"), c.say("verdict.none.do"))
	v.ask.redraw()
	if j == nil {
		return
	}
	v.code.Set(j.Code.Grouped())
	v.chip.Set(c.state(j.State), stateMood(j.State))
	v.redrawAbout(j)
	v.redrawFacts(j)
	v.redrawActs(j)
	v.facts.Refresh()
	widgets.Relayout(v.letter)
}

// redrawAbout says what is wrong with the letter, or where it stands.
func (v *verdict) redrawAbout(j *station.Job) {
	c, about := v.at, ""
	v.alarm.Hide()
	switch why := c.why(j); {
	case viewmodel.TakenBack(*j):
		v.alarm.Set(widgets.Danger("trash-2"), c.takenBack(j), c.say("about.order.do"), "", widgets.NoticeWords{})
	case j.State == store.Uncertain:
		v.alarm.Set(widgets.Danger("triangle-alert"), c.say("about.uncertain.what"),
			c.say("about.uncertain.do", language.Args{"Count": j.Sheets}), "", widgets.NoticeWords{})
	case j.State == store.Held:
		what, body := c.holdTexts(j)
		v.alarm.Set(stateMood(j.State), what, body, "", widgets.NoticeWords{})
	case j.State == store.Ready && why != "":
		about = c.say("about.again", language.Args{"Reason": why})
	default:
		about = c.say(aboutKey(j))
	}
	v.about.Set(about)
	show(v.about, about != "")
}

// redrawFacts lists what the letter is or, for an uncertain one, what to look
// for.
func (v *verdict) redrawFacts(j *station.Job) {
	c, t := v.at, v.at.Texts()
	number := ""
	if j.Number > 0 {
		number = t.Number(j.Number)
	}
	values := [][2]string{
		{"fact.product", c.product(j.Product)},
		{"fact.pages", c.say("fact.pages.value", language.Args{"Count": j.Pages, "Sheets": j.Sheets})},
		{"fact.sides", c.sides(j.Duplex, j.Colour)},
		{"fact.envelope", c.envelope(j.Envelope)},
		{"fact.cutoff", t.Moment(j.CutOff, c.Now())},
		{"fact.attempt", number},
	}
	if j.State == store.Uncertain {
		said, _ := c.holdTexts(j)
		if j.Hold == station.MaybeOnPaper {
			said = "" // the notice says so
		}
		sent := ""
		if !j.Begun.IsZero() {
			sent = t.Moment(j.Begun, c.Now())
		}
		values = [][2]string{
			{"look.code", j.Code.Grouped()},
			{"look.sheets", c.say("look.sheets.value", language.Args{"Count": j.Sheets})},
			{"look.printer", v.model.PrinterName(j.Printer)},
			{"look.sent", sent},
			{"look.said", said},
			{"fact.attempt", number},
		}
	}
	for i, value := range values {
		v.lines[i].name.Set(c.say(value[0]))
		v.lines[i].value.Set(value[1])
		show(v.lines[i].Container, value[1] != "")
	}
}

// redrawActs shows what can be decided, in the words of the letter's state.
func (v *verdict) redrawActs(j *station.Job) {
	c, can := v.at, station.Verdicts(*j)
	ok, reprint, pull := "verdict.ok", "verdict.reprint", "verdict.pull"
	first, last := widgets.Primary, widgets.Plain
	switch {
	case viewmodel.TakenBack(*j):
		pull, last = "verdict.destroy", widgets.Grave
	case j.State == store.Uncertain:
		ok, reprint, first = "verdict.found", "verdict.missing", widgets.Plain // nothing is obvious
	}
	for _, a := range []struct {
		button  *widgets.Button
		verdict station.Verdict
		word    string
		key     string
		kind    widgets.Kind
	}{
		{v.ok, station.VerdictOK, ok, "O", first},
		{v.reprint, station.VerdictReprint, reprint, "R", widgets.Plain},
		{v.pull, station.VerdictPull, pull, "P", last},
	} {
		show(a.button, slices.Contains(can, a.verdict))
		a.button.SetKind(a.kind)
		a.button.Set(c.say(a.word), a.key)
		a.button.Enable(v.model.Can(a.verdict))
	}
	show(v.retry, station.CanRetry(*j))
	v.retry.Set(c.say("verdict.retry"), "T")
	v.retry.Enable(v.model.CanRetry())
	show(v.foot, len(can) > 0 || v.retry.Visible())
}
