package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	toolkit "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"espero-soft.com/printroom/ui/theme"
)

// Unhandled gives a key that a focused widget has no use for to the window:
// the toolkit itself drops it, and with it F5 while a button has the focus.
func Unhandled(o fyne.CanvasObject, ev *fyne.KeyEvent) {
	c := fyne.CurrentApp().Driver().CanvasForObject(o)
	if c == nil {
		return
	}
	if typed := c.OnTypedKey(); typed != nil {
		typed(ev)
	}
}

// Tapped implements fyne.Tappable.
func (p *pressable) Tapped(*fyne.PointEvent) {
	if p.disabled {
		return
	}
	p.press()
}

// MouseIn implements desktop.Hoverable.
func (p *pressable) MouseIn(*desktop.MouseEvent) {
	p.kit.touch()
	p.set(&p.hovered, true)
}

// MouseMoved implements desktop.Hoverable.
func (p *pressable) MouseMoved(*desktop.MouseEvent) { p.kit.touch() }

// MouseOut implements desktop.Hoverable.
func (p *pressable) MouseOut() { p.set(&p.hovered, false) }

// FocusGained implements fyne.Focusable.
func (p *pressable) FocusGained() {
	p.set(&p.focused, true)
	if p.OnFocus != nil {
		p.OnFocus()
	}
}

// FocusLost implements fyne.Focusable.
func (p *pressable) FocusLost() { p.set(&p.focused, false) }

// TypedRune implements fyne.Focusable.
func (p *pressable) TypedRune(r rune) {
	if !p.kit.holdRune(r) && p.OnRune != nil {
		p.OnRune(r)
	}
}

// TypedKey implements fyne.Focusable: Enter and Space press.
func (p *pressable) TypedKey(ev *fyne.KeyEvent) {
	if p.kit.holdKey(ev) || p.OnKey != nil && p.OnKey(ev) {
		return
	}
	switch ev.Name {
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace:
		p.press()
	default:
		p.unhandled(ev)
	}
}

func (p *pressable) unhandled(ev *fyne.KeyEvent) { Unhandled(p.me, ev) }

// Enable lets it be pressed or not. A disabled one keeps the focus it has.
func (p *pressable) Enable(on bool) { p.set(&p.disabled, !on) }

// Enabled tells whether it can be pressed.
func (p *pressable) Enabled() bool { return !p.disabled }

// Entry is a text field that lets the window's keys through.
type Entry struct {
	widget.Entry
	kit *Kit
	// OnKey may take a key before the field does.
	OnKey func(*fyne.KeyEvent) bool
	// OnFocus is told when it gets the focus.
	OnFocus func()
	hint    string
}

// FocusGained implements fyne.Focusable.
func (e *Entry) FocusGained() {
	e.Entry.FocusGained()
	if e.OnFocus != nil {
		e.OnFocus()
	}
}

// SetPlaceHolder says what belongs into the empty field, as far as there is
// room: the toolkit would scroll it.
func (e *Entry) SetPlaceHolder(text string) {
	e.hint = text
	e.fitHint(e.Size().Width)
}

func (e *Entry) fitHint(width float32) {
	room := width - 4*e.kit.Theme.Size(toolkit.SizeNameInnerPadding)
	if hint := e.kit.shorten(e.hint, theme.Body, false, max(room, 0)); hint != e.PlaceHolder {
		e.Entry.SetPlaceHolder(hint)
	}
}

// Resize implements fyne.CanvasObject.
func (e *Entry) Resize(s fyne.Size) {
	e.fitHint(s.Width)
	e.Entry.Resize(s)
}

// NewEntry returns an empty field of one line.
func NewEntry(kit *Kit) *Entry {
	e := &Entry{kit: kit}
	e.ExtendBaseWidget(e)
	return e
}

// TypedRune implements fyne.Focusable.
func (e *Entry) TypedRune(r rune) {
	if !e.kit.holdRune(r) {
		e.Entry.TypedRune(r)
	}
}

// TypedKey implements fyne.Focusable. Function keys and Escape are the
// window's.
func (e *Entry) TypedKey(ev *fyne.KeyEvent) {
	switch {
	case e.kit.holdKey(ev):
	case e.OnKey != nil && e.OnKey(ev):
	case ev.Name == fyne.KeyEscape, len(ev.Name) > 1 && ev.Name[0] == 'F' && ev.Name[1] <= '9':
		Unhandled(e, ev)
	default:
		e.Entry.TypedKey(ev)
	}
}

// TypedShortcut implements fyne.Shortcutable: what is not a matter of text is
// the window's.
func (e *Entry) TypedShortcut(s fyne.Shortcut) {
	e.kit.touch()
	if custom, ok := s.(*desktop.CustomShortcut); ok {
		if c, ok := fyne.CurrentApp().Driver().CanvasForObject(e).(fyne.Shortcutable); ok {
			c.TypedShortcut(custom)
		}
		return
	}
	e.Entry.TypedShortcut(s)
}
