package screens

import (
	"slices"

	"fyne.io/fyne/v2"

	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/widgets"
)

// Back implements Screen: it puts a question away, closes the letter, then
// clears the filter.
func (q *Queue) Back() bool {
	switch {
	case q.model.Leave():
		return true
	case q.preview.Open:
		q.preview.Close()
	case q.filter.Text != "":
		q.filter.SetText("")
	default:
		return false
	}
	q.Focus()
	return true
}

// Shortcuts implements Screen.
func (q *Queue) Shortcuts() []Shortcut {
	ctrl, m := fyne.KeyModifierControl, q.model
	return []Shortcut{
		{Key: fyne.KeyF5, Shown: "F5", Message: "key.claim", Do: m.Claim},
		{Key: fyne.KeyP, Modifier: ctrl, Shown: "Ctrl+P", Message: "key.print", Do: m.Print},
		{Key: fyne.KeyF, Modifier: ctrl, Shown: "Ctrl+F", Message: "key.filter", Do: func() { q.at.Focus(q.filter) }},
		{Key: fyne.KeyG, Modifier: ctrl, Shown: "Ctrl+G", Message: "key.groups", Do: func() { q.at.Focus(q.groups) }},
		{Key: fyne.KeyT, Modifier: ctrl, Shown: "Ctrl+T", Message: "key.table", Do: func() { q.at.Focus(q.table) }},
		{Key: fyne.KeyO, Modifier: ctrl, Shown: "Ctrl+O", Message: "key.sort", Do: func() { m.SortBy(q.following()) }},
		{Key: fyne.KeyR, Modifier: ctrl, Shown: "Ctrl+R", Message: "key.reverse", Do: func() { m.SortBy(m.Sort.Column) }},
		{Key: fyne.KeyReturn, Shown: "Enter", Message: "key.show"},
		{Key: fyne.KeyRight, Shown: "→", Message: "key.next", Do: func() { q.preview.Turn(q.preview.Current + 1) }},
		{Key: fyne.KeyLeft, Shown: "←", Message: "key.previous", Do: func() { q.preview.Turn(q.preview.Current - 1) }},
		{Key: fyne.KeyPlus, Modifier: ctrl, Shown: "Ctrl++", Message: "key.larger", Do: func() { q.preview.Magnify(1) }},
		{Key: fyne.KeyEqual, Modifier: ctrl, Do: func() { q.preview.Magnify(1) }},
		{Key: fyne.KeyMinus, Modifier: ctrl, Shown: "Ctrl+−", Message: "key.smaller", Do: func() { q.preview.Magnify(-1) }},
		{Key: fyne.KeyW, Shown: "W", Message: "key.window", Do: q.toggleWindow},
		{Key: fyne.Key0, Modifier: ctrl, Shown: "Ctrl+0", Message: "key.fit", Do: q.preview.Fit},
	}
}

// toggleWindow shows the envelope's window or not, while a letter is open.
func (q *Queue) toggleWindow() {
	if q.preview.Open {
		q.preview.ToggleWindow()
	}
}

// typed takes characters that the table has no use for: they go to the filter,
// but for the key of the open letter.
func (q *Queue) typed(r rune) {
	if q.preview.Open && (r == 'w' || r == 'W') {
		return
	}
	q.at.Focus(q.filter)
	q.filter.TypedRune(r)
}

// following is the column after the one that the rows are sorted by.
func (q *Queue) following() viewmodel.Column {
	columns := queueColumns()
	i := slices.IndexFunc(columns, func(c widgets.TableColumn) bool { return c.Key == string(q.model.Sort.Column) })
	return viewmodel.Column(columns[(i+1)%len(columns)].Key)
}

// filterKey lets the arrows and Enter go from the field to the rows.
func (q *Queue) filterKey(ev *fyne.KeyEvent) bool {
	switch ev.Name {
	case fyne.KeyDown, fyne.KeyReturn, fyne.KeyEnter:
		if len(q.model.Rows) > 0 {
			if q.model.Row() < 0 {
				q.model.Select(q.model.Rows[0].ID)
			}
			q.at.Focus(q.table)
		}
		return true
	}
	return false
}
