package screens

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/widgets"
)

// machine is the printer and the batch that runs on it.
type machine struct {
	at    *Context
	model *viewmodel.Press

	name   *widgets.Paragraph
	make   *widgets.Paragraph // make and model, and what is loaded
	chip   *widgets.Chip
	causes [2]*widgets.Notice // the worst two
	letter *widgets.Meter
	batch  *widgets.Meter
	stop   *widgets.Button
	call   *widgets.Button
	goOn   *widgets.Button
	ask    *widgets.Paragraph
	sure   *widgets.Button
	leave  *widgets.Button
	acts   *widgets.Bank
	answer *widgets.Bank
	head   *fyne.Container
	column *widgets.Column
}

func newMachine(at *Context, model *viewmodel.Press) *machine {
	m := &machine{at: at, model: model}
	kit := at.Kit
	m.name = widgets.NewParagraph(kit, theme.Strong, theme.Text, true)
	m.make = widgets.NewParagraph(kit, theme.Caption, theme.Muted, false)
	m.chip = widgets.NewChip(kit)
	for i := range m.causes {
		m.causes[i] = widgets.NewNotice(kit, nil)
		m.causes[i].OnCopy = at.Copy
	}
	m.letter, m.batch = widgets.NewMeter(kit), widgets.NewMeter(kit)
	m.stop = widgets.NewButton(kit, widgets.Plain, "circle-stop", model.Stop)
	m.call = widgets.NewButton(kit, widgets.Plain, "ban", model.AskCall)
	m.goOn = widgets.NewButton(kit, widgets.Primary, "play", model.GoOn).Tall()
	m.ask = widgets.NewParagraph(kit, theme.Body, theme.Danger, true)
	m.sure = widgets.NewButton(kit, widgets.Grave, "ban", model.Call)
	m.leave = widgets.NewButton(kit, widgets.Plain, "printer", model.LeaveCall)
	m.acts, m.answer = widgets.NewBank(m.stop, m.call), widgets.NewBank(m.sure, m.leave)
	m.head = container.New(widgets.Arrange{Place: m.placeHead, Least: m.leastHead}, m.name, m.make, m.chip)
	m.column = widgets.NewColumn(kit, 12, m.head, m.causes[0], m.causes[1], m.letter, m.batch, m.acts, m.ask, m.answer, m.goOn).
		On(theme.Surface, 2*theme.Unit).Edged(theme.Line)
	return m
}

// buttons are all that can have the focus.
func (m *machine) buttons() []*widgets.Button {
	return []*widgets.Button{m.stop, m.call, m.goOn, m.sure, m.leave}
}

func (m *machine) placeHead(s fyne.Size) {
	chip := m.chip.MinSize()
	room := s.Width - chip.Width - 2*theme.Unit
	name, under := m.name.MinSize().Height, m.make.MinSize().Height
	if m.make.Text() == "" {
		under = 0
	}
	top := (s.Height - name - under) / 2
	widgets.Put(m.name, 0, top, room, name)
	widgets.Put(m.make, 0, top+name, room, under)
	widgets.Put(m.chip, s.Width-chip.Width, (s.Height-chip.Height)/2, chip.Width, chip.Height)
}

func (m *machine) leastHead() fyne.Size {
	h := m.name.MinSize().Height
	if m.make.Text() != "" {
		h += m.make.MinSize().Height
	}
	return fyne.NewSize(m.at.Kit.Theme.Grow(200), max(h, m.chip.MinSize().Height))
}

// large tells whether the text leaves room for the most important only.
func (m *machine) large() bool { return m.at.Kit.Theme.Scale() > 1.25 }

