package screens

import (
	"fyne.io/fyne/v2"

	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/ui/widgets"
)

// focused is the letter whose field has the focus, "" for none.
func (p *proof) focused() postal.AttemptCode {
	focus := p.at.Focused()
	for _, l := range p.lines {
		if l.back.Visible() && focus == fyne.Focusable(l.field) {
			return l.attempt
		}
	}
	return ""
}

// holdsFocus tells whether the focus is on a part of the open picture.
func (p *proof) holdsFocus() bool {
	focus := p.at.Focused()
	if focus == nil || p.focused() != "" {
		return true
	}
	for _, o := range append([]*widgets.Button{p.keep, p.away}, p.tools...) {
		if focus == fyne.Focusable(o) {
			return true
		}
	}
	return focus == fyne.Focusable(p.photo) || focus == fyne.Focusable(p.vouch)
}

// handOver moves the focus to what is to be done with a picture that has come,
// from what led to it.
func (p *proof) handOver() {
	m, came := p.model, false
	came, p.shown = m.Picture != nil && !m.Loading && !p.shown, m.Picture != nil && !m.Loading
	focus := p.at.Focused()
	if !came || focus != nil && focus != fyne.Focusable(p.disk.table) && focus != fyne.Focusable(p.disk.open) && focus != fyne.Focusable(p.path) && focus != fyne.Focusable(p.take) && focus != fyne.Focusable(p.browse) && focus != fyne.Focusable(p.scans) {
		return
	}
	if m.Missing() > 0 {
		p.focusMissing()
	} else {
		p.at.Focus(p.keep)
	}
}

// askFile lets a person choose a file.
func (p *proof) askFile() {
	if p.model.Open() {
		return
	}
	if p.browse.Visible() && p.idle.Visible() {
		p.disk.model.Show("")
	}
}

// askPath leads to the field for a file's path.
func (p *proof) askPath() {
	if p.idle.Visible() && p.path.Visible() {
		p.at.Focus(p.path)
	}
}

// focusMissing goes to the first field that is still empty, or to the next one.
func (p *proof) focusMissing() {
	now, first := p.focused(), true
	var to *proofLine
	for _, l := range p.lines {
		if !l.back.Visible() || !l.field.Visible() {
			continue
		}
		if first {
			to, first = l, false
		}
		if now != "" && l.attempt == now {
			now, first = "", true // the one after it
		}
	}
	if to != nil {
		p.at.Focus(to.field)
	}
}
