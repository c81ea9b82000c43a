package screens

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/widgets"
)

// errand takes the place of the chosen letter while another person is asked to
// agree to what shall be done about it.
type errand struct {
	at    *Context
	model *viewmodel.Queue

	title   *widgets.Paragraph
	about   *widgets.Paragraph
	found   *widgets.Notice // what the other person shall look at
	second  *second
	flow    *widgets.Flow
	yes     *widgets.Button
	back    *widgets.Button
	acts    *widgets.Column
	foot    *widgets.Panel
	content *fyne.Container
	shown   string // the stage that the focus is for
}

func newErrand(at *Context, model *viewmodel.Queue) *errand {
	e := &errand{at: at, model: model}
	kit := at.Kit
	e.title = widgets.NewParagraph(kit, theme.Title, theme.Text, true)
	e.about = widgets.NewParagraph(kit, theme.Body, theme.Muted, false)
	e.found = widgets.NewNotice(kit, nil)
	e.second = newSecond(at, model.Agree, func(o fyne.CanvasObject) { e.flow.Reveal(o) })
	e.yes = widgets.NewButton(kit, widgets.Primary, "user-check", e.second.pin.Submit).Tall()
	e.back = widgets.NewButton(kit, widgets.Plain, "chevron-left", func() { model.Leave() }).Tall()
	e.acts = widgets.NewColumn(kit, theme.Unit, e.yes, e.back).On(theme.Surface, 2*theme.Unit)
	e.foot = widgets.NewPanel(kit, theme.Surface, widgets.Top, e.acts)
	e.flow = widgets.NewFlow(widgets.NewColumn(kit, 12, e.title, e.about, e.found, e.second.column).On(theme.Surface, 2*theme.Unit))
	e.content = container.New(widgets.Arrange{
		Place: func(s fyne.Size) { placeFooted(s, e.flow, e.foot, e.acts) },
		Least: func() fyne.Size { return fyne.NewSize(kit.Theme.Grow(240), kit.Theme.Grow(240)) },
	}, e.flow, e.foot)
	e.content.Hide()
	return e
}

// words is the errand's part of message keys.
func (e *errand) words(q *viewmodel.Errand) string {
	switch {
	case q.Act == wire.ActPreflightOverride:
		return "override"
	case q.Longer:
		return "keep"
	}
	return "unkeep"
}

// redraw shows the question, or hides it; it tells whether the focus is to go
// somewhere else by that.
func (e *errand) redraw() (moved bool) {
	q, c := e.model.Errand, e.at
	show(e.content, q != nil)
	var consent *viewmodel.Consent
	if q != nil {
		consent = q.Consent
	}
	stage := e.second.stage(consent)
	moved, e.shown = stage != e.shown, stage
	e.second.redraw(consent)
	if q == nil {
		return moved
	}
	words := e.words(q)
	e.title.Set(c.say("second.title"))
	e.about.Set(c.say("second."+words, language.Args{"Code": q.Job.Code.Grouped()}))
	e.found.Hide()
	if q.Act == wire.ActPreflightOverride {
		c.found(e.found, &q.Job)
	}
	label, icon := c.say("second."+words+".do"), "user-check"
	if consent.Busy {
		label, icon = c.say("ask.deciding"), "loader-circle"
	}
	e.yes.SetIcon(icon)
	e.yes.Set(label, "Enter")
	e.yes.Enable(consent.Ready())
	e.back.Set(c.say("ask.back"), "Esc")
	e.back.Enable(!consent.Busy)
	e.flow.Refresh()
	widgets.Relayout(e.content)
	return moved
}

// focus goes to what is missing first.
func (e *errand) focus() {
	if q := e.model.Errand; q != nil && !e.second.focus(q.Consent) {
		e.at.Focus(e.back)
	}
}
