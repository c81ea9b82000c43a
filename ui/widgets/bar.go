package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"espero-soft.com/printroom/ui/theme"
)

// Bar shows how far something is.
type Bar struct {
	widget.BaseWidget
	kit   *Kit
	share float32
	back  *canvas.Rectangle
	done  *canvas.Rectangle
}

// NewBar returns an empty bar.
func NewBar(kit *Kit) *Bar {
	b := &Bar{kit: kit, back: box(4), done: box(4)}
	b.ExtendBaseWidget(b)
	return b
}

// Set changes how far it is, from 0 to 1.
func (b *Bar) Set(share float32) {
	b.share = min(max(share, 0), 1)
	b.Refresh()
}

// CreateRenderer implements fyne.Widget.
func (b *Bar) CreateRenderer() fyne.WidgetRenderer {
	refresh := func() {
		b.back.FillColor, b.done.FillColor = b.kit.Theme.Of(theme.Line), b.kit.Theme.Of(theme.Accent)
		b.back.Refresh()
		b.done.Refresh()
	}
	refresh()
	return &drawn{
		of: b, objects: []fyne.CanvasObject{b.back, b.done}, refresh: refresh,
		min: func() fyne.Size { return fyne.NewSize(64, theme.Unit) },
		layout: func(s fyne.Size) {
			b.back.Resize(s)
			place(b.done, 0, 0, s.Width*b.share, s.Height)
		},
	}
}
