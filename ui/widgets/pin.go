package widgets

import (
	"unicode"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"

	"espero-soft.com/printroom/ui/theme"
)

// pinMax is the longest PIN in bytes.
const pinMax = 64

// PIN is a field whose content never is a string: it stays in one array, which
// is overwritten when the content is handed over or thrown away. There is no
// clipboard and no way to show it.
type PIN struct {
	pressable
	OnSubmit    func(pin []byte) // the receiver wipes it
	placeholder string
	digits      [pinMax]byte
	used        int // bytes
	count       int // characters
	back        *canvas.Rectangle
	caret       *canvas.Rectangle
	hint        *canvas.Text
	dots        []*canvas.Circle
	render      *drawn
}

var _ desktop.Cursorable = (*PIN)(nil)

// NewPIN returns an empty field.
func NewPIN(kit *Kit) *PIN {
	p := &PIN{back: box(theme.Radius), caret: box(0), hint: kit.text(false)}
	p.become(kit, p, func() { p.takeFocus() })
	return p
}

func (p *PIN) takeFocus() {
	if c := fyne.CurrentApp().Driver().CanvasForObject(p); c != nil && !p.disabled {
		c.Focus(p)
	}
}

// Cursor implements desktop.Cursorable.
func (p *PIN) Cursor() desktop.Cursor { return desktop.TextCursor }

// SetPlaceholder says what belongs into the empty field.
func (p *PIN) SetPlaceholder(text string) {
	if text != p.placeholder {
		p.placeholder = text
		p.Refresh()
	}
}

// Count returns how many characters were typed.
func (p *PIN) Count() int { return p.count }

// Wipe throws the content away.
func (p *PIN) Wipe() {
	clear(p.digits[:])
	p.used, p.count = 0, 0
	p.Refresh()
}

// Submit hands the content over and wipes the field.
func (p *PIN) Submit() {
	if p.count == 0 || p.disabled || p.OnSubmit == nil {
		return
	}
	p.OnSubmit(p.Take())
}

// Take hands the content over, which the receiver wipes, and wipes the field.
func (p *PIN) Take() []byte {
	pin := make([]byte, p.used)
	copy(pin, p.digits[:p.used])
	p.Wipe()
	return pin
}

// TypedRune implements fyne.Focusable.
func (p *PIN) TypedRune(r rune) {
	size := utf8.RuneLen(r)
	if p.kit.holdRune(r) || p.disabled || !unicode.IsPrint(r) || size < 0 || p.used+size > pinMax {
		return
	}
	p.used += utf8.EncodeRune(p.digits[p.used:], r)
	p.count++
	p.Refresh()
}

// TypedKey implements fyne.Focusable.
func (p *PIN) TypedKey(ev *fyne.KeyEvent) {
	switch {
	case p.kit.holdKey(ev):
	case p.OnKey != nil && p.OnKey(ev):
	case ev.Name == fyne.KeyBackspace:
		p.shrink()
	case ev.Name == fyne.KeyDelete:
		p.Wipe()
	case ev.Name == fyne.KeyReturn, ev.Name == fyne.KeyEnter:
		p.Submit()
	default:
		Unhandled(p, ev)
	}
}

func (p *PIN) shrink() {
	if p.count == 0 {
		return
	}
	_, size := utf8.DecodeLastRune(p.digits[:p.used])
	p.used -= size
	clear(p.digits[p.used:])
	p.count--
	p.Refresh()
}

func (p *PIN) refresh() {
	look := p.kit.Theme
	p.back.FillColor, p.back.StrokeColor, p.back.StrokeWidth = look.Of(theme.Raised), look.Of(theme.Edge), 1
	p.caret.FillColor = transparent()
	if p.focused && !p.disabled {
		p.back.StrokeColor, p.back.StrokeWidth = look.Of(theme.Accent), 2
		p.caret.FillColor = look.Of(theme.Accent)
	}
	if p.disabled {
		p.back.FillColor, p.back.StrokeColor = look.Of(theme.Ground), look.Of(theme.Line)
	}
	p.back.Refresh()
	p.caret.Refresh()
	p.hint.Text = p.placeholder
	if p.count > 0 {
		p.hint.Text = ""
	}
	p.kit.paint(p.hint, theme.Body, theme.Muted)
	for len(p.dots) < p.count {
		p.dots = append(p.dots, canvas.NewCircle(transparent()))
	}
	for i, d := range p.dots {
		d.FillColor = transparent()
		if i < p.count {
			d.FillColor = look.Of(theme.Text)
		}
		d.Refresh()
	}
	if p.render != nil {
		p.render.objects = p.objects()
	}
}

func (p *PIN) objects() []fyne.CanvasObject {
	all := []fyne.CanvasObject{p.back, p.hint, p.caret}
	for _, d := range p.dots[:p.count] {
		all = append(all, d)
	}
	return all
}

func (p *PIN) layout(s fyne.Size) {
	p.back.Resize(s)
	dot, pad := p.kit.Theme.Grow(10), 2*theme.Unit
	step := min(dot+6, (s.Width-2*pad)/float32(max(p.count, 1)))
	for i := range p.count {
		place(p.dots[i], pad+float32(i)*step, (s.Height-dot)/2, dot, dot)
	}
	middle(p.hint, pad+6, 0, s.Width-2*pad, s.Height)
	tall := p.kit.Theme.Grow(20)
	place(p.caret, pad+float32(p.count)*step, (s.Height-tall)/2, 2, tall)
}

// CreateRenderer implements fyne.Widget.
func (p *PIN) CreateRenderer() fyne.WidgetRenderer {
	p.refresh()
	p.render = &drawn{
		of: p, objects: p.objects(), layout: p.layout, refresh: p.refresh,
		min: func() fyne.Size { return fyne.NewSize(p.kit.Theme.Grow(200), p.kit.Theme.Grow(48)) },
	}
	return p.render
}
