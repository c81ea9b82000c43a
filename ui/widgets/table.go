package widgets

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"espero-soft.com/printroom/ui/theme"
)

// TableColumn is a column of a table. When the table is too narrow columns
// shrink to their Least, and then those with a Rank give way, the highest rank
// first.
type TableColumn struct {
	Key   string
	Title string
	Width float32 // before scaling
	Least float32 // before scaling; 0 when it is never narrower than Width
	Right bool    // figures stand at the right
	Rank  int
}

// Cell is what stands in one cell; the zero Cell is empty.
type Cell struct {
	Text    string
	Tone    theme.Colour
	Bold    bool
	Chip    *Mood  // draws Text as a chip
	Icon    string // draws an icon after Text
	Product string // draws a product's mark before Text
}

// Table shows any number of rows of one height: only those in sight exist.
// Choosing a row and opening it are two things: arrows and a click choose,
// Enter, Space and a double click open.
type Table struct {
	widget.BaseWidget
	kit     *Kit
	columns []TableColumn
	Rows    func() int
	// Cells fills cells, one a column, for a row.
	Cells    func(row int, cells []Cell)
	OnChosen func(row int)
	OnOpened func(row int)
	OnSorted func(column string)
	OnRune   func(rune)

	chosen  int // −1 for none
	sorted  string
	down    bool
	focused bool
	pressed time.Time // of the last press, for double clicks
	scroll  *container.Scroll
	body    *tableBody
	head    *tableHead
	ring    *canvas.Rectangle
	top     float64   // where the rows stand, in pixels from the first one
	at      float32   // where the body stands for that
	shown   []int     // indexes of the columns that have room
	widths  []float32 // of those
}

var (
	_ fyne.Focusable    = (*Table)(nil)
	_ desktop.Mouseable = (*tableBody)(nil)
	_ desktop.Hoverable = (*tableBody)(nil)
)

// NewTable returns a table without rows.
func NewTable(kit *Kit, columns []TableColumn) *Table {
	t := &Table{kit: kit, columns: columns, chosen: -1, ring: box(2), Rows: func() int { return 0 }}
	t.body = newTableBody(t)
	t.head = newTableHead(t)
	t.scroll = container.NewVScroll(t.body)
	t.scroll.OnScrolled = func(fyne.Position) { t.scrolled() }
	t.ExtendBaseWidget(t)
	return t
}

// SetTitles names the columns, in their order.
func (t *Table) SetTitles(titles []string) {
	for i := range titles {
		t.columns[i].Title = titles[i]
	}
	t.head.Refresh()
}

// SetSorted marks the column that the rows are sorted by.
func (t *Table) SetSorted(column string, down bool) {
	if t.sorted != column || t.down != down {
		t.sorted, t.down = column, down
		t.head.Refresh()
	}
}

// Update redraws the rows, chosen being the marked one, −1 for none.
func (t *Table) Update(chosen int) {
	moved := chosen != t.chosen
	t.chosen = chosen
	t.body.fit()
	if moved && chosen >= 0 {
		t.reveal(chosen)
	}
	t.body.show(true)
}

// Chosen returns the marked row, −1 for none.
func (t *Table) Chosen() int { return t.chosen }

func (t *Table) rowHeight() float32 { return t.kit.Theme.Grow(40) }

// reveal scrolls just so far that a row is in sight.
func (t *Table) reveal(row int) {
	h, view := float64(t.rowHeight()), float64(t.scroll.Size().Height)
	top := float64(row) * h
	switch {
	case view <= 0:
		return
	case top < t.top:
		t.goTo(top)
	case top+h > t.top+view:
		t.goTo(top + h - view)
	default:
		return
	}
	t.scroll.Refresh()
}

// Shows tells whether a column has room.
func (t *Table) Shows(key string) bool {
	for _, i := range t.shown {
		if t.columns[i].Key == key {
			return true
		}
	}
	return false
}

func (t *Table) choose(row int) {
	row = min(max(row, 0), t.Rows()-1)
	if row >= 0 && t.OnChosen != nil {
		t.OnChosen(row)
	}
}

