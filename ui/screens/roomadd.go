package screens

import (
	"strings"

	"espero-soft.com/printroom/printer/discovery"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/widgets"
)

// foundRow is a printer that answered on the network.
type foundRow struct {
	at     *Context
	found  discovery.Found
	name   *widgets.Paragraph
	under  *widgets.Paragraph
	set    *widgets.Button
	chip   *widgets.Chip
	column *widgets.Column
}

func newFoundRow(at *Context, m *viewmodel.Room) *foundRow {
	kit := at.Kit
	r := &foundRow{at: at}
	r.name = widgets.NewParagraph(kit, theme.Body, theme.Text, true)
	r.under = widgets.NewParagraph(kit, theme.Caption, theme.Muted, false)
	r.set = widgets.NewButton(kit, widgets.Plain, "plus", func() { m.SetUp(r.found) })
	r.chip = widgets.NewChip(kit)
	right := widgets.NewRow(kit, theme.Unit, r.chip, r.set)
	r.column = widgets.NewColumn(kit, 0, widgets.NewPair(kit, widgets.NewColumn(kit, 0, r.name, r.under), right)).
		On(theme.Surface, 12).Edged(theme.Line)
	return r
}

func (r *foundRow) show(f discovery.Found, known bool) {
	r.found = f
	plain := strings.HasPrefix(f.URI, "ipp:") && !strings.Contains(f.URI, "//127.0.0.1")
	r.name.Set(f.Name)
	under := f.URI
	if f.Model != "" && f.Model != f.Name {
		under = f.Model + " · " + f.URI
	}
	r.under.Set(under)
	show(r.set, !known && !plain)
	show(r.chip, known || plain)
	r.set.Set(r.at.say("room.setup"), "")
	if known {
		r.chip.Set(r.at.say("room.known"), widgets.Calm("check"))
	} else {
		r.chip.Set(r.at.say("room.plain"), widgets.Warn("lock-open"))
	}
	r.column.Refresh()
}

// probeCard is what an address showed, for an admin to compare.
type probeCard struct {
	at    *Context
	model *viewmodel.Room

	title   *widgets.Paragraph
	how     *widgets.Paragraph
	label   *widgets.Paragraph
	print   *widgets.Paragraph
	facts   *widgets.Facts
	lacks   *widgets.Notice
	naming  *widgets.Paragraph
	name    *widgets.Entry
	add     *widgets.Button
	refuse  *widgets.Button
	buttons *widgets.Row
	column  *widgets.Column
	told    *station.PrinterProbe // what was shown when arrived was last asked
}

func newProbeCard(at *Context, m *viewmodel.Room) *probeCard {
	p := &probeCard{at: at, model: m}
	kit := at.Kit
	p.title = widgets.NewParagraph(kit, theme.Strong, theme.Text, true)
	p.how = widgets.NewParagraph(kit, theme.Body, theme.Text, false)
	p.label = widgets.NewParagraph(kit, theme.Caption, theme.Muted, false)
	p.print = widgets.NewParagraph(kit, theme.Title, theme.Text, true)
	p.facts = widgets.NewFacts(kit, 152)
	p.lacks = widgets.NewNotice(kit, nil)
	p.naming = widgets.NewParagraph(kit, theme.Body, theme.Muted, false)
	p.name = widgets.NewEntry(kit)
	p.name.OnChanged = m.Title
	p.add = widgets.NewButton(kit, widgets.Primary, "check", m.Add)
	p.refuse = widgets.NewButton(kit, widgets.Plain, "", m.Refuse)
	p.buttons = widgets.NewRow(kit, theme.Unit, p.add, p.refuse)
	compare := widgets.NewColumn(kit, 4, p.label, p.print).On(theme.AccentSoft, 2*theme.Unit)
	p.column = widgets.NewColumn(kit, 2*theme.Unit, p.title, p.how, compare, p.facts, p.lacks,
		widgets.NewColumn(kit, 4, p.naming, p.name), p.buttons).On(theme.Surface, 2*theme.Unit).Edged(theme.Accent)
	return p
}

// follow keeps its parts in sight while they have the focus.
func (p *probeCard) follow(r *roomPrinters) {
	r.follow(p.add)
	r.follow(p.refuse)
	p.name.OnFocus = func() { r.page.Reveal(p.name) }
}

func (p *probeCard) redraw() {
	m, c := p.model, p.at
	show(p.column, m.Probe != nil)
	if m.Probe == nil {
		return
	}
	p.title.Set(c.say("room.probe.title"))
	p.redrawPrint()
	facts := []widgets.Fact{{Name: c.say("room.fact.model"), Value: m.Probe.Model}, {Name: c.say("room.fact.address"), Value: m.Probe.URI}}
	facts = append(facts, c.abilities(&m.Probe.Can)...)
	if !m.Probe.Until.IsZero() {
		facts = append(facts, widgets.Fact{Name: c.say("room.fact.certificate"), Value: c.say("room.until", language.Args{"Day": c.date(m.Probe.Until)}), Under: m.Probe.Subject},
			widgets.Fact{Name: c.say("room.fact.key"), Value: halves(fingerprint(m.Probe.Pin))})
	}
	p.facts.Set(facts...)
	p.lacks.Hide()
	if lack := m.Lacks(); lack != "" {
		p.lacks.Set(widgets.Danger("octagon-alert"), c.say("room.lacks"), c.say("room.lacks.under", language.Args{"Attribute": lack}), "", widgets.NoticeWords{})
	}
	p.naming.Set(c.say("room.name"))
	if p.name.Text != m.Name {
		p.name.SetText(m.Name)
	}
	label, icon := c.say("room.probe.add"), "check"
	if m.Adding {
		label, icon = c.say("room.probe.adding"), "loader-circle"
	}
	p.add.SetIcon(icon)
	p.add.Set(label, "")
	p.add.Enable(m.CanAdd())
	p.refuse.Set(c.say("room.probe.refuse"), "Esc")
	p.buttons.Refresh()
	p.column.Refresh()
}

// arrived tells, once, that an address has shown something new.
func (p *probeCard) arrived() bool {
	before := p.told
	p.told = p.model.Probe
	return p.told != nil && p.told != before
}

// redrawPrint shows what is to be compared, or that there is nothing to.
func (p *probeCard) redrawPrint() {
	m, c := p.model, p.at
	if m.Probe.Fingerprint == [32]byte{} {
		p.how.Set(c.say("room.probe.none"))
		p.label.Set("")
		p.print.Set(c.say("room.probe.here"))
		return
	}
	p.how.Set(c.say("room.probe.how"))
	p.label.Set(c.say("room.probe.label"))
	p.print.Set(halves(fingerprint(m.Probe.Fingerprint)))
}
