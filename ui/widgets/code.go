package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"

	"espero-soft.com/printroom/ui/theme"
)

// codeMax is how many characters a code has at most.
const codeMax = 32

// Code is a field for a code that a person reads off a paper: what is typed
// stands there as Format writes it, and is taken back from its end.
type Code struct {
	pressable
	Format      func(typed string) string // as it is shown; nothing else is kept
	placeholder string
	text        string
	back        *canvas.Rectangle
	caret       *canvas.Rectangle
	hint        *canvas.Text
	shown       *canvas.Text
}

var _ desktop.Cursorable = (*Code)(nil)

// NewCode returns an empty field.
func NewCode(kit *Kit, format func(typed string) string) *Code {
	c := &Code{Format: format, back: box(theme.Radius), caret: box(0), hint: kit.text(false), shown: kit.text(true)}
	c.become(kit, c, func() { c.takeFocus() })
	return c
}

func (c *Code) takeFocus() {
	if canvas := fyne.CurrentApp().Driver().CanvasForObject(c); canvas != nil && !c.disabled {
		canvas.Focus(c)
	}
}

// Cursor implements desktop.Cursorable.
func (c *Code) Cursor() desktop.Cursor { return desktop.TextCursor }

// SetPlaceholder says what belongs into the empty field.
func (c *Code) SetPlaceholder(text string) {
	if text != c.placeholder {
		c.placeholder = text
		c.Refresh()
	}
}

// Text returns what was typed, as it is shown.
func (c *Code) Text() string { return c.text }

// Wipe throws the content away.
func (c *Code) Wipe() { c.set("") }

func (c *Code) set(text string) {
	if text = c.Format(text); text != c.text && len(text) <= codeMax {
		c.text = text
		c.Refresh()
	}
}

// TypedRune implements fyne.Focusable.
func (c *Code) TypedRune(r rune) {
	if !c.kit.holdRune(r) && !c.disabled {
		c.set(c.text + string(r))
	}
}

// TypedKey implements fyne.Focusable.
func (c *Code) TypedKey(ev *fyne.KeyEvent) {
	switch {
	case c.kit.holdKey(ev):
	case c.OnKey != nil && c.OnKey(ev):
	case ev.Name == fyne.KeyBackspace && c.text != "" && !c.disabled:
		runes := []rune(c.text)
		c.set(string(runes[:len(runes)-1]))
	case ev.Name == fyne.KeyBackspace:
	case ev.Name == fyne.KeyDelete && !c.disabled:
		c.Wipe()
	default:
		Unhandled(c, ev)
	}
}

func (c *Code) refresh() {
	look := c.kit.Theme
	c.back.FillColor, c.back.StrokeColor, c.back.StrokeWidth = look.Of(theme.Raised), look.Of(theme.Edge), 1
	c.caret.FillColor = transparent()
	if c.focused && !c.disabled {
		c.back.StrokeColor, c.back.StrokeWidth = look.Of(theme.Accent), 2
		c.caret.FillColor = look.Of(theme.Accent)
	}
	if c.disabled {
		c.back.FillColor, c.back.StrokeColor = look.Of(theme.Ground), look.Of(theme.Line)
	}
	c.back.Refresh()
	c.caret.Refresh()
	c.hint.Text, c.shown.Text = "", c.text
	if c.text == "" {
		c.hint.Text = c.placeholder
	}
	c.kit.paint(c.hint, theme.Body, theme.Muted)
	c.kit.paint(c.shown, theme.Strong, theme.Text)
}

func (c *Code) layout(s fyne.Size) {
	c.back.Resize(s)
	pad := 2 * theme.Unit
	c.hint.Text = c.kit.shorten(c.hint.Text, theme.Body, false, max(0, s.Width-2*pad-6))
	middle(c.hint, pad+6, 0, s.Width-2*pad, s.Height)
	middle(c.shown, pad, 0, s.Width-2*pad, s.Height)
	tall, end := c.kit.Theme.Grow(20), float32(0)
	if c.text != "" {
		end = c.shown.MinSize().Width + 2
	}
	place(c.caret, pad+end, (s.Height-tall)/2, 2, tall)
}

// CreateRenderer implements fyne.Widget.
func (c *Code) CreateRenderer() fyne.WidgetRenderer {
	c.refresh()
	return &drawn{
		of: c, objects: []fyne.CanvasObject{c.back, c.hint, c.shown, c.caret}, layout: c.layout, refresh: c.refresh,
		min: func() fyne.Size { return fyne.NewSize(c.kit.Theme.Grow(200), c.kit.Theme.Grow(48)) },
	}
}
