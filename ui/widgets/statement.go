package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"espero-soft.com/printroom/ui/theme"
)

// Statement is one thing that is or is not so: an icon in the tone of it, what
// it is about, what is so, and since when.
type Statement struct {
	widget.BaseWidget
	kit   *Kit
	mood  Mood
	about string
	what  string
	when  string
	disc  *canvas.Circle
	pic   *canvas.Image
	lines [3]*canvas.Text
}

// NewStatement returns an empty one.
func NewStatement(kit *Kit) *Statement {
	s := &Statement{kit: kit, disc: canvas.NewCircle(transparent()), pic: kit.picture()}
	s.lines = [3]*canvas.Text{kit.text(false), kit.text(true), kit.text(false)}
	s.ExtendBaseWidget(s)
	return s
}

// Set changes what it says.
func (s *Statement) Set(mood Mood, about, what, when string) {
	if mood != s.mood || about != s.about || what != s.what || when != s.when {
		s.mood, s.about, s.what, s.when = mood, about, what, when
		s.Refresh()
	}
}

// What returns what it says is so.
func (s *Statement) What() string { return s.what }

func (s *Statement) refresh() {
	s.disc.FillColor = s.kit.Theme.Of(s.mood.Ground)
	s.disc.Refresh()
	s.kit.icon(s.pic, s.mood.Icon, s.mood.Tone)
	tone := theme.Text
	if s.mood.Tone == theme.Danger {
		tone = theme.Danger
	}
	s.kit.paint(s.lines[0], theme.Caption, theme.Muted)
	s.kit.paint(s.lines[1], theme.Body, tone)
	s.kit.paint(s.lines[2], theme.Caption, theme.Muted)
}

// CreateRenderer implements fyne.Widget.
func (s *Statement) CreateRenderer() fyne.WidgetRenderer {
	s.refresh()
	return &drawn{
		of: s, objects: []fyne.CanvasObject{s.disc, s.pic, s.lines[0], s.lines[1], s.lines[2]}, refresh: s.refresh,
		min: func() fyne.Size { return fyne.NewSize(s.kit.Theme.Grow(160), s.kit.Theme.Grow(56)) },
		layout: func(size fyne.Size) {
			disc, pic := s.kit.Theme.Grow(40), s.kit.Theme.Grow(20)
			place(s.disc, 0, (size.Height-disc)/2, disc, disc)
			place(s.pic, (disc-pic)/2, (size.Height-pic)/2, pic, pic)
			left := disc + 12
			room := max(0, size.Width-left)
			texts := [3]string{s.about, s.what, s.when}
			sizes := [3]float32{theme.Caption, theme.Body, theme.Caption}
			var total float32
			for i, t := range s.lines {
				t.Text = s.kit.shorten(texts[i], sizes[i], i == 1, room+0.5)
				if texts[i] != "" {
					total += t.MinSize().Height
				}
			}
			y := (size.Height - total) / 2
			for i, t := range s.lines {
				h := t.MinSize().Height
				if texts[i] == "" {
					h = 0
				}
				place(t, left, y, room, h)
				y += h
			}
		},
	}
}
