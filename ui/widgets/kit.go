// Package widgets holds the parts that the screens are made of. A widget shows
// what it was given and reports what a person wants through its On… fields; it
// knows no model and no station. All of it belongs to the UI goroutine.
package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"espero-soft.com/printroom/ui/theme"
)

// Kit is what every widget needs.
type Kit struct {
	Theme   *theme.Theme
	Touched func() // somebody used a key, the pointer or the wheel
	// HoldRune and HoldKey see what is typed before the widget that has the focus
	// does. Where they return true the widget forgets it: it was a hand scanner's,
	// or it comes again.
	HoldRune func(rune) bool
	HoldKey  func(fyne.KeyName) bool
}

// holdRune is the first thing that every TypedRune asks.
func (k *Kit) holdRune(r rune) bool {
	k.touch()
	return k.HoldRune != nil && k.HoldRune(r)
}

// holdKey is the first thing that every TypedKey asks.
func (k *Kit) holdKey(ev *fyne.KeyEvent) bool {
	k.touch()
	return k.HoldKey != nil && k.HoldKey(ev.Name)
}

func (k *Kit) touch() {
	if k.Touched != nil {
		k.Touched()
	}
}

// transparent is what is not seen.
func transparent() color.Color { return color.NRGBA{} }

// text returns a line of text; paint gives it its colour and size.
func (k *Kit) text(bold bool) *canvas.Text {
	t := canvas.NewText("", transparent())
	t.TextStyle.Bold = bold
	return t
}

func (k *Kit) paint(t *canvas.Text, size float32, c theme.Colour) {
	t.TextSize = k.Theme.Grow(size)
	t.Color = k.Theme.Of(c)
	t.Refresh()
}

// picture returns an empty icon; icon fills it.
func (k *Kit) picture() *canvas.Image {
	m := &canvas.Image{FillMode: canvas.ImageFillContain}
	return m
}

func (k *Kit) icon(m *canvas.Image, name string, c theme.Colour) {
	if name == "" {
		m.Hide()
		return
	}
	if r := k.Theme.IconIn(name, c); m.Resource != r {
		m.Resource = r
		m.Refresh()
	}
	m.Show()
}

func box(radius float32) *canvas.Rectangle {
	r := canvas.NewRectangle(transparent())
	r.CornerRadius = radius
	return r
}

// measure returns the size of a line of text at a type size before scaling.
func (k *Kit) measure(s string, size float32, bold bool) fyne.Size {
	return fyne.MeasureText(s, k.Theme.Grow(size), fyne.TextStyle{Bold: bold})
}

// shorten cuts s so that it fits width, with an ellipsis where it was cut.
func (k *Kit) shorten(s string, size float32, bold bool, width float32) string {
	if k.measure(s, size, bold).Width <= width {
		return s
	}
	runes := []rune(s)
	low, high := 0, len(runes)
	for low < high {
		mid := (low + high + 1) / 2
		if k.measure(string(runes[:mid])+"…", size, bold).Width <= width {
			low = mid
		} else {
			high = mid - 1
		}
	}
	return string(runes[:low]) + "…"
}

// place puts an object at a position in a size.
func place(o fyne.CanvasObject, x, y, w, h float32) {
	o.Move(fyne.NewPos(x, y))
	o.Resize(fyne.NewSize(w, h))
}

// middle places a text line in the middle of a height.
func middle(t *canvas.Text, x, y, w, h float32) {
	m := t.MinSize()
	place(t, x, y+(h-m.Height)/2, w, m.Height)
}

// drawn is the renderer of all our widgets: three functions. The toolkit drops
// the renderer of what was out of sight for a minute and makes another one when
// it comes back, but lays that one out only when the size changes: so it lays
// itself out when it is first drawn.
type drawn struct {
	objects []fyne.CanvasObject
	laid    bool
	layout  func(fyne.Size)
	min     func() fyne.Size
	refresh func()
	of      fyne.Widget
}

var _ fyne.WidgetRenderer = (*drawn)(nil)

func (d *drawn) Destroy()           {}
func (d *drawn) MinSize() fyne.Size { return d.min() }

func (d *drawn) Layout(s fyne.Size) {
	d.laid = true
	d.layout(s)
}

func (d *drawn) Objects() []fyne.CanvasObject {
	if !d.laid && d.of != nil && !d.of.Size().IsZero() {
		d.laid = true
		d.refresh()
		d.layout(d.of.Size())
	}
	return d.objects
}

func (d *drawn) Refresh() {
	d.laid = true
	d.refresh()
	d.layout(d.of.Size())
	canvas.Refresh(d.of)
}

// pressable is what buttons, tiles, lamps and rail items have in common.
type pressable struct {
	widget.BaseWidget
	kit      *Kit
	me       fyne.Widget // the widget that this is a part of
	OnTapped func()
	// OnKey may take a key before the widget does.
	OnKey    func(*fyne.KeyEvent) bool
	OnRune   func(rune)
	OnFocus  func() // it has got the focus
	focused  bool
	hovered  bool
	disabled bool
}

// become ties it to its widget.
func (p *pressable) become(kit *Kit, me fyne.Widget, tapped func()) {
	p.kit, p.me, p.OnTapped = kit, me, tapped
	p.ExtendBaseWidget(me)
}

func (p *pressable) press() {
	p.kit.touch()
	if !p.disabled && p.OnTapped != nil {
		p.OnTapped()
	}
}

func (p *pressable) set(field *bool, to bool) {
	if *field != to {
		*field = to
		p.Refresh()
	}
}
