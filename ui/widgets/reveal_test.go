package widgets_test

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"

	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/widgets"
)

// TestRevealScrollsToWhatJustCame: a part below the place is shown, and one in
// a Wrap above it again.
func TestRevealScrollsToWhatJustCame(t *testing.T) {
	test.NewTempApp(t)
	kit := &widgets.Kit{Theme: theme.New(theme.Look{}, nil)}
	part := func() *canvas.Rectangle {
		r := canvas.NewRectangle(nil)
		r.SetMinSize(fyne.NewSize(50, 80))
		return r
	}
	wrap := widgets.NewWrap(0)
	first, last := part(), part()
	wrap.Set([]fyne.CanvasObject{first, part(), part()})
	last.Hide()
	column := widgets.NewColumn(kit, 0, wrap, last)
	flow := widgets.NewFlow(column)
	w := test.NewTempWindow(t, flow)
	w.SetPadded(false)
	w.Resize(fyne.NewSize(60, 100))
	at := func() float32 { return column.Position().Y }
	flow.Reveal(first)
	if at() != 0 {
		t.Fatalf("the column is at %v", at())
	}
	last.Show()
	flow.Reveal(last)
	if want := float32(100 - 4*80); at() != want {
		t.Errorf("the last part: the column is at %v, want %v", at(), want)
	}
	flow.Reveal(first)
	if at() != 0 {
		t.Errorf("the first part: the column is at %v", at())
	}
	flow.Reveal(part())
	if at() != 0 {
		t.Error("a part that is not there was revealed")
	}
}
