package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"espero-soft.com/printroom/ui/theme"
)

// Meter is a bar with what it measures above it: the name at the left, the
// figures at the right.
type Meter struct {
	widget.BaseWidget
	kit     *Kit
	name    string
	figures string
	left    *canvas.Text
	right   *canvas.Text
	bar     *Bar
}

// NewMeter returns one that measures nothing yet.
func NewMeter(kit *Kit) *Meter {
	m := &Meter{kit: kit, left: kit.text(true), right: kit.text(false), bar: NewBar(kit)}
	m.ExtendBaseWidget(m)
	return m
}

// Set changes what it says and how far it is, from 0 to 1.
func (m *Meter) Set(name, figures string, share float32) {
	m.name, m.figures = name, figures
	m.bar.Set(share)
	m.Refresh()
}

// CreateRenderer implements fyne.Widget.
func (m *Meter) CreateRenderer() fyne.WidgetRenderer {
	line := func() float32 { return m.kit.Theme.Grow(20) }
	refresh := func() {
		m.right.Text = m.figures
		m.kit.paint(m.left, theme.Body, theme.Text)
		m.kit.paint(m.right, theme.Body, theme.Muted)
	}
	refresh()
	return &drawn{
		of: m, objects: []fyne.CanvasObject{m.left, m.right, m.bar}, refresh: refresh,
		min: func() fyne.Size { return fyne.NewSize(m.kit.Theme.Grow(160), line()+4+theme.Unit) },
		layout: func(s fyne.Size) {
			w := m.kit.measure(m.figures, theme.Body, false).Width
			room := s.Width - w - 2*theme.Unit
			m.left.Text = m.kit.shorten(m.name, theme.Body, true, room+0.5)
			middle(m.left, 0, 0, room, line())
			middle(m.right, s.Width-w, 0, w, line())
			place(m.bar, 0, line()+4, s.Width, theme.Unit)
		},
	}
}
