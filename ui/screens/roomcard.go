package screens

import (
	"slices"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"

	"espero-soft.com/printroom/printer/device"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/widgets"
)

// printerCard is one printer that was set up.
type printerCard struct {
	at    *Context
	model *viewmodel.Room
	id    string // of the printer it shows

	name     *widgets.Paragraph
	state    *widgets.Chip
	chosen   *widgets.Chip
	chips    *widgets.Row
	under    *widgets.Paragraph
	cause    *widgets.Notice
	facts    *widgets.Facts
	choose   *widgets.Button
	test     *widgets.Button
	remove   *widgets.Button
	buttons  *widgets.Row
	question *widgets.Paragraph
	yes, no  *widgets.Button
	answers  *widgets.Row
	fixed    *widgets.Paragraph
	column   *widgets.Column
}

func newPrinterCard(at *Context, m *viewmodel.Room) *printerCard {
	c := &printerCard{at: at, model: m}
	kit := at.Kit
	c.name = widgets.NewParagraph(kit, theme.Strong, theme.Text, true)
	c.state, c.chosen = widgets.NewChip(kit), widgets.NewChip(kit)
	c.chips = widgets.NewRow(kit, theme.Unit, c.chosen, c.state)
	c.under = widgets.NewParagraph(kit, theme.Body, theme.Muted, false)
	c.cause = widgets.NewNotice(kit, nil)
	c.cause.OnCopy = at.Copy
	c.facts = widgets.NewFacts(kit, 152)
	c.choose = widgets.NewButton(kit, widgets.Plain, "check", func() { m.Choose(c.id) })
	c.test = widgets.NewButton(kit, widgets.Plain, "printer-check", func() { m.Test(c.id) })
	c.remove = widgets.NewButton(kit, widgets.Plain, "trash-2", func() {
		m.Remove(c.id)
		at.Focus(c.no) // the answer that changes nothing
	})
	c.buttons = widgets.NewRow(kit, theme.Unit, c.choose, c.test, c.remove)
	c.question = widgets.NewParagraph(kit, theme.Body, theme.Text, true)
	c.yes = widgets.NewButton(kit, widgets.Grave, "trash-2", m.Confirm)
	c.no = widgets.NewButton(kit, widgets.Plain, "", func() {
		m.Remove("")
		at.Focus(c.remove)
	})
	c.answers = widgets.NewRow(kit, theme.Unit, c.no, c.yes)
	c.fixed = widgets.NewParagraph(kit, theme.Caption, theme.Muted, false)
	head := widgets.NewColumn(kit, 4, widgets.NewPair(kit, c.name, c.chips), c.under)
	c.column = card(kit, head, c.cause, c.facts, c.fixed, c.buttons, c.question, c.answers)
	return c
}

// first is the first of its buttons that can be pressed, nil for none.
func (c *printerCard) first() fyne.Focusable {
	for _, b := range []*widgets.Button{c.choose, c.test, c.remove} {
		if c.buttons.Visible() && b.Visible() && b.Enabled() {
			return b
		}
	}
	return nil
}

func (c *printerCard) show(p *station.Printer) {
	c.id = p.ID
	at := c.at
	c.name.Set(p.Name)
	word, mood := at.printerState(p)
	c.state.Set(word, mood)
	c.chosen.Set(at.say("room.chosen"), widgets.Busy("check"))
	show(c.chosen, p.Chosen)
	c.chips.Refresh()
	model := p.Model
	if model == "" {
		model = at.say("room.model.unknown")
	}
	c.under.Set(model)
	c.redrawCause(p)
	c.facts.Set(c.factsOf(p)...)
	c.fixed.Set(at.say("room.fixed"))
	show(c.fixed, p.Fixed && c.model.Admin())
	c.redrawActions(p)
	edge := theme.Line
	if p.Chosen {
		edge = theme.Accent
	}
	c.column.Edged(edge).Refresh()
}

