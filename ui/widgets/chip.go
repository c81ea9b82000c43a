package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"espero-soft.com/printroom/ui/theme"
)

// Mood is how a state looks: an icon, the tone of icon and word, the ground.
type Mood struct {
	Icon   string
	Tone   theme.Colour
	Ground theme.Colour
}

// Calm, Good, Busy, Warn and Danger are the moods there are; icon is the one
// that goes with the state.
func Calm(icon string) Mood   { return Mood{icon, theme.Muted, theme.Hover} }
func Good(icon string) Mood   { return Mood{icon, theme.Good, theme.GoodSoft} }
func Busy(icon string) Mood   { return Mood{icon, theme.Accent, theme.AccentSoft} }
func Warn(icon string) Mood   { return Mood{icon, theme.Warn, theme.WarnSoft} }
func Danger(icon string) Mood { return Mood{icon, theme.Danger, theme.DangerSoft} }

// chip is the parts of a state chip; a table's cells have them too.
type chip struct {
	kit  *Kit
	back *canvas.Rectangle
	pic  *canvas.Image
	text *canvas.Text
}

func newChip(kit *Kit) chip {
	return chip{kit: kit, back: box(4), pic: kit.picture(), text: kit.text(true)}
}

func (c *chip) objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{c.back, c.pic, c.text}
}

func (c *chip) paint(word string, m Mood) {
	c.back.FillColor = c.kit.Theme.Of(m.Ground)
	c.back.Refresh()
	c.kit.icon(c.pic, m.Icon, m.Tone)
	c.text.Text = word
	c.kit.paint(c.text, theme.Caption, m.Tone)
}

func (c *chip) height() float32 { return c.kit.Theme.Grow(24) }

func (c *chip) width(word string) float32 {
	return 2*theme.Unit + c.kit.Theme.Grow(14) + 6 + c.kit.measure(word, theme.Caption, true).Width
}

// lay puts the chip at x in the middle of a height, no wider than room.
func (c *chip) lay(word string, x, y, room, height float32) {
	w, h, pic := min(c.width(word), room), c.height(), c.kit.Theme.Grow(14)
	top := y + (height-h)/2
	place(c.back, x, top, w, h)
	place(c.pic, x+theme.Unit, top+(h-pic)/2, pic, pic)
	left := theme.Unit + pic + 6
	c.text.Text = c.kit.shorten(word, theme.Caption, true, w-left-theme.Unit+0.5)
	middle(c.text, x+left, top, w-left, h)
}

// Chip tells a state by icon, word and colour.
type Chip struct {
	widget.BaseWidget
	chip
	word string
	mood Mood
}

// NewChip returns a chip that says nothing yet.
func NewChip(kit *Kit) *Chip {
	c := &Chip{chip: newChip(kit), mood: Calm("")}
	c.ExtendBaseWidget(c)
	return c
}

// Set changes what it says.
func (c *Chip) Set(word string, mood Mood) {
	if word != c.word || mood != c.mood {
		c.word, c.mood = word, mood
		c.Refresh()
	}
}

// CreateRenderer implements fyne.Widget.
func (c *Chip) CreateRenderer() fyne.WidgetRenderer {
	c.paint(c.word, c.mood)
	return &drawn{
		of: c, objects: c.objects(),
		layout:  func(s fyne.Size) { c.lay(c.word, 0, 0, s.Width, s.Height) },
		min:     func() fyne.Size { return fyne.NewSize(c.width(c.word), c.chip.height()) },
		refresh: func() { c.paint(c.word, c.mood) },
	}
}
