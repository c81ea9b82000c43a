package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"espero-soft.com/printroom/ui/theme"
)

// Pile stacks parts that come and go, each as high as it needs to be at the
// pile's width.
type Pile struct {
	widget.BaseWidget
	gap    float32
	Margin float32 // left free at the right, for a scroller's bar
	items  []fyne.CanvasObject
	render *drawn
}

// NewPile returns an empty pile, its parts gap apart.
func NewPile(gap float32) *Pile {
	p := &Pile{gap: gap}
	p.ExtendBaseWidget(p)
	return p
}

// Set changes the parts.
func (p *Pile) Set(items []fyne.CanvasObject) {
	p.items = items
	if p.render != nil {
		p.render.objects = items
	}
	p.Refresh()
}

// HeightFor returns the height of the parts.
func (p *Pile) HeightFor(width float32) float32 {
	height := float32(max(0, len(p.items)-1)) * p.gap
	for _, o := range p.items {
		height += heightFor(o, width-p.Margin)
	}
	return height
}

// CreateRenderer implements fyne.Widget.
func (p *Pile) CreateRenderer() fyne.WidgetRenderer {
	p.render = &drawn{
		of: p, objects: p.items, refresh: func() {},
		min: func() fyne.Size { return fyne.NewSize(0, p.HeightFor(p.Size().Width)) },
		layout: func(s fyne.Size) {
			y := float32(0)
			for _, o := range p.items {
				h := heightFor(o, s.Width-p.Margin)
				place(o, 0, y, s.Width-p.Margin, h)
				y += h + p.gap
			}
		},
	}
	return p.render
}

// Sides puts one part at the left and one at the right of a line; the left one
// has what room the other leaves.
type Sides struct {
	widget.BaseWidget
	left, right fyne.CanvasObject
}

// NewSides returns a line of two parts.
func NewSides(left, right fyne.CanvasObject) *Sides {
	s := &Sides{left: left, right: right}
	s.ExtendBaseWidget(s)
	return s
}

// HeightFor returns the height of the higher part.
func (s *Sides) HeightFor(width float32) float32 {
	right := s.right.MinSize()
	return max(right.Height, heightFor(s.left, width-right.Width-theme.Unit))
}

// CreateRenderer implements fyne.Widget.
func (s *Sides) CreateRenderer() fyne.WidgetRenderer {
	return &drawn{
		of: s, objects: []fyne.CanvasObject{s.left, s.right}, refresh: func() {},
		min: func() fyne.Size { return fyne.NewSize(0, s.HeightFor(max(1, s.Size().Width))) },
		layout: func(size fyne.Size) {
			right := s.right.MinSize()
			room := size.Width - right.Width - theme.Unit
			h := heightFor(s.left, room)
			place(s.left, 0, (size.Height-h)/2, room, h)
			place(s.right, size.Width-right.Width, (size.Height-right.Height)/2, right.Width, right.Height)
		},
	}
}
