package screens

import "fyne.io/fyne/v2"

// Back implements Screen: it closes the export, the access, a running
// verification, then what was chosen.
func (j *Journal) Back() bool {
	m := j.model
	switch {
	case j.export.unask():
		return true
	case j.export.open:
		j.export.set(false)
	case m.Shut():
	case m.StopVerifying(), m.StopPreparing():
	case m.Fault != nil || m.Exported != nil || m.Archived != nil || m.Verified:
		m.Dismiss()
	case m.Clear():
		j.letter.SetText("")
	default:
		return false
	}
	j.Focus()
	return true
}

// Shortcuts implements Screen.
func (j *Journal) Shortcuts() []Shortcut {
	ctrl, m := fyne.KeyModifierControl, j.model
	mine := func(do func()) func() {
		return func() {
			if m.Permitted {
				do()
			}
		}
	}
	to := func(o fyne.Focusable) func() { return mine(func() { j.at.Focus(o) }) }
	return []Shortcut{
		{Key: fyne.KeyF5, Shown: "F5", Message: "journal.key.again", Do: m.Reload},
		{Key: fyne.KeyF8, Shown: "F8", Message: "journal.key.verify", Do: m.Verify},
		{Key: fyne.KeyE, Modifier: ctrl, Shown: "Ctrl+E", Message: "journal.key.export", Do: mine(func() { j.export.set(true) })},
		{Key: fyne.KeyF, Modifier: ctrl, Shown: "Ctrl+F", Message: "journal.key.letter", Do: to(j.letter)},
		{Key: fyne.KeyU, Modifier: ctrl, Shown: "Ctrl+U", Message: "journal.key.unusual", Do: mine(func() { m.SetUnusual(!m.Filter.Unusual) })},
		{Key: fyne.KeyG, Modifier: ctrl, Shown: "Ctrl+G", Message: "journal.key.people", Do: to(j.people)},
		{Key: fyne.KeyO, Modifier: ctrl, Shown: "Ctrl+O", Message: "journal.key.action", Do: to(j.action)},
		{Key: fyne.KeyD, Modifier: ctrl, Shown: "Ctrl+D", Message: "journal.key.period", Do: mine(func() { j.at.Focus(j.times.focus()) })},
		{Key: fyne.KeyLeft, Modifier: fyne.KeyModifierAlt, Shown: "Alt+←", Message: "journal.key.before", Do: func() { m.Step(-1) }},
		{Key: fyne.KeyRight, Modifier: fyne.KeyModifierAlt, Shown: "Alt+→", Message: "journal.key.after", Do: func() { m.Step(1) }},
		{Key: fyne.KeyH, Modifier: ctrl, Shown: "Ctrl+H", Message: "journal.key.picture", Do: to(j.hours)},
		{Key: fyne.KeyT, Modifier: ctrl, Shown: "Ctrl+T", Message: "journal.key.table", Do: to(j.table)},
		{Key: fyne.KeyReturn, Shown: "Enter", Message: "journal.key.open"},
		{Key: fyne.KeyR, Modifier: ctrl, Shown: "Ctrl+R", Message: "journal.key.conclude", Do: mine(j.entry.startConclusion)},
	}
}

// letterKey looks the typed text up, and lets the arrows go on to the rows.
func (j *Journal) letterKey(ev *fyne.KeyEvent) bool {
	switch ev.Name {
	case fyne.KeyReturn, fyne.KeyEnter:
		j.model.FindLetter(j.letter.Text)
		return true
	case fyne.KeyDown:
		if j.model.Count() > 0 {
			j.at.Focus(j.table)
		}
		return true
	}
	return false
}
