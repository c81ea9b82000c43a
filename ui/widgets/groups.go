package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"espero-soft.com/printroom/ui/theme"
)

// Choice is one line of Choices.
type Choice struct {
	Label   string
	Under   string // second line
	Count   string // figure at the right
	Product string // mark before the label
	Icon    string // icon before the label
	Tone    theme.Colour
	Alarm   bool // it can't wait: danger's ground and tone
}

// Choices is a list of which one is chosen: arrows choose, the list as a whole
// has the focus.
type Choices struct {
	widget.BaseWidget
	kit      *Kit
	OnChosen func(i int)
	OnOpened func(i int) // Enter or Space on the chosen line
	OnRune   func(rune)
	Low      bool // lines of one text, half as high
	items    []Choice
	chosen   int // −1 for none
	hovered  int
	focused  bool
	lines    []*choiceLine
	ring     *canvas.Rectangle
	render   *drawn
}

type choiceLine struct {
	back, bar, mark    *canvas.Rectangle
	pic                *canvas.Image
	label, under, many *canvas.Text
}

var (
	_ fyne.Focusable    = (*Choices)(nil)
	_ fyne.Tappable     = (*Choices)(nil)
	_ desktop.Hoverable = (*Choices)(nil)
)

// NewChoices returns an empty list.
func NewChoices(kit *Kit) *Choices {
	c := &Choices{kit: kit, hovered: -1, ring: box(2)}
	c.ExtendBaseWidget(c)
	return c
}

// Set changes the lines and which one is chosen.
func (c *Choices) Set(items []Choice, chosen int) {
	c.items, c.chosen = items, chosen
	for len(c.lines) < len(items) {
		c.lines = append(c.lines, &choiceLine{
			back: box(theme.Radius), bar: box(2), mark: box(2), pic: c.kit.picture(),
			label: c.kit.text(true), under: c.kit.text(false), many: c.kit.text(true),
		})
	}
	c.Refresh()
}

func (c *Choices) lineHeight() float32 {
	if c.Low {
		return c.kit.Theme.Grow(40)
	}
	return c.kit.Theme.Grow(56)
}

func (c *Choices) choose(i int) {
	if i >= 0 && i < len(c.items) && c.OnChosen != nil {
		c.OnChosen(i)
	}
}

func (c *Choices) at(y float32) int {
	if i := int(y / c.lineHeight()); y >= 0 && i < len(c.items) {
		return i
	}
	return -1
}

// Tapped implements fyne.Tappable.
func (c *Choices) Tapped(ev *fyne.PointEvent) {
	c.kit.touch()
	c.choose(c.at(ev.Position.Y))
}

// MouseIn implements desktop.Hoverable.
func (c *Choices) MouseIn(ev *desktop.MouseEvent) { c.MouseMoved(ev) }

// MouseMoved implements desktop.Hoverable.
func (c *Choices) MouseMoved(ev *desktop.MouseEvent) {
	c.kit.touch()
	if i := c.at(ev.Position.Y); i != c.hovered {
		c.hovered = i
		c.Refresh()
	}
}

// MouseOut implements desktop.Hoverable.
func (c *Choices) MouseOut() {
	c.hovered = -1
	c.Refresh()
}

// FocusGained implements fyne.Focusable.
func (c *Choices) FocusGained() {
	c.focused = true
	c.Refresh()
}

// FocusLost implements fyne.Focusable.
func (c *Choices) FocusLost() {
	c.focused = false
	c.Refresh()
}

// TypedRune implements fyne.Focusable.
func (c *Choices) TypedRune(r rune) {
	if c.kit.holdRune(r) {
		return
	}
	if r != ' ' && c.OnRune != nil {
		c.OnRune(r)
	}
}

