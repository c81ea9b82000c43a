package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"espero-soft.com/printroom/ui/theme"
)

// Segments is a choice of a few on one line, of which one is chosen: arrows
// choose, the line as a whole has the focus.
type Segments struct {
	widget.BaseWidget
	kit      *Kit
	OnChosen func(i int)
	labels   []string
	chosen   int // −1 for none
	hovered  int
	focused  bool
	back     *canvas.Rectangle
	ring     *canvas.Rectangle
	grounds  []*canvas.Rectangle
	texts    []*canvas.Text
	render   *drawn
}

var (
	_ fyne.Focusable    = (*Segments)(nil)
	_ fyne.Tappable     = (*Segments)(nil)
	_ desktop.Hoverable = (*Segments)(nil)
)

// NewSegments returns an empty line.
func NewSegments(kit *Kit) *Segments {
	s := &Segments{kit: kit, chosen: -1, hovered: -1, back: box(theme.Radius), ring: box(theme.Radius)}
	s.ExtendBaseWidget(s)
	return s
}

// Set changes the labels and which one is chosen.
func (s *Segments) Set(labels []string, chosen int) {
	s.labels, s.chosen = labels, chosen
	for len(s.texts) < len(labels) {
		s.grounds = append(s.grounds, box(4))
		s.texts = append(s.texts, s.kit.text(true))
	}
	s.Refresh()
}

// Chosen returns the chosen one, −1 for none.
func (s *Segments) Chosen() int { return s.chosen }

func (s *Segments) choose(i int) {
	s.kit.touch()
	if i >= 0 && i < len(s.labels) && i != s.chosen && s.OnChosen != nil {
		s.OnChosen(i)
	}
}

func (s *Segments) width(i int) float32 {
	return s.kit.measure(s.labels[i], theme.Body, true).Width + 3*theme.Unit
}

func (s *Segments) at(x float32) int {
	left := float32(2)
	for i := range s.labels {
		if left += s.width(i); x < left {
			return i
		}
	}
	return -1
}

// Tapped implements fyne.Tappable.
func (s *Segments) Tapped(ev *fyne.PointEvent) { s.choose(s.at(ev.Position.X)) }

// MouseIn implements desktop.Hoverable.
func (s *Segments) MouseIn(ev *desktop.MouseEvent) { s.MouseMoved(ev) }

// MouseMoved implements desktop.Hoverable.
func (s *Segments) MouseMoved(ev *desktop.MouseEvent) {
	s.kit.touch()
	if i := s.at(ev.Position.X); i != s.hovered {
		s.hovered = i
		s.Refresh()
	}
}

// MouseOut implements desktop.Hoverable.
func (s *Segments) MouseOut() {
	s.hovered = -1
	s.Refresh()
}

// FocusGained implements fyne.Focusable.
func (s *Segments) FocusGained() {
	s.focused = true
	s.Refresh()
}

// FocusLost implements fyne.Focusable.
func (s *Segments) FocusLost() {
	s.focused = false
	s.Refresh()
}

// TypedRune implements fyne.Focusable.
func (s *Segments) TypedRune(r rune) { s.kit.holdRune(r) }

// TypedKey implements fyne.Focusable.
func (s *Segments) TypedKey(ev *fyne.KeyEvent) {
	if s.kit.holdKey(ev) {
		return
	}
	switch ev.Name {
	case fyne.KeyRight, fyne.KeyDown:
		s.choose(min(s.chosen+1, len(s.labels)-1))
	case fyne.KeyLeft, fyne.KeyUp:
		s.choose(max(s.chosen-1, 0))
	case fyne.KeyHome:
		s.choose(0)
	case fyne.KeyEnd:
		s.choose(len(s.labels) - 1)
	default:
		Unhandled(s, ev)
	}
}

func (s *Segments) refresh() {
	look := s.kit.Theme
	s.back.FillColor, s.back.StrokeColor, s.back.StrokeWidth = look.Of(theme.Raised), look.Of(theme.Edge), 1
	s.ring.StrokeWidth = 0
	if s.focused {
		s.ring.StrokeWidth, s.ring.StrokeColor = 2, look.Of(theme.Accent)
	}
	s.back.Refresh()
	s.ring.Refresh()
	objects := []fyne.CanvasObject{s.back}
	for i, label := range s.labels {
		tone := theme.Muted
		s.grounds[i].FillColor = transparent()
		switch i {
		case s.chosen:
			s.grounds[i].FillColor, tone = look.Of(theme.AccentSoft), theme.Accent
		case s.hovered:
			s.grounds[i].FillColor, tone = look.Of(theme.Hover), theme.Text
		}
		s.grounds[i].Refresh()
		s.texts[i].Text = label
		s.kit.paint(s.texts[i], theme.Body, tone)
		objects = append(objects, s.grounds[i], s.texts[i])
	}
	if s.render != nil {
		s.render.objects = append(objects, s.ring)
	}
}

// CreateRenderer implements fyne.Widget.
func (s *Segments) CreateRenderer() fyne.WidgetRenderer {
	s.render = &drawn{
		of: s, refresh: s.refresh,
		min: func() fyne.Size {
			width := float32(4)
			for i := range s.labels {
				width += s.width(i)
			}
			return fyne.NewSize(width, s.kit.Theme.Grow(40))
		},
		layout: func(size fyne.Size) {
			place(s.back, 0, 0, size.Width, size.Height)
			place(s.ring, 0, 0, size.Width, size.Height)
			x := float32(2)
			for i := range s.labels {
				w := s.width(i)
				place(s.grounds[i], x+1, 3, w-2, size.Height-6)
				text := s.kit.measure(s.labels[i], theme.Body, true).Width
				middle(s.texts[i], x+(w-text)/2, 0, text, size.Height)
				x += w
			}
		},
	}
	s.refresh()
	return s.render
}
