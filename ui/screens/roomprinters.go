package screens

import (
	"fyne.io/fyne/v2"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/widgets"
)

// roomPrinters is the section of the printers: a card each, and below, for
// admins, how to set another one up.
type roomPrinters struct {
	roomPage
	model *viewmodel.Room

	told    *station.PrinterSetup // the last removal that was shown
	removed *widgets.Column
	gone    *widgets.Paragraph
	undo    *widgets.Button
	list    *widgets.Column
	cards   []*printerCard
	empty   *widgets.Paragraph

	more    *widgets.Column // setting up, for admins
	adding  *widgets.Paragraph
	look    *widgets.Button
	looked  *widgets.Paragraph
	founds  *widgets.Column
	rows    []*foundRow
	byHand  *widgets.Paragraph
	address *widgets.Entry
	ask     *widgets.Button
	probe   *probeCard
	admins  *widgets.Paragraph
}

func newRoomPrinters(at *Context, m *viewmodel.Room) *roomPrinters {
	r := &roomPrinters{model: m}
	kit := at.Kit
	r.gone = widgets.NewParagraph(kit, theme.Body, theme.Text, true)
	r.undo = widgets.NewButton(kit, widgets.Plain, "undo-2", m.Undo)
	r.removed = widgets.NewColumn(kit, theme.Unit, sideBySide(kit, r.gone, r.undo)).On(theme.AccentSoft, 2*theme.Unit)
	r.list = widgets.NewColumn(kit, 2*theme.Unit)
	r.empty = widgets.NewParagraph(kit, theme.Body, theme.Muted, false)
	r.admins = widgets.NewParagraph(kit, theme.Caption, theme.Muted, false)
	r.buildAdding(at)
	r.roomPage = newRoomPage(at, m, r.removed, r.list, r.empty, r.more, r.admins)
	for _, b := range []*widgets.Button{r.undo, r.look, r.ask} {
		r.follow(b)
	}
	r.address.OnFocus = func() { r.page.Reveal(r.address) }
	r.probe.follow(r)
	return r
}

func (r *roomPrinters) buildAdding(at *Context) {
	kit, m := at.Kit, r.model
	r.adding = widgets.NewParagraph(kit, theme.Strong, theme.Text, true)
	r.look = widgets.NewButton(kit, widgets.Plain, "search", m.Look)
	r.looked = widgets.NewParagraph(kit, theme.Body, theme.Muted, false)
	r.founds = widgets.NewColumn(kit, theme.Unit)
	r.byHand = widgets.NewParagraph(kit, theme.Body, theme.Muted, false)
	r.address = widgets.NewEntry(kit)
	r.address.OnChanged = m.Type
	r.address.OnKey = func(ev *fyne.KeyEvent) bool {
		if ev.Name == fyne.KeyReturn || ev.Name == fyne.KeyEnter {
			m.Ask()
			return true
		}
		return false
	}
	r.ask = widgets.NewButton(kit, widgets.Plain, "arrow-right", m.Ask)
	r.probe = newProbeCard(at, m)
	r.more = widgets.NewColumn(kit, 2*theme.Unit,
		sideBySide(kit, r.adding, r.look), r.looked, r.founds, r.byHand, fieldWith(kit, r.address, r.ask), r.probe.column)
}

// follow keeps a button in sight while it has the focus.
func (r *roomPrinters) follow(b *widgets.Button) {
	b.OnFocus = func() { r.page.Reveal(b) }
}

func (r *roomPrinters) first() fyne.Focusable {
	for _, c := range r.cards {
		if b := c.first(); b != nil {
			return b
		}
	}
	if r.more.Visible() {
		return r.look
	}
	return nil
}

