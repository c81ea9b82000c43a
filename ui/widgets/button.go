package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"

	"espero-soft.com/printroom/ui/theme"
)

// Kind is how much a button asks for attention.
type Kind int

// The kinds of button.
const (
	Plain   Kind = iota // outlined
	Primary             // the one obvious next action
	Quiet               // no outline until it is pointed at
	Grave               // what can't be undone, in danger's tone
	Chosen              // outlined, the chosen one of its row
)

// Button is a label with an icon, and the key that does the same.
type Button struct {
	pressable
	kind  Kind
	icon  string
	label string
	hint  string
	tall  bool
	flush bool // no room at its sides: it stands under a text
	back  *canvas.Rectangle
	ring  *canvas.Rectangle
	pic   *canvas.Image
	text  *canvas.Text
	key   *canvas.Text
}

var (
	_ fyne.Focusable    = (*Button)(nil)
	_ fyne.Tappable     = (*Button)(nil)
	_ desktop.Hoverable = (*Button)(nil)
)

// NewButton returns a button with an icon of assets/icons, "" for none.
func NewButton(kit *Kit, kind Kind, icon string, tapped func()) *Button {
	b := &Button{kind: kind, icon: icon, back: box(theme.Radius), ring: box(theme.Radius)}
	b.pic, b.text, b.key = kit.picture(), kit.text(true), kit.text(false)
	b.become(kit, b, tapped)
	return b
}

// Tall makes it a big target.
func (b *Button) Tall() *Button {
	b.tall = true
	return b
}

// Flush lets it begin where the texts above it do.
func (b *Button) Flush() *Button {
	b.flush = true
	return b
}

// Set changes its label and the name of its key.
func (b *Button) Set(label, hint string) {
	if label != b.label || hint != b.hint {
		b.label, b.hint = label, hint
		b.Refresh()
	}
}

// SetIcon changes its icon.
func (b *Button) SetIcon(icon string) {
	if icon != b.icon {
		b.icon = icon
		b.Refresh()
	}
}

// SetKind changes how much it asks for attention.
func (b *Button) SetKind(kind Kind) {
	if kind != b.kind {
		b.kind = kind
		b.Refresh()
	}
}

// Label returns its label.
func (b *Button) Label() string { return b.label }

// filled tells whether the whole button has its tone.
func (b *Button) filled() bool { return b.kind == Primary || b.kind == Grave }

func (b *Button) tones() (ground, edge, text theme.Colour, filled, edged bool) {
	switch {
	case b.disabled:
		return theme.Ground, theme.Line, theme.Faint, b.kind != Quiet, b.kind != Quiet
	case b.kind == Primary:
		return theme.Accent, theme.Accent, theme.OnAccent, true, false
	case b.kind == Grave:
		return theme.Danger, theme.Danger, theme.OnDanger, true, false
	case b.kind == Chosen:
		return theme.AccentSoft, theme.Accent, theme.Accent, true, true
	case b.hovered:
		return theme.Hover, theme.Edge, theme.Accent, true, b.kind == Plain
	default:
		return theme.Raised, theme.Edge, theme.Accent, b.kind == Plain, b.kind == Plain
	}
}

func (b *Button) refresh() {
	ground, edge, tone, filled, edged := b.tones()
	b.back.FillColor, b.back.StrokeWidth = transparent(), 0
	if filled {
		b.back.FillColor = b.kit.Theme.Of(ground)
	}
	if edged {
		b.back.StrokeColor, b.back.StrokeWidth = b.kit.Theme.Of(edge), 1
	}
	b.back.Refresh()
	b.ring.StrokeWidth = 0
	if b.focused {
		b.ring.StrokeWidth = 2
		b.ring.StrokeColor = b.kit.Theme.Of(theme.Accent)
		if b.filled() && !b.disabled {
			_, _, tone, _, _ := b.tones()
			b.ring.StrokeColor = b.kit.Theme.Of(tone)
		}
	}
	b.ring.Refresh()
	b.kit.icon(b.pic, b.icon, tone)
	b.text.Text, b.key.Text = b.label, b.hint
	b.kit.paint(b.text, theme.Body, tone)
	b.kit.paint(b.key, theme.Caption, tone)
}

func (b *Button) inner() (pad, pic, gap float32) {
	pad, pic, gap = 2*theme.Unit, 0, 0
	if b.label == "" || b.kind == Quiet {
		pad = theme.Unit
	}
	if b.flush {
		pad = 0
	}
	if b.icon != "" {
		pic = b.kit.Theme.Grow(18)
		if b.label != "" {
			gap = theme.Unit
		}
	}
	return pad, pic, gap
}

func (b *Button) height() float32 {
	if b.tall {
		return b.kit.Theme.Grow(48)
	}
	return b.kit.Theme.Grow(40)
}

func (b *Button) min() fyne.Size {
	pad, pic, gap := b.inner()
	width := 2*pad + pic + gap + b.kit.measure(b.label, theme.Body, true).Width
	if b.hint != "" {
		width += 2*theme.Unit + b.kit.measure(b.hint, theme.Caption, false).Width
	}
	return fyne.NewSize(max(width, b.height()), b.height())
}

// Least is the width below which the label is cut, without its key.
func (b *Button) Least() float32 {
	pad, pic, gap := b.inner()
	return 2*pad + pic + gap + b.kit.measure(b.label, theme.Body, true).Width
}

func (b *Button) layout(s fyne.Size) {
	b.back.Resize(s)
	inset := float32(0)
	if b.filled() {
		inset = 3
	}
	place(b.ring, inset, inset, s.Width-2*inset, s.Height-2*inset)
	pad, pic, gap := b.inner()
	room := s.Width - 2*pad - pic - gap
	hint := float32(0)
	b.key.Hide()
	if b.hint != "" && s.Width >= b.min().Width-0.5 { // the label goes before the key
		b.key.Show()
		hint = b.kit.measure(b.hint, theme.Caption, false).Width
		room -= hint + 2*theme.Unit
	}
	b.text.Text = b.kit.shorten(b.label, theme.Body, true, max(room, 0)+0.5)
	text := b.kit.measure(b.text.Text, theme.Body, true).Width
	x := pad
	if hint == 0 && !b.flush {
		x = (s.Width - pic - gap - text) / 2
	}
	place(b.pic, x, (s.Height-pic)/2, pic, pic)
	middle(b.text, x+pic+gap, 0, text, s.Height)
	middle(b.key, s.Width-pad-hint, 0, hint, s.Height)
}

// CreateRenderer implements fyne.Widget.
func (b *Button) CreateRenderer() fyne.WidgetRenderer {
	b.refresh()
	return &drawn{
		of: b, objects: []fyne.CanvasObject{b.back, b.pic, b.text, b.key, b.ring},
		layout: b.layout, min: b.min, refresh: b.refresh,
	}
}
