package screens

import (
	"fmt"
	"slices"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/widgets"
)

// ask is the open question about a letter, in the place of its verdicts: why,
// are the sheets destroyed, who else agrees.
type ask struct {
	at    *Context
	model *viewmodel.Press

	title     *widgets.Paragraph
	about     *widgets.Paragraph
	reasons   *widgets.Choices
	destroyed *widgets.Check
	second    *second
	fault     *widgets.Notice
	flow      *widgets.Flow
	yes       *widgets.Button
	back      *widgets.Button
	acts      *widgets.Column
	foot      *widgets.Panel
	content   *fyne.Container
}

func newAsk(at *Context, model *viewmodel.Press) *ask {
	a := &ask{at: at, model: model}
	kit := at.Kit
	a.title = widgets.NewParagraph(kit, theme.Title, theme.Text, true)
	a.about = widgets.NewParagraph(kit, theme.Body, theme.Muted, false)
	a.reasons = widgets.NewChoices(kit)
	a.reasons.Low = true
	a.reasons.OnChosen = a.choose
	a.reasons.OnOpened = func(int) { a.next() }
	a.reasons.OnRune = a.digit
	a.destroyed = widgets.NewCheck(kit, a.tick)
	a.second = newSecond(at, model.Approve, func(o fyne.CanvasObject) { a.flow.Reveal(o) })
	a.fault = widgets.NewNotice(kit, nil)
	a.fault.OnCopy = at.Copy
	a.yes = widgets.NewButton(kit, widgets.Primary, "check", a.answer).Tall()
	a.back = widgets.NewButton(kit, widgets.Plain, "chevron-left", func() { model.Back() }).Tall()
	a.acts = widgets.NewColumn(kit, theme.Unit, a.yes, a.back).On(theme.Surface, 2*theme.Unit)
	a.foot = widgets.NewPanel(kit, theme.Surface, widgets.Top, a.acts)
	column := widgets.NewColumn(kit, 12, a.title, a.about, a.reasons, a.destroyed, a.second.column, a.fault)
	a.flow = widgets.NewFlow(column.On(theme.Surface, 2*theme.Unit))
	a.destroyed.OnFocus = func() { a.flow.Reveal(a.destroyed) }
	a.content = container.New(widgets.Arrange{
		Place: func(s fyne.Size) { placeFooted(s, a.flow, a.foot, a.acts) },
		Least: func() fyne.Size { return fyne.NewSize(kit.Theme.Grow(240), kit.Theme.Grow(240)) },
	}, a.flow, a.foot)
	a.content.Hide()
	return a
}

// stage names what the question waits for, "" when none is open: the focus
// moves when it changes.
func (a *ask) stage() string {
	q := a.model.Ask
	if q == nil {
		return ""
	}
	return fmt.Sprintf("%s %s %d %s", q.Job.ID, q.Verdict, q.Step, a.second.stage(q.Consent))
}

// focus goes to what is missing first.
func (a *ask) focus() {
	q := a.model.Ask
	switch {
	case q == nil:
	case a.second.focus(q.Consent):
	case q.Step == viewmodel.StepSecond:
		a.at.Focus(a.back)
	case len(q.Reasons) > 1:
		a.at.Focus(a.reasons)
	default:
		a.next()
	}
}

// next goes on from a reason to what is missing.
func (a *ask) next() {
	if q := a.model.Ask; q != nil && !q.Destroyed {
		a.at.Focus(a.destroyed)
		return
	}
	a.at.Focus(a.yes)
}

func (a *ask) choose(i int) {
	if q := a.model.Ask; q != nil {
		a.model.Because(q.Reasons[i])
	}
}

func (a *ask) digit(r rune) {
	if q, i := a.model.Ask, int(r-'1'); q != nil && i >= 0 && i < len(q.Reasons) {
		a.choose(i)
		a.next()
	}
}

func (a *ask) tick(on bool) {
	a.model.SetDestroyed(on)
	if q := a.model.Ask; on && q != nil && q.Ready() {
		a.at.Focus(a.yes)
	}
}

func (a *ask) answer() {
	if q := a.model.Ask; q != nil && q.Step == viewmodel.StepSecond {
		a.second.pin.Submit()
		return
	}
	a.model.Answer()
}

// redraw shows the question, or hides it.
func (a *ask) redraw() {
	q := a.model.Ask
	show(a.content, q != nil)
	if q == nil {
		a.second.redraw(nil)
		return
	}
	second := q.Step == viewmodel.StepSecond
	show(a.reasons, !second && len(q.Reasons) > 1)
	show(a.destroyed, !second)
	a.second.redraw(q.Consent)
	if second {
		a.title.Set(a.at.say("second.title"))
		a.about.Set(a.at.say("second.reprint", language.Args{"Code": q.Job.Code.Grouped(), "Reason": a.at.reason(q.Reason)}))
	} else {
		a.redrawReason(q)
	}
	a.at.notice(a.fault, q.Fault)
	a.redrawActs(q)
	a.flow.Refresh()
	widgets.Relayout(a.content)
}

// kind is the question's part of message keys: a letter that was taken back is
// not pulled for a reason, it is destroyed.
func (a *ask) kind(q *viewmodel.Ask) string {
	if q.Reason == station.ReasonOrder {
		return "order"
	}
	return string(q.Verdict)
}

func (a *ask) redrawReason(q *viewmodel.Ask) {
	c := a.at
	a.title.Set(c.say("ask."+a.kind(q), language.Args{"Code": q.Job.Code.Grouped()}))
	a.about.Set(c.say("ask." + a.kind(q) + ".about"))
	items := make([]widgets.Choice, len(q.Reasons))
	for i, r := range q.Reasons {
		items[i] = widgets.Choice{Label: c.reason(r), Icon: "circle", Tone: theme.Muted, Count: strconv.Itoa(i + 1)}
		if r == q.Reason {
			items[i].Icon, items[i].Tone = "circle-dot", theme.Accent
		}
	}
	a.reasons.Set(items, slices.Index(q.Reasons, q.Reason))
	a.destroyed.Set(c.say("ask.destroyed"), q.Destroyed)
}

func (a *ask) redrawActs(q *viewmodel.Ask) {
	c, second := a.at, q.Step == viewmodel.StepSecond
	word, icon, kind := "ask."+a.kind(q)+".do", "rotate-ccw", widgets.Primary
	if q.Verdict == station.VerdictPull {
		icon, kind = "trash-2", widgets.Grave
	}
	switch {
	case q.Busy:
		word, icon = "ask.deciding", "loader-circle"
	case q.Second && !second:
		word, icon = "ask.next", "user-check"
	}
	a.yes.SetKind(kind)
	a.yes.SetIcon(icon)
	a.yes.Set(c.say(word), "Enter")
	a.yes.Enable(q.Ready() && (!second || q.Consent.Ready()))
	a.back.Set(c.say("ask.back"), "Esc")
	a.back.Enable(!q.Busy)
}
