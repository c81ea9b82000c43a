package widgets

import (
	"fmt"
	"math"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"espero-soft.com/printroom/ui/theme"
)

// tall is a table of so many rows in a window; drawn is what its rows in sight
// say, by their number.
func tall(t *testing.T, rows int) (table *Table, drawn map[int]bool) {
	t.Helper()
	test.NewTempApp(t)
	drawn = make(map[int]bool)
	table = NewTable(&Kit{Theme: theme.New(theme.Look{}, nil)}, []TableColumn{{Key: "n", Width: 100}})
	table.Rows = func() int { return rows }
	table.Cells = func(row int, cells []Cell) {
		drawn[row] = true
		cells[0] = Cell{Text: fmt.Sprint(row)}
	}
	table.OnChosen = func(row int) { table.Update(row) }
	test.NewTempWindow(t, table).Resize(fyne.NewSize(300, 500))
	return table, drawn
}

// TestTenMillionRows: every row can be reached, by keys, by the wheel and by the
// bar, each stands where it belongs to the pixel, and only those in sight are
// asked for.
func TestTenMillionRows(t *testing.T) {
	const rows = 10_000_000
	table, drawn := tall(t, rows)
	h := float64(table.rowHeight())
	where := func(row int) float64 { // of a row in the view
		return float64(table.body.rows[row%len(table.body.rows)].box.Position().Y - table.scroll.Offset.Y)
	}
	table.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEnd})
	view := float64(table.scroll.Size().Height)
	if !drawn[rows-1] || math.Abs(where(rows-1)+h-view) > 0.5 {
		t.Errorf("the last row is at %v of %v", where(rows-1), view)
	}
	table.TypedKey(&fyne.KeyEvent{Name: fyne.KeyHome})
	if table.top != 0 || where(0) != 0 {
		t.Errorf("the first row is at %v", where(0))
	}
	table.goTo(5_000_000 * h)
	table.body.show(true)
	clear(drawn)
	for step := range 1000 { // a wheel
		table.scroll.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, -10)})
		want := 5_000_000*h + 10*float64(step+1)
		if math.Abs(table.top-want) > 1 {
			t.Fatalf("after %d steps the rows are at %v, want %v", step+1, table.top, want)
		}
		first := int(table.top / h)
		if math.Abs(where(first)-(float64(first)*h-table.top)) > 0.5 {
			t.Fatalf("row %d is drawn at %v", first, where(first))
		}
	}
	if len(drawn) > 1000 {
		t.Errorf("%d rows were asked for", len(drawn))
	}
	for range 20 { // up to the very first
		table.scroll.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, 1e7)})
	}
	if table.top != 0 {
		t.Errorf("the wheel ends at %v", table.top)
	}
}

// TestReach: there and back is the same place, and the way only goes forward.
func TestReach(t *testing.T) {
	for _, rows := range []float64{100, 4000, 1 << 20, mostBody, 8e6, 4e8, 4e9} {
		const view = 640
		r := newReach(rows, view)
		if r.body > mostBody || r.inBody(0) != 0 || r.inBody(r.rows) != r.body {
			t.Errorf("%v: %+v", rows, r)
		}
		before := -1.0
		for i := range 1001 {
			top := r.rows * float64(i) / 1000
			at := r.inBody(top)
			if at < before || math.Abs(r.inRows(at)-top) > 0.01 {
				t.Fatalf("%v: %v in the body is %v, back is %v", rows, top, at, r.inRows(at))
			}
			before = at
		}
		if got := r.moved(0, 0, r.body, view); got != r.rows {
			t.Errorf("%v: the bar's end is at %v", rows, got)
		}
	}
}
