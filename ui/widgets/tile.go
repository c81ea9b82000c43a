package widgets

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"espero-soft.com/printroom/ui/theme"
)

// Tile is a person to choose: initials, name, role, and the digit that
// chooses them.
type Tile struct {
	pressable
	name   string
	role   string
	digit  string
	chosen bool
	back   *canvas.Rectangle
	disc   *canvas.Circle
	inits  *canvas.Text
	title  *canvas.Text
	under  *canvas.Text
	key    *canvas.Text
}

// NewTile returns an empty tile.
func NewTile(kit *Kit, tapped func()) *Tile {
	t := &Tile{back: box(theme.Radius), disc: canvas.NewCircle(transparent())}
	t.inits, t.title, t.under, t.key = kit.text(true), kit.text(true), kit.text(false), kit.text(false)
	t.become(kit, t, tapped)
	return t
}

// Set changes what it shows.
func (t *Tile) Set(name, role, digit string, chosen bool) {
	t.name, t.role, t.digit, t.chosen = name, role, digit, chosen
	t.Refresh()
}

// Name returns whose tile it is.
func (t *Tile) Name() string { return t.name }

// initials returns the first letters of the first and the last word.
func initials(name string) string {
	words := strings.Fields(name)
	if len(words) == 0 {
		return ""
	}
	first := []rune(words[0])[:1]
	if len(words) > 1 {
		first = append(first, []rune(words[len(words)-1])[0])
	}
	return strings.ToUpper(string(first))
}

func (t *Tile) refresh() {
	look := t.kit.Theme
	t.back.FillColor, t.back.StrokeColor, t.back.StrokeWidth = look.Of(theme.Raised), look.Of(theme.Line), 1
	disc, letters := theme.AccentSoft, theme.Accent
	switch {
	case t.chosen:
		t.back.FillColor, t.back.StrokeColor = look.Of(theme.AccentSoft), look.Of(theme.Accent)
		disc, letters = theme.Accent, theme.OnAccent
	case t.hovered:
		t.back.FillColor, t.back.StrokeColor = look.Of(theme.Hover), look.Of(theme.Edge)
	}
	if t.focused {
		t.back.StrokeColor, t.back.StrokeWidth = look.Of(theme.Accent), 2
	}
	t.back.Refresh()
	t.disc.FillColor = look.Of(disc)
	t.disc.Refresh()
	t.inits.Text, t.key.Text = initials(t.name), t.digit
	t.kit.paint(t.inits, theme.Strong, letters)
	t.kit.paint(t.title, theme.Strong, theme.Text)
	t.kit.paint(t.under, theme.Caption, theme.Muted)
	t.kit.paint(t.key, theme.Caption, theme.Muted)
}

func (t *Tile) layout(s fyne.Size) {
	pad, disc := 2*theme.Unit, t.kit.Theme.Grow(40)
	t.back.Resize(s)
	place(t.disc, pad, (s.Height-disc)/2, disc, disc)
	w := t.inits.MinSize().Width
	middle(t.inits, pad+(disc-w)/2, 0, w, s.Height)
	left, digit := pad+disc+12, t.key.MinSize().Width
	room := s.Width - left - pad - digit - theme.Unit
	t.title.Text = t.kit.shorten(t.name, theme.Strong, true, room)
	t.under.Text = t.kit.shorten(t.role, theme.Caption, false, room)
	high, low := t.title.MinSize().Height, t.under.MinSize().Height
	top := (s.Height - high - low - 2) / 2
	middle(t.title, left, top, room, high)
	middle(t.under, left, top+high+2, room, low)
	middle(t.key, s.Width-pad-digit, 0, digit, s.Height)
}

// CreateRenderer implements fyne.Widget.
func (t *Tile) CreateRenderer() fyne.WidgetRenderer {
	t.refresh()
	return &drawn{
		of: t, objects: []fyne.CanvasObject{t.back, t.disc, t.inits, t.title, t.under, t.key},
		layout: t.layout, refresh: t.refresh,
		min: func() fyne.Size { return fyne.NewSize(t.kit.Theme.Grow(248), t.kit.Theme.Grow(72)) },
	}
}
