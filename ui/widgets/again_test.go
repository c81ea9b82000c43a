package widgets_test

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"

	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/widgets"
)

// TestWhatComesBackIsDrawn: the toolkit drops the renderers of what was hidden
// for a minute. The one made after that shows the same text, without a new size.
func TestWhatComesBackIsDrawn(t *testing.T) {
	test.NewTempApp(t)
	kit := &widgets.Kit{Theme: theme.New(theme.Look{}, nil)}
	paragraph := widgets.NewParagraph(kit, theme.Body, theme.Text, false)
	paragraph.Set("two words")
	button := widgets.NewButton(kit, widgets.Plain, "lock", nil)
	button.Set("two words", "")
	for name, w := range map[string]fyne.Widget{"paragraph": paragraph, "button": button} {
		test.NewTempWindow(t, w).Resize(fyne.NewSize(200, 60))
		if got := written(w.CreateRenderer()); got != "two words" {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func written(r fyne.WidgetRenderer) string {
	out := ""
	for _, o := range r.Objects() {
		if text, ok := o.(*canvas.Text); ok && !text.Size().IsZero() {
			out += text.Text
		}
	}
	return out
}
