package widgets

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"espero-soft.com/printroom/ui/theme"
)

// doubleClick is the longest time between the two presses of one.
const doubleClick = 400 * time.Millisecond

// tableBody is as high as all rows together, as far as that can be drawn, and
// draws those in sight.
type tableBody struct {
	widget.BaseWidget
	table   *Table
	rows    []*tableRow
	cells   []Cell
	hovered int
	first   int
	last    int
	render  *drawn
}

func newTableBody(t *Table) *tableBody {
	b := &tableBody{table: t, hovered: -1, cells: make([]Cell, len(t.columns))}
	b.ExtendBaseWidget(b)
	return b
}

// fit takes the height of all rows.
func (b *tableBody) fit() {
	t := b.table
	view := t.scroll.Size()
	want := fyne.NewSize(view.Width, view.Height+float32(t.reach().body))
	if b.Size() != want {
		b.Resize(want)
		t.goTo(t.top)
		t.scroll.Refresh()
	}
}

// show draws the rows in sight; all of them, or only those that came in.
func (b *tableBody) show(all bool) {
	if b.render == nil || len(b.table.shown) == 0 {
		return
	}
	t, h := b.table, float64(b.table.rowHeight())
	first := max(0, int(t.top/h))
	last := min(t.Rows(), int((t.top+float64(t.scroll.Size().Height))/h)+1)
	count := max(0, last-first)
	if grown := count > len(b.rows); grown {
		for len(b.rows) < count+2 {
			b.rows = append(b.rows, newTableRow(t))
		}
		all = true // which row a line of the pool shows has changed
	}
	b.render.objects = b.render.objects[:0]
	for i := first; i < last; i++ {
		r := b.rows[i%len(b.rows)]
		if all || r.index != i || i < b.first || i >= b.last {
			b.draw(r, i)
		}
		place(r.box, 0, t.at+float32(float64(i)*h-t.top), t.scroll.Size().Width, float32(h))
		b.render.objects = append(b.render.objects, r.box)
	}
	b.first, b.last = first, last
	canvas.Refresh(b)
}

func (b *tableBody) draw(r *tableRow, i int) {
	r.index = i
	clear(b.cells)
	b.table.Cells(i, b.cells)
	r.draw(b.cells, i == b.table.chosen, i == b.hovered)
}

// rowAt is the row at a height of the body, −1 for none.
func (b *tableBody) rowAt(y float32) int {
	i := int((b.table.top + float64(y-b.table.at)) / float64(b.table.rowHeight()))
	if i < 0 || i >= b.table.Rows() {
		return -1
	}
	return i
}

func (b *tableBody) hover(row int) {
	if row == b.hovered {
		return
	}
	b.hovered = row
	b.show(true)
}

// MouseIn implements desktop.Hoverable.
func (b *tableBody) MouseIn(ev *desktop.MouseEvent) { b.MouseMoved(ev) }

// MouseMoved implements desktop.Hoverable.
func (b *tableBody) MouseMoved(ev *desktop.MouseEvent) {
	b.table.kit.touch()
	b.hover(b.rowAt(ev.Position.Y))
}

// MouseOut implements desktop.Hoverable.
func (b *tableBody) MouseOut() { b.hover(-1) }

// MouseDown implements desktop.Mouseable: it chooses at once; a second press
// on the same row opens.
func (b *tableBody) MouseDown(ev *desktop.MouseEvent) {
	t := b.table
	t.kit.touch()
	if c := fyne.CurrentApp().Driver().CanvasForObject(t); c != nil {
		c.Focus(t)
	}
	row := b.rowAt(ev.Position.Y)
	if row < 0 {
		return
	}
	again := row == t.chosen && time.Since(t.pressed) < doubleClick
	t.pressed = time.Now()
	if again {
		t.open()
		return
	}
	t.choose(row)
}

// MouseUp implements desktop.Mouseable.
func (b *tableBody) MouseUp(*desktop.MouseEvent) {}

