package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"espero-soft.com/printroom/ui/theme"
)

// tableHead names the columns; a tap sorts by one.
type tableHead struct {
	widget.BaseWidget
	table  *Table
	back   *canvas.Rectangle
	line   *canvas.Rectangle
	arrow  *canvas.Image
	titles []*canvas.Text
	render *drawn
}

var (
	_ fyne.Tappable      = (*tableHead)(nil)
	_ desktop.Cursorable = (*tableHead)(nil)
)

func newTableHead(t *Table) *tableHead {
	h := &tableHead{table: t, back: box(0), line: box(0), arrow: t.kit.picture()}
	for range t.columns {
		h.titles = append(h.titles, t.kit.text(true))
	}
	h.ExtendBaseWidget(h)
	return h
}

// Tapped implements fyne.Tappable.
func (h *tableHead) Tapped(ev *fyne.PointEvent) {
	t, x := h.table, float32(0)
	t.kit.touch()
	for n, i := range t.shown {
		x += t.widths[n]
		if ev.Position.X < x {
			if t.OnSorted != nil {
				t.OnSorted(t.columns[i].Key)
			}
			return
		}
	}
}

// Cursor implements desktop.Cursorable.
func (h *tableHead) Cursor() desktop.Cursor { return desktop.PointerCursor }

func (h *tableHead) layout(s fyne.Size) {
	t, pad := h.table, 2*theme.Unit
	h.back.Resize(s)
	place(h.line, 0, s.Height-1, s.Width, 1)
	h.arrow.Hide()
	for _, title := range h.titles {
		title.Hide()
	}
	side, x := t.kit.Theme.Grow(14), float32(0)
	for n, i := range t.shown {
		c, title, width := t.columns[i], h.titles[i], t.widths[n]
		title.Show()
		tone, room := theme.Muted, width-pad-theme.Unit
		if sorted := c.Key == t.sorted; sorted {
			tone = theme.Text
			room -= side + 4
		}
		title.Text = t.kit.shorten(c.Title, theme.Caption, true, room+0.5)
		t.kit.paint(title, theme.Caption, tone)
		w := t.kit.measure(title.Text, theme.Caption, true).Width
		left := x + pad
		if c.Right {
			left = x + width - pad - w
		}
		middle(title, left, 0, w, s.Height)
		if c.Key == t.sorted {
			h.point(left, w, side, s.Height, c.Right)
		}
		x += width
	}
}

// point puts the arrow beside the title of the sorted column: before it when
// the column stands at the right.
func (h *tableHead) point(left, width, side, height float32, right bool) {
	icon := "arrow-up"
	if h.table.down {
		icon = "arrow-down"
	}
	h.table.kit.icon(h.arrow, icon, theme.Accent)
	x := left + width + 4
	if right {
		x = left - side - 4
	}
	place(h.arrow, x, (height-side)/2, side, side)
}

// CreateRenderer implements fyne.Widget.
func (h *tableHead) CreateRenderer() fyne.WidgetRenderer {
	refresh := func() {
		h.back.FillColor = h.table.kit.Theme.Of(theme.Surface)
		h.line.FillColor = h.table.kit.Theme.Of(theme.Edge)
		h.back.Refresh()
		h.line.Refresh()
	}
	refresh()
	objects := []fyne.CanvasObject{h.back, h.line, h.arrow}
	for _, t := range h.titles {
		objects = append(objects, t)
	}
	h.render = &drawn{
		of: h, objects: objects, layout: h.layout, refresh: refresh,
		min: func() fyne.Size { return fyne.NewSize(0, h.table.kit.Theme.Grow(40)) },
	}
	return h.render
}