func (t *Table) open() {
	if t.chosen >= 0 && t.OnOpened != nil {
		t.OnOpened(t.chosen)
	}
}

// FocusGained implements fyne.Focusable.
func (t *Table) FocusGained() {
	t.focused = true
	t.Refresh()
}

// FocusLost implements fyne.Focusable.
func (t *Table) FocusLost() {
	t.focused = false
	t.Refresh()
}

// TypedRune implements fyne.Focusable.
func (t *Table) TypedRune(r rune) {
	if !t.kit.holdRune(r) && r != ' ' && t.OnRune != nil {
		t.OnRune(r)
	}
}

// TypedKey implements fyne.Focusable.
func (t *Table) TypedKey(ev *fyne.KeyEvent) {
	if t.kit.holdKey(ev) {
		return
	}
	page := max(1, int(t.scroll.Size().Height/t.rowHeight())-1)
	switch ev.Name {
	case fyne.KeyDown:
		t.choose(t.chosen + 1)
	case fyne.KeyUp:
		t.choose(t.chosen - 1)
	case fyne.KeyPageDown:
		t.choose(t.chosen + page)
	case fyne.KeyPageUp:
		t.choose(t.chosen - page)
	case fyne.KeyHome:
		t.choose(0)
	case fyne.KeyEnd:
		t.choose(t.Rows() - 1)
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace:
		t.open()
	default:
		Unhandled(t, ev)
	}
}

// share decides which columns have room in a width and how wide each is.
func (t *Table) share(width float32) {
	for dropped := 0; ; {
		highest := t.keep(dropped)
		var full, least float32
		for _, i := range t.shown {
			full += t.kit.Theme.Grow(t.columns[i].Width)
			least += t.least(i)
		}
		if least <= width || highest == 0 {
			t.stretch(width, full, least)
			return
		}
		dropped = highest
	}
}

// keep shows the columns below a rank, all of them for 0, and returns the
// highest rank among them.
func (t *Table) keep(dropped int) (highest int) {
	t.shown = t.shown[:0]
	for i, c := range t.columns {
		if dropped == 0 || c.Rank < dropped {
			highest = max(highest, c.Rank)
			t.shown = append(t.shown, i)
		}
	}
	return highest
}

func (t *Table) least(i int) float32 {
	if l := t.columns[i].Least; l > 0 {
		return t.kit.Theme.Grow(l)
	}
	return t.kit.Theme.Grow(t.columns[i].Width)
}

// stretch gives each column shown its part of a width: what is left over in
// proportion, and what lacks from those that can be narrower.
func (t *Table) stretch(width, full, least float32) {
	t.widths = t.widths[:0]
	give := float32(0) // how much of what they can give the columns have to
	if full > width && full > least {
		give = min(1, (full-width)/(full-least))
	}
	for _, i := range t.shown {
		w := t.kit.Theme.Grow(t.columns[i].Width)
		t.widths = append(t.widths, max(1, width/full)*(w-give*(w-t.least(i))))
	}
}

// CreateRenderer implements fyne.Widget.
func (t *Table) CreateRenderer() fyne.WidgetRenderer {
	refresh := func() {
		t.ring.StrokeWidth = 0
		if t.focused {
			t.ring.StrokeWidth, t.ring.StrokeColor = 2, t.kit.Theme.Of(theme.Accent)
		}
		t.ring.Refresh()
		t.head.Refresh()
		t.body.fit()
		t.body.show(true)
	}
	return &drawn{
		of: t, objects: []fyne.CanvasObject{t.head, t.scroll, t.ring}, refresh: refresh,
		min: func() fyne.Size { return fyne.NewSize(t.kit.Theme.Grow(240), 4*t.rowHeight()) },
		layout: func(s fyne.Size) {
			t.share(s.Width)
			h := t.kit.Theme.Grow(40)
			place(t.head, 0, 0, s.Width, h)
			place(t.scroll, 0, h, s.Width, s.Height-h)
			place(t.ring, 0, 0, s.Width, s.Height)
			t.head.Refresh()
			t.body.fit()
			t.body.show(true)
		},
	}
}