// redraw shows the printer and the batch as they are now.
func (m *machine) redraw() {
	c, p := m.at, m.model.Printer
	name := p.Name
	if name == "" {
		name = c.say("press.printer.none")
	}
	m.name.Set(name)
	about := m.about(&p)
	if m.large() {
		about = "" // the rows need the room
	}
	m.make.Set(about)
	lamp := p.Lamp
	if lamp == "" {
		lamp = station.LampOff
	}
	m.chip.Set(c.say("press.printer."+string(lamp)), printerMood(lamp))
	m.redrawCauses(&p)
	m.redrawBatch()
	m.redrawActs()
	widgets.Relayout(m.head)
	m.column.Refresh()
}

// about is the printer's make and what lies in its trays.
func (m *machine) about(p *station.Printer) string {
	if p.Can == nil || media(p.Can.MediaReady) == "" {
		return p.Model
	}
	loaded := m.at.say("press.printer.loaded", language.Args{"Media": media(p.Can.MediaReady)})
	if p.Model == "" {
		return loaded
	}
	return p.Model + " · " + loaded
}

// redrawCauses shows what the printer needs, the worst first.
func (m *machine) redrawCauses(p *station.Printer) {
	for _, n := range m.causes {
		n.Hide()
	}
	room := len(m.causes)
	if m.large() {
		room = 1
	}
	for i, code := range p.Reasons {
		if i < room {
			what, do := m.at.deviceTexts(code)
			m.causes[i].Set(deviceMood(code), what, do, "", widgets.NoticeWords{})
		}
	}
	if b := m.model.Batch; b != nil && b.Stopped != "" && len(p.Reasons) == 0 {
		m.at.notice(m.causes[0], &station.Fault{Code: b.Stopped})
	} else if m.model.Trouble != nil {
		m.at.notice(m.causes[0], m.model.Trouble)
	}
}

func (m *machine) redrawBatch() {
	b, c := m.model.Batch, m.at
	show(m.letter, b != nil)
	show(m.batch, b != nil)
	if b == nil {
		return
	}
	name, sides, share := c.say("press.meter.preparing"), "", float32(0)
	if b.Current != "" {
		name = c.say("press.meter.letter", language.Args{"Code": b.Current.Grouped()})
	}
	if b.Sides > 0 {
		sides = c.say("press.meter.sides", language.Args{"Done": b.Impressions, "Sides": b.Sides})
		share = float32(b.Impressions) / float32(b.Sides)
	}
	m.letter.Set(name, sides, share)
	whole := float32(b.Done)
	if b.Done < b.Total {
		whole += share // so that the bar moves with long letters
	}
	m.batch.Set(c.say("press.meter.batch"), c.say("press.meter.letters", language.Args{"Count": b.Done, "Total": b.Total}), whole/float32(max(b.Total, 1)))
}

func (m *machine) redrawActs() {
	p, c := m.model, m.at
	asking := p.CallOff != ""
	show(m.acts, p.Batch != nil && !asking)
	show(m.ask, asking)
	show(m.answer, asking)
	stop := c.say("press.stop")
	if p.Batch != nil && p.Batch.Stopping {
		stop = c.say("press.stopping")
	}
	m.stop.Set(stop, "Ctrl+S")
	m.stop.Enable(p.CanStop())
	call, icon := c.say("press.call"), "ban"
	if p.Calling {
		call, icon = c.say("press.calling"), "loader-circle"
	}
	m.call.SetIcon(icon)
	m.call.Set(call, "Ctrl+K")
	m.call.Enable(p.CanCall())
	if asking {
		m.ask.Set(c.say("press.call.ask", language.Args{"Code": p.Batch.Current.Grouped()}))
		m.sure.Set(c.say("press.call.yes"), "")
		m.leave.Set(c.say("press.call.no"), "Esc")
	}
	show(m.goOn, p.Batch == nil && (len(p.Rest()) > 0 || p.Starting))
	label, icon := c.say("press.goon", language.Args{"Count": len(p.Rest())}), "play"
	if p.Starting {
		label, icon = c.say("press.starting"), "loader-circle"
	}
	m.goOn.SetIcon(icon)
	m.goOn.Set(label, "Ctrl+P")
	m.goOn.Enable(p.CanGoOn())
}
