package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"espero-soft.com/printroom/ui/theme"
)

// Pair puts a small part at the right of one that takes the rest of the width:
// a button beside a text or a field. Where there is no room for both, the small
// one goes below.
type Pair struct {
	widget.BaseWidget
	kit         *Kit
	main, small fyne.CanvasObject
}

// NewPair returns the two.
func NewPair(kit *Kit, main, small fyne.CanvasObject) *Pair {
	p := &Pair{kit: kit, main: main, small: small}
	p.ExtendBaseWidget(p)
	return p
}

// least is the width that the main part must have beside the small one.
const least float32 = 160

// rest is the main part's width, and whether the two stand side by side.
func (p *Pair) rest(width float32) (rest float32, beside bool) {
	if !p.small.Visible() {
		return width, false
	}
	rest = width - p.small.MinSize().Width - 2*theme.Unit
	if rest < p.kit.Theme.Grow(least) {
		return width, false
	}
	return rest, true
}

// HeightFor returns the height it takes in a width.
func (p *Pair) HeightFor(width float32) float32 {
	rest, beside := p.rest(width)
	main, small := heightFor(p.main, rest), float32(0)
	if p.small.Visible() {
		small = p.small.MinSize().Height
	}
	switch {
	case beside:
		return max(main, small)
	case small > 0:
		return main + theme.Unit + small
	}
	return main
}

// CreateRenderer implements fyne.Widget.
func (p *Pair) CreateRenderer() fyne.WidgetRenderer {
	return &drawn{
		of: p, objects: []fyne.CanvasObject{p.main, p.small}, refresh: func() {},
		min: func() fyne.Size {
			width := p.kit.Theme.Grow(least)
			return fyne.NewSize(width, p.HeightFor(max(width, p.Size().Width)))
		},
		layout: func(s fyne.Size) {
			rest, beside := p.rest(s.Width)
			main, small := heightFor(p.main, rest), p.small.MinSize()
			if beside {
				place(p.main, 0, (s.Height-main)/2, rest, main)
				place(p.small, s.Width-small.Width, (s.Height-small.Height)/2, small.Width, small.Height)
				return
			}
			place(p.main, 0, 0, rest, main)
			place(p.small, 0, main+theme.Unit, min(small.Width, s.Width), small.Height)
		},
	}
}