// TypedKey implements fyne.Focusable.
func (c *Choices) TypedKey(ev *fyne.KeyEvent) {
	if c.kit.holdKey(ev) {
		return
	}
	switch ev.Name {
	case fyne.KeyDown:
		c.choose(c.chosen + 1)
	case fyne.KeyUp:
		c.choose(c.chosen - 1)
	case fyne.KeyHome:
		c.choose(0)
	case fyne.KeyEnd:
		c.choose(len(c.items) - 1)
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace:
		if c.OnOpened == nil {
			Unhandled(c, ev)
		} else if c.chosen >= 0 && c.chosen < len(c.items) {
			c.OnOpened(c.chosen)
		}
	default:
		Unhandled(c, ev)
	}
}

func (c *Choices) refresh() {
	look := c.kit.Theme
	c.ring.StrokeWidth = 0
	if c.focused {
		c.ring.StrokeWidth, c.ring.StrokeColor = 2, look.Of(theme.Accent)
	}
	c.ring.Refresh()
	objects := make([]fyne.CanvasObject, 0, 7*len(c.items)+1)
	for i, item := range c.items {
		l := c.lines[i]
		l.paint(c.kit, item, i == c.chosen, i == c.hovered)
		objects = append(objects, l.back, l.bar, l.mark, l.pic, l.label, l.under, l.many)
	}
	if c.render != nil {
		c.render.objects = append(objects, c.ring)
	}
}

func (l *choiceLine) paint(kit *Kit, item Choice, chosen, hovered bool) {
	look := kit.Theme
	l.back.FillColor, l.bar.FillColor, l.mark.FillColor = transparent(), transparent(), transparent()
	switch {
	case chosen:
		l.back.FillColor, l.bar.FillColor = look.Of(theme.AccentSoft), look.Of(theme.Accent)
	case hovered:
		l.back.FillColor = look.Of(theme.Hover)
	}
	label, under := theme.Text, theme.Muted
	if item.Alarm {
		label, under = theme.Danger, theme.Danger
		l.back.FillColor = look.Of(theme.DangerSoft)
	}
	if item.Product != "" {
		l.mark.FillColor = look.Product(item.Product)
	}
	l.back.Refresh()
	l.bar.Refresh()
	l.mark.Refresh()
	kit.icon(l.pic, item.Icon, item.Tone)
	kit.paint(l.label, theme.Body, label)
	kit.paint(l.under, theme.Caption, under)
	l.many.Text = item.Count
	kit.paint(l.many, theme.Body, item.Tone)
}

func (l *choiceLine) lay(kit *Kit, item Choice, y, width, height float32) {
	place(l.back, theme.Unit, y+2, width-2*theme.Unit, height-4)
	place(l.bar, 0, y+theme.Unit, 4, height-2*theme.Unit)
	mark, pic := kit.Theme.Grow(10), kit.Theme.Grow(16)
	x, slot := 2*theme.Unit, pic+theme.Unit
	place(l.mark, x+(pic-mark)/2, y+(height-mark)/2, mark, mark)
	place(l.pic, x, y+(height-pic)/2, pic, pic)
	many := l.many.MinSize().Width
	room := width - x - slot - many - 3*theme.Unit
	l.label.Text = kit.shorten(item.Label, theme.Body, true, room)
	l.under.Text = kit.shorten(item.Under, theme.Caption, false, room)
	high, low := l.label.MinSize().Height, l.under.MinSize().Height
	if item.Under == "" {
		low = 0
	}
	top := y + (height-high-low)/2
	middle(l.label, x+slot, top, room, high)
	middle(l.under, x+slot, top+high, room, low)
	middle(l.many, width-2*theme.Unit-many, y, many, height)
}

// CreateRenderer implements fyne.Widget.
func (c *Choices) CreateRenderer() fyne.WidgetRenderer {
	c.render = &drawn{
		of: c, refresh: c.refresh,
		min: func() fyne.Size {
			return fyne.NewSize(c.kit.Theme.Grow(160), float32(len(c.items))*c.lineHeight())
		},
		layout: func(s fyne.Size) {
			for i, item := range c.items {
				c.lines[i].lay(c.kit, item, float32(i)*c.lineHeight(), s.Width, c.lineHeight())
			}
			place(c.ring, 2, 0, s.Width-4, float32(len(c.items))*c.lineHeight())
		},
	}
	c.refresh()
	return c.render
}
