package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"espero-soft.com/printroom/ui/theme"
)

// Tabs is Choices on one line, for where there is no room for a list. The
// second lines are left out; where that is not enough, tabs with an icon lose
// their label until they are chosen, and the line moves to the chosen one.
type Tabs struct {
	widget.BaseWidget
	kit      *Kit
	OnChosen func(i int)
	items    []Choice
	chosen   int
	focused  bool
	parts    []*tab
	ring     *canvas.Rectangle
	line     *canvas.Rectangle
	strip    *tabStrip
	clip     *container.Clip
	offset   float32 // how far the line has moved to the left
	short    bool    // tabs with an icon have no label
}

type tab struct {
	back, bar, mark *canvas.Rectangle
	pic             *canvas.Image
	label, many     *canvas.Text
}

var _ fyne.Focusable = (*Tabs)(nil)

// NewTabs returns an empty line.
func NewTabs(kit *Kit) *Tabs {
	t := &Tabs{kit: kit, ring: box(2), line: box(0)}
	t.strip = &tabStrip{tabs: t}
	t.strip.ExtendBaseWidget(t.strip)
	t.clip = container.NewClip(container.NewWithoutLayout(t.strip))
	t.ExtendBaseWidget(t)
	return t
}

// Set changes the tabs and which one is chosen.
func (t *Tabs) Set(items []Choice, chosen int) {
	t.items, t.chosen = items, chosen
	for len(t.parts) < len(items) {
		t.parts = append(t.parts, &tab{
			back: box(theme.Radius), bar: box(0), mark: box(2), pic: t.kit.picture(),
			label: t.kit.text(true), many: t.kit.text(false),
		})
	}
	t.Refresh()
}

func (t *Tabs) choose(i int) {
	if i >= 0 && i < len(t.items) && t.OnChosen != nil {
		t.OnChosen(i)
	}
}

func (t *Tabs) height() float32 { return t.kit.Theme.Grow(48) }

// label is what a tab says now.
func (t *Tabs) label(i int) string {
	if item := t.items[i]; !t.short || i == t.chosen || item.Icon == "" {
		return item.Label
	}
	return ""
}

// width of a tab and, of it, that of the icon or mark with its gap.
func (t *Tabs) width(i int) (all, pic float32) {
	item := t.items[i]
	if item.Icon != "" || item.Product != "" {
		pic = t.kit.Theme.Grow(16) + theme.Unit
	}
	all = 3*theme.Unit + pic
	if label := t.label(i); label != "" {
		all += t.kit.measure(label, theme.Body, true).Width + theme.Unit
	}
	return all + t.kit.measure(item.Count, theme.Body, false).Width, pic
}

func (t *Tabs) total() (width float32) {
	for i := range t.items {
		w, _ := t.width(i)
		width += w
	}
	return width
}

// arrange decides what has room and moves the line so that the chosen tab is
// in sight.
func (t *Tabs) arrange(s fyne.Size) {
	t.short = false
	t.short = t.total() > s.Width
	var x float32
	for i := range t.items {
		w, _ := t.width(i)
		if i == t.chosen {
			t.offset = max(0, min(t.offset, x), x+w-s.Width)
		}
		x += w
	}
	t.offset = max(0, min(t.offset, x-s.Width))
	place(t.strip, -t.offset, 0, max(x, s.Width), s.Height)
	t.strip.Refresh()
}

// FocusGained implements fyne.Focusable.
func (t *Tabs) FocusGained() {
	t.focused = true
	t.Refresh()
}

// FocusLost implements fyne.Focusable.
func (t *Tabs) FocusLost() {
	t.focused = false
	t.Refresh()
}

// TypedRune implements fyne.Focusable.
func (t *Tabs) TypedRune(r rune) { t.kit.holdRune(r) }

// TypedKey implements fyne.Focusable.
func (t *Tabs) TypedKey(ev *fyne.KeyEvent) {
	if t.kit.holdKey(ev) {
		return
	}
	switch ev.Name {
	case fyne.KeyRight:
		t.choose(t.chosen + 1)
	case fyne.KeyLeft:
		t.choose(t.chosen - 1)
	case fyne.KeyHome:
		t.choose(0)
	case fyne.KeyEnd:
		t.choose(len(t.items) - 1)
	default:
		Unhandled(t, ev)
	}
}