// CreateRenderer implements fyne.Widget.
func (b *tableBody) CreateRenderer() fyne.WidgetRenderer {
	b.render = &drawn{
		of: b, layout: func(fyne.Size) {}, refresh: func() {},
		min: func() fyne.Size {
			return fyne.NewSize(0, b.table.scroll.Size().Height+float32(b.table.reach().body))
		},
	}
	return b.render
}

// tableRow is one line of the pool.
type tableRow struct {
	table *Table
	index int
	box   *fyne.Container
	back  *canvas.Rectangle
	bar   *canvas.Rectangle
	line  *canvas.Rectangle
	cells []tableCell
}

type tableCell struct {
	chip
	mark  *canvas.Rectangle
	plain *canvas.Text
}

func newTableRow(t *Table) *tableRow {
	r := &tableRow{table: t, index: -1, back: box(0), bar: box(0), line: box(0)}
	objects := []fyne.CanvasObject{r.back, r.line, r.bar}
	for range t.columns {
		c := tableCell{chip: newChip(t.kit), mark: box(2), plain: t.kit.text(false)}
		r.cells = append(r.cells, c)
		objects = append(objects, c.back, c.pic, c.text, c.mark, c.plain)
	}
	r.box = &fyne.Container{Objects: objects}
	return r
}

func (r *tableRow) draw(cells []Cell, chosen, hovered bool) {
	look, h, width := r.table.kit.Theme, r.table.rowHeight(), r.table.scroll.Size().Width
	r.back.FillColor, r.bar.FillColor, r.line.FillColor = transparent(), transparent(), look.Of(theme.Line)
	switch {
	case chosen:
		r.back.FillColor, r.bar.FillColor = look.Of(theme.AccentSoft), look.Of(theme.Accent)
	case hovered:
		r.back.FillColor = look.Of(theme.Hover)
	}
	place(r.back, 0, 0, width, h)
	place(r.bar, 0, 0, 3, h)
	place(r.line, 0, h-1, width, 1)
	for i := range r.cells {
		r.cells[i].hide()
	}
	x := float32(0)
	for n, i := range r.table.shown {
		r.cells[i].draw(cells[i], r.table.columns[i].Right, x, r.table.widths[n], h)
		x += r.table.widths[n]
	}
	r.box.Refresh()
}

func (c *tableCell) hide() {
	c.back.Hide()
	c.pic.Hide()
	c.text.Hide()
	c.mark.Hide()
	c.plain.Hide()
}

func (c *tableCell) draw(cell Cell, right bool, x, width, height float32) {
	pad := 2 * theme.Unit
	if cell.Text == "" {
		return
	}
	if cell.Chip != nil {
		c.back.Show()
		c.text.Show()
		c.paint(cell.Text, *cell.Chip)
		c.lay(cell.Text, x+pad, 0, width-pad-theme.Unit, height)
		return
	}
	left := pad
	if cell.Product != "" {
		side := c.kit.Theme.Grow(10)
		c.mark.FillColor = c.kit.Theme.Product(cell.Product)
		c.mark.Show()
		place(c.mark, x+pad, (height-side)/2, side, side)
		left += side + theme.Unit
	}
	if cell.Icon != "" {
		side := c.kit.Theme.Grow(14)
		width -= side + theme.Unit
		c.kit.icon(c.pic, cell.Icon, theme.Muted)
		c.pic.Show()
		place(c.pic, x+width, (height-side)/2, side, side)
	}
	c.plain.Show()
	c.plain.TextStyle.Bold = cell.Bold
	c.plain.Text = c.kit.shorten(cell.Text, theme.Body, cell.Bold, width-left-theme.Unit)
	c.plain.Alignment = fyne.TextAlignLeading
	room := width - left
	if right {
		c.plain.Alignment = fyne.TextAlignTrailing
		room -= pad
	}
	c.kit.paint(c.plain, theme.Body, cell.Tone)
	middle(c.plain, x+left, 0, room, height)
}
