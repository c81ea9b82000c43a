package screens

import (
	"fyne.io/fyne/v2"
)

// Name implements Screen.
func (d *DropOff) Name() string { return "dropoff" }

// Icon implements Screen.
func (d *DropOff) Icon() string { return "package" }

// Content implements Screen.
func (d *DropOff) Content() fyne.CanvasObject { return d.content }

// Focus implements Screen: on what is to be done next.
func (d *DropOff) Focus() {
	if d.waiting = !d.model.Ready; d.waiting {
		return
	}
	switch {
	case d.asking.flow.Visible():
		d.at.Focus(d.asking.list)
	case d.pieces.Visible():
		d.at.Focus(d.pieces)
	default:
		d.at.Focus(d.deposits)
	}
}

// Back implements Screen: it leaves a question, a cut, the picture, a closed
// deposit, in that order.
func (d *DropOff) Back() bool {
	m, p := d.model, d.proof.model
	switch {
	case m.Asking != "" || m.Label != "":
		m.CallOff()
	case d.saving.open:
		d.saving.set(false)
	case d.proof.disk.model.Open:
		d.proof.disk.model.Leave()
	case p.Cropping:
		p.Crop(false)
	case p.Open() && !p.Keeping:
		p.PutAway()
	case m.Chosen != "":
		m.Choose("")
	default:
		return false
	}
	d.Focus()
	return true
}

// Shortcuts implements Screen.
func (d *DropOff) Shortcuts() []Shortcut {
	ctrl, m, p := fyne.KeyModifierControl, d.model, d.proof.model
	return []Shortcut{
		{Key: fyne.KeyD, Modifier: ctrl, Shown: "Ctrl+D", Message: "key.dropoff.close", Do: m.CloseDeposit},
		{Key: fyne.KeyDown, Modifier: ctrl, Shown: "Ctrl+↓", Message: "key.dropoff.next", Do: func() { m.Step(1) }},
		{Key: fyne.KeyUp, Modifier: ctrl, Shown: "Ctrl+↑", Message: "key.dropoff.previous", Do: func() { m.Step(-1) }},
		{Key: fyne.KeyDelete, Shown: "Del", Message: "key.dropoff.out", Do: m.AskOut},
		{Key: fyne.KeyP, Modifier: ctrl, Shown: "Ctrl+P", Message: "key.dropoff.print", Do: m.PrintSlip},
		{Key: fyne.KeyS, Modifier: ctrl, Shown: "Ctrl+S", Message: "key.dropoff.save", Do: d.askPath},
		{Key: fyne.KeyO, Modifier: ctrl, Shown: "Ctrl+O", Message: "key.dropoff.file", Do: d.proof.askFile},
		{Key: fyne.KeyN, Modifier: ctrl, Shown: "Ctrl+N", Message: "key.dropoff.path", Do: d.proof.askPath},
		{Key: fyne.KeyBackspace, Shown: "⌫", Message: "key.dropoff.above", Do: d.proof.disk.above},
		{Shown: "Ctrl+V", Message: "key.dropoff.paste"},
		{Key: fyne.KeyR, Modifier: ctrl, Shown: "Ctrl+R", Message: "key.dropoff.turn", Do: func() { p.Turn(1) }},
		{Key: fyne.KeyB, Modifier: ctrl, Shown: "Ctrl+B", Message: "key.dropoff.crop", Do: d.proof.crop},
		{Key: fyne.KeyM, Modifier: ctrl, Shown: "Ctrl+M", Message: "key.dropoff.missing", Do: d.proof.focusMissing},
		{Key: fyne.KeyK, Modifier: ctrl, Shown: "Ctrl+K", Message: "key.dropoff.keep", Do: p.Keep},
		{Key: fyne.KeyG, Modifier: ctrl, Shown: "Ctrl+G", Message: "key.groups", Do: d.focusProducts},
		{Key: fyne.KeyT, Modifier: ctrl, Shown: "Ctrl+T", Message: "key.table", Do: func() { d.at.Focus(d.pieces) }},
		{Key: fyne.KeyE, Modifier: ctrl, Shown: "Ctrl+E", Message: "key.dropoff.deposits", Do: func() { d.at.Focus(d.deposits) }},
		{Key: fyne.KeyPlus, Modifier: ctrl, Shown: "Ctrl++", Message: "key.larger", Do: func() { p.Magnify(1) }},
		{Key: fyne.KeyEqual, Modifier: ctrl, Do: func() { p.Magnify(1) }},
		{Key: fyne.KeyMinus, Modifier: ctrl, Shown: "Ctrl+−", Message: "key.smaller", Do: func() { p.Magnify(-1) }},
		{Key: fyne.Key0, Modifier: ctrl, Shown: "Ctrl+0", Message: "key.fit", Do: p.Fit},
	}
}

func (d *DropOff) focusProducts() {
	if len(d.products) > 0 && d.side.Visible() {
		d.at.Focus(d.picks[0])
	}
}

// askPath asks where the chosen deposit's slip is saved.
func (d *DropOff) askPath() {
	if d.model.Chosen == "" || d.model.Saving {
		return
	}
	d.saving.path.SetText(d.Suggest(d.model.Chosen))
	d.saving.set(true)
	d.at.Focus(d.saving.path)
}

// Scan takes a code from the hand scanner: a piece's, a label's, a deposit's, or
// a number off the paper of the receipt that is open.
func (d *DropOff) Scan(code string) bool {
	return d.proof.model.Scan(code, d.proof.focused()) || d.model.Scan(code)
}

// Paste takes the files that were copied in a file manager.
func (d *DropOff) Paste(text string) { d.proof.Paste(text) }