func (r *roomPrinters) redraw() {
	m, c := r.model, r.at
	r.head(m)
	show(r.removed, m.Removed != nil && m.Admin())
	if m.Removed != nil {
		r.gone.Set(c.say("room.removed", language.Args{"Printer": m.Removed.Name}))
		r.undo.Set(c.say("room.undo"), "Ctrl+Z")
	}
	r.redrawCards()
	r.empty.Set(c.say("room.noprinters"))
	show(r.empty, len(m.Printers) == 0)
	r.admins.Set(c.say("room.admins"))
	show(r.admins, !m.Admin())
	show(r.more, m.Admin())
	if m.Admin() {
		r.redrawAdding()
	}
	if m.Removed != r.told && m.Removed != nil && m.Admin() { // its card, with the button that was pressed, is gone
		r.at.Focus(r.undo)
	}
	r.told = m.Removed
	if r.probe.arrived() { // where the person is to look next
		r.page.Refresh()
		r.page.Reveal(r.probe.column)
		r.at.Focus(r.probe.refuse) // nobody sets a printer up by an Enter too many
	}
}

func (r *roomPrinters) redrawCards() {
	m := r.model
	if len(r.cards) != len(m.Printers) {
		for len(r.cards) < len(m.Printers) {
			card := newPrinterCard(r.at, m)
			for _, b := range []*widgets.Button{card.choose, card.test, card.remove, card.yes, card.no} {
				r.follow(b)
			}
			r.cards = append(r.cards, card)
		}
		r.cards = r.cards[:len(m.Printers)]
		items := make([]fyne.CanvasObject, len(r.cards))
		for i, card := range r.cards {
			items[i] = card.column
		}
		r.list.Set(items...)
	}
	for i := range r.cards {
		r.cards[i].show(&m.Printers[i])
	}
	r.list.Refresh()
}

func (r *roomPrinters) redrawAdding() {
	m, c := r.model, r.at
	r.adding.Set(c.say("room.add"))
	label, icon := c.say("room.look"), "search"
	if m.Looking {
		label, icon = c.say("room.looking"), "loader-circle"
	}
	r.look.SetIcon(icon)
	r.look.Set(label, "F5")
	r.look.Enable(m.CanLook())
	switch {
	case m.Looking:
		r.looked.Set(c.say("room.looking.under"))
	case m.Looked:
		r.looked.Set(c.say("room.looked", language.Args{"Count": len(m.Found)}))
	default:
		r.looked.Set(c.say("room.look.under"))
	}
	r.redrawFound()
	r.byHand.Set(c.say("room.byhand"))
	r.address.SetPlaceHolder(c.say("room.address"))
	if r.address.Text != m.Address {
		r.address.SetText(m.Address)
	}
	asking, icon := c.say("room.ask"), "arrow-right"
	if m.Probing {
		asking, icon = c.say("room.asking"), "loader-circle"
	}
	r.ask.SetIcon(icon)
	r.ask.Set(asking, "")
	r.ask.Enable(m.CanAsk())
	r.probe.redraw()
	r.more.Refresh()
}

func (r *roomPrinters) redrawFound() {
	m := r.model
	if len(r.rows) != len(m.Found) {
		r.rows = nil
		items := make([]fyne.CanvasObject, len(m.Found))
		for i := range m.Found {
			row := newFoundRow(r.at, m)
			r.follow(row.set)
			r.rows, items[i] = append(r.rows, row), row.column
		}
		r.founds.Set(items...)
	}
	for i, row := range r.rows {
		row.show(m.Found[i], m.Known(m.Found[i].URI))
	}
	show(r.founds, len(r.rows) > 0)
	r.founds.Refresh()
}

func bad(l station.Lamp) bool { return l == station.LampBad }

// sideBySide puts a button at the right of a text.
func sideBySide(kit *widgets.Kit, text *widgets.Paragraph, b fyne.CanvasObject) fyne.CanvasObject {
	return widgets.NewPair(kit, text, b)
}

// fieldWith puts a button at the right of a field, as high as it.
func fieldWith(kit *widgets.Kit, field, b fyne.CanvasObject) fyne.CanvasObject {
	return widgets.NewPair(kit, field, b)
}
