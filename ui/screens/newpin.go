package screens

import (
	"fyne.io/fyne/v2"

	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/widgets"
)

// pinFields are PIN fields one below the other, each with what belongs into it:
// Enter goes to the next, and from the last one on.
type pinFields struct {
	at     *Context
	keys   []string // of what belongs into each
	labels []*widgets.Paragraph
	fields []*widgets.PIN
	column *widgets.Column
	done   func() // Enter in the last field
}

// newPINFields builds as many as there are messages; the last two are for the
// new PIN.
func newPINFields(at *Context, reveal func(fyne.CanvasObject), done func(), keys ...string) *pinFields {
	kit := at.Kit
	f := &pinFields{at: at, keys: keys, done: done}
	parts := make([]fyne.CanvasObject, 0, len(keys))
	for i := range keys {
		label := widgets.NewParagraph(kit, theme.Body, theme.Muted, false)
		field := widgets.NewPIN(kit)
		field.OnFocus = func() { reveal(field) }
		field.OnKey = func(ev *fyne.KeyEvent) bool { return f.key(i, ev) }
		f.labels, f.fields = append(f.labels, label), append(f.fields, field)
		parts = append(parts, widgets.NewColumn(kit, 4, label, field))
	}
	twice := widgets.NewWrap(2 * theme.Unit) // the new one, once and once more
	twice.Set(parts[len(parts)-2:])
	f.column = widgets.NewColumn(kit, 12, append(parts[:len(parts)-2:len(parts)-2], twice)...)
	return f
}

// key goes to the next field, or back to the one before.
func (f *pinFields) key(i int, ev *fyne.KeyEvent) bool {
	switch ev.Name {
	case fyne.KeyReturn, fyne.KeyEnter:
		if i+1 < len(f.fields) {
			f.at.Focus(f.fields[i+1])
		} else {
			f.done()
		}
	case fyne.KeyDown:
		f.at.Focus(f.fields[min(i+1, len(f.fields)-1)])
	case fyne.KeyUp:
		if i == 0 {
			return false
		}
		f.at.Focus(f.fields[i-1])
	default:
		return false
	}
	return true
}

// take hands what was typed over, and empties the fields.
func (f *pinFields) take() [][]byte {
	pins := make([][]byte, len(f.fields))
	for i, field := range f.fields {
		pins[i] = field.Take()
	}
	return pins
}

// wipe throws what was typed away.
func (f *pinFields) wipe() {
	for _, field := range f.fields {
		field.Wipe()
	}
}

func (f *pinFields) redraw(enabled bool) {
	for i, key := range f.keys {
		f.labels[i].Set(f.at.say(key))
		f.fields[i].Enable(enabled)
	}
}

// slipNotice says what is wrong with what was typed, or hides the notice.
func (c *Context) slipNotice(n *widgets.Notice, slip viewmodel.Slip, least int) {
	if slip == "" {
		n.Hide()
		return
	}
	key := "slip." + string(slip)
	n.Set(widgets.Warn("triangle-alert"), c.say(key+".what"), c.say(key+".do", language.Args{"Count": least}), "", widgets.NoticeWords{})
}
