package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// Wrap lays parts of one size in as many columns as there is room for.
type Wrap struct {
	widget.BaseWidget
	gap    float32
	items  []fyne.CanvasObject
	render *drawn
}

// NewWrap returns an empty one, its parts gap apart.
func NewWrap(gap float32) *Wrap {
	w := &Wrap{gap: gap}
	w.ExtendBaseWidget(w)
	return w
}

// Set changes the parts.
func (w *Wrap) Set(items []fyne.CanvasObject) {
	w.items = items
	if w.render != nil {
		w.render.objects = items
	}
	w.Refresh()
}

// Columns returns how many parts stand side by side in a width.
func (w *Wrap) Columns(width float32) int {
	if len(w.items) == 0 {
		return 1
	}
	one := w.items[0].MinSize().Width
	return min(max(1, int((width+w.gap)/(one+w.gap))), max(len(w.items), 2))
}

// HeightFor returns the height of all lines.
func (w *Wrap) HeightFor(width float32) float32 {
	if len(w.items) == 0 {
		return 0
	}
	columns := w.Columns(width)
	lines := float32((len(w.items) + columns - 1) / columns)
	return lines*w.items[0].MinSize().Height + (lines-1)*w.gap
}

// CreateRenderer implements fyne.Widget.
func (w *Wrap) CreateRenderer() fyne.WidgetRenderer {
	w.render = &drawn{
		of: w, objects: w.items, refresh: func() {},
		min: func() fyne.Size {
			if len(w.items) == 0 {
				return fyne.Size{}
			}
			one := w.items[0].MinSize().Width
			return fyne.NewSize(one, w.HeightFor(max(one, w.Size().Width)))
		},
		layout: func(s fyne.Size) {
			if len(w.items) == 0 {
				return
			}
			columns := w.Columns(s.Width)
			width := (s.Width - float32(columns-1)*w.gap) / float32(columns)
			height := w.items[0].MinSize().Height
			for i, o := range w.items {
				x, y := float32(i%columns), float32(i/columns)
				place(o, x*(width+w.gap), y*(height+w.gap), width, height)
			}
		},
	}
	return w.render
}
