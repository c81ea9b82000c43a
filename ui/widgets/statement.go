package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"espero-soft.com/printroom/ui/theme"
)

// Statement is one thing that is or is not so: an icon in the tone of it, what
// it is about, what is so, and since when. No word of it is ever left out.
type Statement struct {
	widget.BaseWidget
	kit   *Kit
	mood  Mood
	flat  bool
	about string
	what  string
	when  string
	disc  *canvas.Circle
	pic   *canvas.Image
	lines [3]*Paragraph
}

// NewStatement returns an empty one.
func NewStatement(kit *Kit) *Statement {
	s := &Statement{kit: kit, disc: canvas.NewCircle(transparent()), pic: kit.picture()}
	s.lines = [3]*Paragraph{
		NewParagraph(kit, theme.Caption, theme.Muted, false),
		NewParagraph(kit, theme.Body, theme.Text, true),
		NewParagraph(kit, theme.Caption, theme.Muted, false),
	}
	s.ExtendBaseWidget(s)
	return s
}

// Set changes what it says.
func (s *Statement) Set(mood Mood, about, what, when string) {
	if mood != s.mood || about != s.about || what != s.what || when != s.when {
		s.mood, s.about, s.what, s.when = mood, about, what, when
		s.write()
	}
}

// Flat lets it stand on a line of its own, with a small icon and all that it says
// in one sentence.
func (s *Statement) Flat(on bool) {
	if on != s.flat {
		s.flat = on
		s.write()
	}
}

// What returns what it says is so.
func (s *Statement) What() string { return s.what }

func (s *Statement) write() {
	texts := [3]string{s.about, s.what, s.when}
	if s.flat {
		texts = [3]string{s.about + " · " + s.what, "", ""}
		if s.when != "" {
			texts[0] += " · " + s.when
		}
	}
	for i, p := range s.lines {
		p.Set(texts[i])
		if texts[i] == "" {
			p.Hide()
		} else {
			p.Show()
		}
	}
	s.Refresh()
}

// sides are the diameters of the disc and of the icon in it.
func (s *Statement) sides() (disc, pic float32) {
	if s.flat {
		return s.kit.Theme.Grow(20), s.kit.Theme.Grow(20)
	}
	return s.kit.Theme.Grow(40), s.kit.Theme.Grow(20)
}

// Room is what a width leaves for the texts.
func (s *Statement) Room(width float32) float32 {
	disc, _ := s.sides()
	return max(0, width-disc-12)
}

// HeightFor returns the height it takes in a width.
func (s *Statement) HeightFor(width float32) float32 {
	disc, _ := s.sides()
	return max(disc, s.textHeight(s.Room(width)))
}

func (s *Statement) textHeight(room float32) (total float32) {
	for _, p := range s.lines {
		if p.Visible() {
			total += p.HeightFor(room)
		}
	}
	return total
}

func (s *Statement) refresh() {
	s.disc.FillColor = transparent()
	if !s.flat {
		s.disc.FillColor = s.kit.Theme.Of(s.mood.Ground)
	}
	s.disc.Refresh()
	s.kit.icon(s.pic, s.mood.Icon, s.mood.Tone)
	tone, about := theme.Text, theme.Muted
	if s.mood.Tone == theme.Danger {
		tone = theme.Danger
	}
	if s.flat {
		about = tone
	}
	s.lines[0].SetTone(about)
	s.lines[1].SetTone(tone)
}

func (s *Statement) layout(size fyne.Size) {
	disc, pic := s.sides()
	room := s.Room(size.Width)
	y := max(0, (size.Height-s.textHeight(room))/2)
	top := (size.Height - disc) / 2
	if s.flat {
		top = y // beside its first line
	}
	place(s.disc, 0, top, disc, disc)
	place(s.pic, (disc-pic)/2, top+(disc-pic)/2, pic, pic)
	for _, p := range s.lines {
		if !p.Visible() {
			continue
		}
		h := p.HeightFor(room)
		place(p, size.Width-room, y, room, h)
		y += h
	}
}

// CreateRenderer implements fyne.Widget.
func (s *Statement) CreateRenderer() fyne.WidgetRenderer {
	s.refresh()
	return &drawn{
		of: s, objects: []fyne.CanvasObject{s.disc, s.pic, s.lines[0], s.lines[1], s.lines[2]}, refresh: s.refresh, layout: s.layout,
		min: func() fyne.Size {
			width := s.kit.Theme.Grow(160)
			return fyne.NewSize(width, s.HeightFor(max(width, s.Size().Width)))
		},
	}
}
