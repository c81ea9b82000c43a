package widgets

import (
	"slices"

	"fyne.io/fyne/v2"
)

// Reveal scrolls just so far that a part of the column, or one in a Wrap that
// is a part, is in sight; its start when it is higher than the place.
func (f *Flow) Reveal(o fyne.CanvasObject) {
	f.Refresh() // its parts may just have come
	top, ok := f.column.top(o)
	view, to := f.scroll.Size().Height, f.scroll.Offset.Y
	if !ok || view <= 0 {
		return
	}
	if bottom := top + o.Size().Height; bottom > to+view {
		to = bottom - view
	}
	if to = max(0, min(to, top)); to != f.scroll.Offset.Y {
		f.scroll.Offset.Y = to
		f.scroll.Refresh()
	}
}

// top is where a part starts, and whether there is such a part.
func (c *Column) top(o fyne.CanvasObject) (float32, bool) {
	for _, item := range c.items {
		if item == o {
			return o.Position().Y, true
		}
		if w, ok := item.(*Wrap); ok && slices.Contains(w.items, o) {
			return w.Position().Y + o.Position().Y, true
		}
	}
	return 0, false
}
