package widgets

import (
	"fyne.io/fyne/v2"

	"espero-soft.com/printroom/ui/theme"
)

// Reveal scrolls just so far that a part of the column is in sight.
func (f *Flow) Reveal(o fyne.CanvasObject) {
	top, ok := below(f.column, o)
	if !ok {
		return
	}
	view := f.scroll.Size().Height
	to := max(min(f.scroll.Offset.Y, top-theme.Unit), top+o.Size().Height+theme.Unit-view)
	if to = max(0, min(to, f.column.Size().Height-view)); to != f.scroll.Offset.Y {
		f.scroll.Offset.Y = to
		f.scroll.Refresh()
	}
}

// below finds how far a part stands below the top of what holds it. The driver
// knows that only of what was drawn once.
func below(in, o fyne.CanvasObject) (y float32, ok bool) {
	var parts []fyne.CanvasObject
	switch h := in.(type) {
	case *Column:
		parts = h.items
	case *Wrap:
		parts = h.items
	case *Bank:
		for _, b := range h.buttons {
			parts = append(parts, b)
		}
	}
	for _, p := range parts {
		if p == o {
			return p.Position().Y, true
		}
		if y, ok := below(p, o); ok {
			return p.Position().Y + y, true
		}
	}
	return 0, false
}