// CreateRenderer implements fyne.Widget.
func (t *Tabs) CreateRenderer() fyne.WidgetRenderer {
	refresh := func() {
		t.ring.StrokeWidth = 0
		if t.focused {
			t.ring.StrokeWidth, t.ring.StrokeColor = 2, t.kit.Theme.Of(theme.Accent)
		}
		t.ring.Refresh()
		t.line.FillColor = t.kit.Theme.Of(theme.Line)
		t.line.Refresh()
	}
	refresh()
	return &drawn{
		of: t, objects: []fyne.CanvasObject{t.line, t.clip, t.ring}, refresh: refresh,
		min: func() fyne.Size { return fyne.NewSize(t.kit.Theme.Grow(160), t.height()) },
		layout: func(s fyne.Size) {
			place(t.line, 0, s.Height-1, s.Width, 1)
			place(t.clip, 0, 0, s.Width, s.Height)
			place(t.ring, 1, 1, s.Width-2, s.Height-2)
			t.arrange(s)
		},
	}
}

// tabStrip is as wide as all tabs together.
type tabStrip struct {
	widget.BaseWidget
	tabs   *Tabs
	render *drawn
}

// Tapped implements fyne.Tappable.
func (s *tabStrip) Tapped(ev *fyne.PointEvent) {
	s.tabs.kit.touch()
	var x float32
	for i := range s.tabs.items {
		w, _ := s.tabs.width(i)
		if x += w; ev.Position.X < x {
			s.tabs.choose(i)
			return
		}
	}
}

func (s *tabStrip) paint() {
	t := s.tabs
	look := t.kit.Theme
	objects := make([]fyne.CanvasObject, 0, 6*len(t.items))
	for i, item := range t.items {
		p := t.parts[i]
		p.back.FillColor, p.bar.FillColor, p.mark.FillColor = transparent(), transparent(), transparent()
		tone, count := theme.Text, theme.Muted
		switch {
		case item.Alarm:
			p.back.FillColor, tone, count = look.Of(theme.DangerSoft), theme.Danger, theme.Danger
		case i == t.chosen:
			p.back.FillColor = look.Of(theme.AccentSoft)
		}
		if i == t.chosen {
			p.bar.FillColor = look.Of(theme.Accent)
		}
		if item.Product != "" {
			p.mark.FillColor = look.Product(item.Product)
		}
		p.back.Refresh()
		p.bar.Refresh()
		p.mark.Refresh()
		t.kit.icon(p.pic, item.Icon, item.Tone)
		p.label.Text, p.many.Text = t.label(i), item.Count
		t.kit.paint(p.label, theme.Body, tone)
		t.kit.paint(p.many, theme.Body, count)
		objects = append(objects, p.back, p.bar, p.mark, p.pic, p.label, p.many)
	}
	if s.render != nil {
		s.render.objects = objects
	}
}

func (s *tabStrip) lay(size fyne.Size) {
	t, x := s.tabs, float32(0)
	h := size.Height
	for i := range t.items {
		p := t.parts[i]
		w, pic := t.width(i)
		place(p.back, x+4, 4, w-8, h-8)
		place(p.bar, x+4, h-3, w-8, 3)
		side, mark := t.kit.Theme.Grow(16), t.kit.Theme.Grow(10)
		left := x + theme.Unit + 4
		place(p.pic, left, (h-side)/2, side, side)
		place(p.mark, left+(side-mark)/2, (h-mark)/2, mark, mark)
		left += pic
		if text := t.label(i); text != "" {
			label := t.kit.measure(text, theme.Body, true).Width
			middle(p.label, left, 0, label, h)
			left += label + theme.Unit
		}
		middle(p.many, left, 0, w, h)
		x += w
	}
}

// CreateRenderer implements fyne.Widget.
func (s *tabStrip) CreateRenderer() fyne.WidgetRenderer {
	s.render = &drawn{
		of: s, refresh: s.paint, layout: s.lay,
		min: func() fyne.Size { return fyne.NewSize(s.tabs.total(), s.tabs.height()) },
	}
	s.paint()
	return s.render
}