// redrawCause says what keeps the printer from printing, and what to do; and
// what it will want soon.
func (c *printerCard) redrawCause(p *station.Printer) {
	at := c.at
	var what, do []string
	for _, code := range p.Reasons {
		what, do = append(what, at.say("device."+code+".what")), append(do, at.say("device."+code+".do"))
	}
	stopped := p.Fault != nil && p.Fault.Code == station.PrinterStopped && len(what) > 0
	switch {
	case p.Fault != nil && !stopped:
		at.notice(c.cause, p.Fault)
	case len(what) > 0:
		mood := widgets.Warn("triangle-alert")
		if stopped || device.NeedsPerson(p.Reasons[0]) {
			mood = widgets.Danger("octagon-alert")
		}
		c.cause.Set(mood, strings.Join(what, " · "), strings.Join(slices.Compact(do), " "), "", widgets.NoticeWords{})
	default:
		c.cause.Hide()
	}
}

func (c *printerCard) factsOf(p *station.Printer) []widgets.Fact {
	at, t := c.at, c.at.Texts()
	tested := widgets.Fact{Name: at.say("room.fact.tested"), Value: at.say("room.never"), Under: at.say("room.never.under")}
	if !p.TestedAt.IsZero() {
		tested.Value, tested.Under = t.Moment(p.TestedAt, at.Now()), ""
	}
	if c.model.Told == p.ID {
		tested.Under = at.say("room.told")
	}
	facts := []widgets.Fact{}
	if p.Can != nil {
		facts = append(facts, at.abilities(p.Can)...)
	}
	address := widgets.Fact{Name: at.say("room.fact.address"), Value: p.URI}
	if p.Pin != [32]byte{} && c.model.Admin() {
		address.Under = at.say("room.pin", language.Args{"Key": halves(fingerprint(p.Pin))})
	}
	return append(facts, tested, address)
}

func (c *printerCard) redrawActions(p *station.Printer) {
	m, at := c.model, c.at
	asked := m.Removing == p.ID
	show(c.buttons, !asked && (m.Admin() || m.MayChoose() && !p.Chosen))
	show(c.question, asked)
	show(c.answers, asked)
	show(c.choose, !p.Chosen && m.MayChoose())
	show(c.test, m.Admin())
	show(c.remove, m.Admin() && !p.Fixed)
	c.choose.Set(at.say("room.choose"), "")
	c.choose.Enable(m.Busy[p.ID] == "")
	testing, icon := at.say("room.test"), "printer-check"
	if m.Busy[p.ID] == viewmodel.DoingTest {
		testing, icon = at.say("room.testing"), "loader-circle"
	}
	c.test.SetIcon(icon)
	c.test.Set(testing, "")
	c.test.Enable(m.CanTest(p.ID))
	c.remove.Set(at.say("room.remove"), "")
	c.remove.Enable(m.CanRemove(p.ID))
	c.question.Set(at.say("room.remove.ask", language.Args{"Printer": p.Name}))
	c.yes.Set(at.say("room.remove.yes", language.Args{"Printer": p.Name}), "")
	c.no.Set(at.say("room.remove.no"), "Esc")
	c.buttons.Refresh()
	c.answers.Refresh()
}

// abilities are what a printer says that it can do and what it has loaded.
func (c *Context) abilities(can *device.Capabilities) []widgets.Fact {
	var loaded, dpi []string
	for _, m := range can.MediaReady {
		loaded = append(loaded, c.medium(m))
	}
	for _, d := range can.DPI {
		dpi = append(dpi, strconv.Itoa(d))
	}
	sides, ink := "one", "black"
	if slices.Contains(can.Sides, device.TwoSidedLongEdge) {
		sides = "two"
	}
	if can.Colour {
		ink = "colour"
	}
	return []widgets.Fact{
		{Name: c.say("room.fact.loaded"), Value: few(loaded)},
		{Name: c.say("room.fact.prints"), Value: c.say("room.sides."+sides) + " · " + c.say("room.ink."+ink) +
			" · " + c.say("room.dpi", language.Args{"Dots": few(dpi)})},
	}
}
