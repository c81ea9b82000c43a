package widgets_test

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"

	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/widgets"
)

// TestLongWordsGoOn: an id is read to its end in a narrow pane, and none of it is
// lost where a word has no end.
func TestLongWordsGoOn(t *testing.T) {
	test.NewTempApp(t)
	kit := &widgets.Kit{Theme: theme.New(theme.Look{}, nil)}
	for _, text := range []string{
		"e086a024-1c8c-4c1e-838b-140f2f9d6f21", "Letter e086a024-1c8c-4c1e-838b-140f2f9d6f21 is here",
		strings.Repeat("x", 200), "été" + strings.Repeat("é", 60), "bad \xff\xfe bytes" + strings.Repeat("\xff", 90), "short",
	} {
		p := widgets.NewParagraph(kit, theme.Body, theme.Text, false)
		p.Set(text)
		test.NewTempWindow(t, p).Resize(fyne.NewSize(200, 400))
		read, lines := "", 0
		for _, o := range p.CreateRenderer().Objects() {
			line, ok := o.(*canvas.Text)
			if !ok {
				continue
			}
			if size := line.MinSize(); size.Width > p.Size().Width {
				t.Errorf("%q is %v wide, the paragraph %v", line.Text, size.Width, p.Size().Width)
			}
			read += strings.ReplaceAll(line.Text, " ", "")
			lines++
		}
		if want := strings.ReplaceAll(text, " ", ""); read != want {
			t.Errorf("%q reads %q", want, read)
		}
		if got, want := p.HeightFor(p.Size().Width), float32(lines)*p.HeightFor(100_000); lines == 0 || got != want {
			t.Errorf("%q: %d lines take %v, want %v", text, lines, got, want)
		}
	}
}

// TestNumbersStayWhole: the space in a number is no place to go on on the next
// line, and none that becomes another one.
func TestNumbersStayWhole(t *testing.T) {
	test.NewTempApp(t)
	kit := &widgets.Kit{Theme: theme.New(theme.Look{}, nil)}
	const number = "6\u202f019"
	p := widgets.NewParagraph(kit, theme.Body, theme.Text, false)
	p.Set("jusqu’à " + number)
	for width := float32(60); width < 140; width += 4 {
		test.NewTempWindow(t, p).Resize(fyne.NewSize(width, 400))
		whole := false
		for _, o := range p.CreateRenderer().Objects() {
			line, ok := o.(*canvas.Text)
			whole = whole || ok && strings.Contains(line.Text, number)
		}
		if !whole {
			t.Errorf("at %v the number is in two parts", width)
		}
	}
}
