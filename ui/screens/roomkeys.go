package screens

import (
	"fyne.io/fyne/v2"

	"espero-soft.com/printroom/ui/viewmodel"
)

// Back implements Screen: it takes back a question, then what an address
// showed, then goes to the list.
func (r *Room) Back() bool {
	m := r.model
	switch {
	case m.Removing != "":
		m.Remove("")
	case m.Probe != nil || m.Probing:
		m.Refuse()
	default:
		return false
	}
	r.Focus()
	return true
}

// Shortcuts implements Screen.
func (r *Room) Shortcuts() []Shortcut {
	ctrl, m := fyne.KeyModifierControl, r.model
	return []Shortcut{
		{Key: fyne.KeyF5, Shown: "F5", Message: "key.room.refresh", Do: r.refresh},
		{Key: fyne.KeyG, Modifier: ctrl, Shown: "Ctrl+G", Message: "key.room.sections", Do: r.Focus},
		{Key: fyne.KeyT, Modifier: ctrl, Shown: "Ctrl+T", Message: "key.room.part", Do: r.into},
		{Key: fyne.KeyN, Modifier: ctrl, Shown: "Ctrl+N", Message: "key.room.address", Do: r.toAddress},
		{Key: fyne.KeyC, Modifier: ctrl | fyne.KeyModifierShift, Shown: "Ctrl+Shift+C", Message: "key.room.copy", Do: r.copyAll},
		{Key: fyne.KeyZ, Modifier: ctrl, Shown: "Ctrl+Z", Message: "key.room.undo", Do: m.Undo},
		{Key: fyne.KeyRight, Shown: "→", Do: r.into},
		{Key: fyne.KeyPageDown, Shown: "PgDn", Message: "key.room.down", Do: func() { r.parts[r.shown].flow().Page(1) }},
		{Key: fyne.KeyPageUp, Shown: "PgUp", Message: "key.room.up", Do: func() { r.parts[r.shown].flow().Page(-1) }},
	}
}

// refresh looks at the network where printers are shown, and reads anew
// elsewhere.
func (r *Room) refresh() {
	if r.model.Section == viewmodel.SectionPrinters && r.model.Admin() {
		r.model.Look()
		return
	}
	r.model.Read()
}

// into goes on from the list to the part that it chose.
func (r *Room) into() {
	if first := r.parts[r.shown].first(); first != nil {
		r.at.Focus(first)
	}
}

// copyAll copies the diagnostics, where it can be seen that they were.
func (r *Room) copyAll() {
	r.model.Go(viewmodel.SectionDiagnostics)
	if d, ok := r.parts[viewmodel.SectionDiagnostics].(*roomDiagnostics); ok {
		d.copyAll()
	}
}

// toAddress goes to the field for a printer's address.
func (r *Room) toAddress() {
	if !r.model.Admin() {
		return
	}
	r.model.Go(viewmodel.SectionPrinters)
	if p, ok := r.parts[viewmodel.SectionPrinters].(*roomPrinters); ok {
		r.at.Focus(p.address)
	}
}
