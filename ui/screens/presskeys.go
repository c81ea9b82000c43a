package screens

import (
	"fyne.io/fyne/v2"

	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/widgets"
)

// Back implements Screen: it lets the letter print, goes back one step of the
// question, puts a fault away.
func (p *Press) Back() bool {
	m := p.model
	switch {
	case m.CallOff != "":
		m.LeaveCall()
	case m.Back():
	case m.Fault != nil:
		m.Dismiss()
	default:
		return false
	}
	return true
}

// Shortcuts implements Screen. The letters alone act only while nobody types
// into a field.
func (p *Press) Shortcuts() []Shortcut {
	ctrl, m := fyne.KeyModifierControl, p.model
	return []Shortcut{
		{Key: fyne.KeyO, Shown: "O", Message: "key.press.ok", Do: p.unlessTyping(m.OK)},
		{Key: fyne.KeyR, Shown: "R", Message: "key.press.reprint", Do: p.unlessTyping(m.Reprint)},
		{Key: fyne.KeyP, Shown: "P", Message: "key.press.pull", Do: p.unlessTyping(m.Pull)},
		{Key: fyne.KeyT, Shown: "T", Message: "key.press.retry", Do: p.unlessTyping(m.Retry)},
		{Key: fyne.KeyReturn, Shown: "Enter", Message: "key.press.decide"},
		{Key: fyne.KeyP, Modifier: ctrl, Shown: "Ctrl+P", Message: "key.press.goon", Do: m.GoOn},
		{Key: fyne.KeyS, Modifier: ctrl, Shown: "Ctrl+S", Message: "key.press.stop", Do: m.Stop},
		{Key: fyne.KeyK, Modifier: ctrl, Shown: "Ctrl+K", Message: "key.press.call", Do: m.AskCall},
		{Key: fyne.KeyG, Modifier: ctrl, Shown: "Ctrl+G", Message: "key.press.piles", Do: p.toPiles},
		{Key: fyne.KeyT, Modifier: ctrl, Shown: "Ctrl+T", Message: "key.table", Do: func() { p.at.Focus(p.table) }},
		{Key: fyne.KeyU, Modifier: ctrl, Shown: "Ctrl+U", Message: "key.press.uncertain", Do: p.toUncertain},
	}
}

func (p *Press) unlessTyping(do func()) func() {
	return func() {
		switch p.at.Focused().(type) {
		case *widgets.PIN, *widgets.Entry:
		default:
			do()
		}
	}
}

func (p *Press) toPiles() {
	if p.side.Visible() {
		p.at.Focus(p.piles)
		return
	}
	p.at.Focus(p.tabs)
}

func (p *Press) toUncertain() {
	p.model.Look(viewmodel.PileKey{Kind: viewmodel.PileUncertain})
	p.Focus()
}
