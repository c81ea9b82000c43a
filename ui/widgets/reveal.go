package widgets

import "fyne.io/fyne/v2"

// Reveal scrolls just so far that a part of the column is in sight, however deep
// it lies in other parts of ours; its start when it is higher than the place.
// What is no part of it moves nothing.
func (f *Flow) Reveal(o fyne.CanvasObject) {
	f.Refresh() // its parts may just have come
	top, ok := below(f.column, o)
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

// below finds how far a part stands below the top of what holds it. The driver
// knows that only of what was drawn once.
func below(in, o fyne.CanvasObject) (y float32, ok bool) {
	for _, p := range partsOf(in) {
		if p == o {
			return p.Position().Y, true
		}
		if y, ok := below(p, o); ok {
			return p.Position().Y + y, true
		}
	}
	return 0, false
}

// partsOf are the parts of what holds others.
func partsOf(o fyne.CanvasObject) []fyne.CanvasObject {
	switch h := o.(type) {
	case *Column:
		return h.items
	case *Wrap:
		return h.items
	case *Row:
		return h.items
	case *Pair:
		return []fyne.CanvasObject{h.main, h.small}
	case *Panel:
		return []fyne.CanvasObject{h.content}
	case *fyne.Container:
		return h.Objects
	case *Bank:
		parts := make([]fyne.CanvasObject, len(h.buttons))
		for i, b := range h.buttons {
			parts[i] = b
		}
		return parts
	}
	return nil
}
