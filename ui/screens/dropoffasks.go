package screens

import (
	"fyne.io/fyne/v2"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/widgets"
)

// reasons asks why a piece comes out.
type reasons struct {
	at     *Context
	model  *viewmodel.DropOff
	what   *widgets.Paragraph
	body   *widgets.Paragraph
	list   *widgets.Choices
	chosen int
	take   *widgets.Button
	leave  *widgets.Button
	flow   *widgets.Flow
}

func newReasons(at *Context, model *viewmodel.DropOff) *reasons {
	kit := at.Kit
	r := &reasons{at: at, model: model}
	r.what = widgets.NewParagraph(kit, theme.Strong, theme.Text, true)
	r.body = widgets.NewParagraph(kit, theme.Body, theme.Muted, false)
	r.list = widgets.NewChoices(kit)
	r.list.Low = true
	r.list.OnChosen = func(i int) {
		r.chosen = i
		r.draw()
	}
	r.list.OnOpened = func(int) { r.done() }
	r.take = widgets.NewButton(kit, widgets.Primary, "package-x", r.done)
	r.leave = widgets.NewButton(kit, widgets.Plain, "", model.CallOff)
	r.flow = widgets.NewFlow(widgets.NewColumn(kit, 12, r.what, r.body, r.list,
		widgets.NewRow(kit, theme.Unit, r.take, r.leave)).On(theme.Surface, 2*theme.Unit))
	r.flow.Hide()
	return r
}

func (r *reasons) done() { r.model.TakeOut(station.ReturnReasons()[r.chosen]) }

func (r *reasons) draw() {
	var items []widgets.Choice
	for _, reason := range station.ReturnReasons() {
		items = append(items, widgets.Choice{Label: r.at.say("return." + string(reason)), Tone: theme.Muted})
	}
	r.list.Set(items, r.chosen)
}

// redraw shows the question; the focus goes to the list when it is new.
func (r *reasons) redraw(was bool) {
	c, m := r.at, r.model
	key := "dropoff.why"
	if m.Chosen != "" {
		key = "dropoff.why.counter"
	}
	if !was {
		r.chosen = 0
	}
	r.what.Set(c.say(key, language.Args{"Code": m.Asking.Grouped()}))
	r.body.Set(c.say(key + ".body"))
	r.take.Set(c.say("dropoff.why.do"), "Enter")
	r.leave.Set(c.say("dropoff.why.leave"), "Esc")
	r.draw()
	r.flow.Refresh()
	if !was {
		c.Focus(r.list)
	}
}

// savePath asks where a slip is saved.
type savePath struct {
	model  *viewmodel.DropOff
	open   bool
	number string
	label  *widgets.Paragraph
	path   *widgets.Entry
	do     *widgets.Button
	leave  *widgets.Button
	column *widgets.Column
}

func newSavePath(at *Context, model *viewmodel.DropOff) *savePath {
	kit := at.Kit
	s := &savePath{model: model}
	s.label = widgets.NewParagraph(kit, theme.Body, theme.Text, true)
	s.path = widgets.NewEntry(kit)
	s.path.OnKey = func(ev *fyne.KeyEvent) bool {
		if enter := ev.Name == fyne.KeyReturn || ev.Name == fyne.KeyEnter; enter {
			s.save()
			return true
		}
		return false
	}
	s.do = widgets.NewButton(kit, widgets.Primary, "file-down", s.save)
	s.leave = widgets.NewButton(kit, widgets.Plain, "", func() { s.set(false) })
	s.column = widgets.NewColumn(kit, theme.Unit, s.label, s.path, widgets.NewRow(kit, theme.Unit, s.do, s.leave)).
		On(theme.Surface, 2*theme.Unit).Edged(theme.Line)
	s.column.Hide()
	return s
}

func (s *savePath) save() {
	path := s.path.Text
	s.open = false
	s.model.SaveSlip(path)
}

func (s *savePath) set(open bool) {
	s.open, s.number = open, s.model.Chosen
	s.model.Changed()
}

func (s *savePath) redraw(c *Context) {
	s.open = s.open && s.number == s.model.Chosen && s.number != ""
	show(s.column, s.open)
	s.label.Set(c.say("dropoff.save.where"))
	s.do.Set(c.say("dropoff.save"), "Enter")
	s.leave.Set(c.say("dropoff.why.leave"), "Esc")
}
