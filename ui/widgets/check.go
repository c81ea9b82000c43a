package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"espero-soft.com/printroom/ui/theme"
)

// Check is a sentence that a person says yes to, by Space, Enter or a press
// anywhere on it.
type Check struct {
	pressable
	OnChanged func(on bool)
	on        bool
	back      *canvas.Rectangle
	mark      *canvas.Rectangle
	pic       *canvas.Image
	text      *Paragraph
}

// NewCheck returns one that nobody has said yes to.
func NewCheck(kit *Kit, changed func(on bool)) *Check {
	c := &Check{OnChanged: changed, back: box(theme.Radius), mark: box(4), pic: kit.picture()}
	c.text = NewParagraph(kit, theme.Body, theme.Text, false)
	c.become(kit, c, c.toggle)
	return c
}

func (c *Check) toggle() {
	c.on = !c.on
	c.Refresh()
	if c.OnChanged != nil {
		c.OnChanged(c.on)
	}
}

// Set changes its sentence and whether it is ticked.
func (c *Check) Set(text string, on bool) {
	c.text.Set(text)
	if on != c.on {
		c.on = on
		c.Refresh()
	}
}

// On tells whether it is ticked.
func (c *Check) On() bool { return c.on }

func (c *Check) refresh() {
	look := c.kit.Theme
	c.back.FillColor, c.back.StrokeColor, c.back.StrokeWidth = look.Of(theme.Raised), look.Of(theme.Line), 1
	c.mark.FillColor, c.mark.StrokeColor, c.mark.StrokeWidth = look.Of(theme.Raised), look.Of(theme.Edge), 1
	switch {
	case c.on:
		c.mark.FillColor, c.mark.StrokeColor = look.Of(theme.Accent), look.Of(theme.Accent)
	case c.hovered:
		c.back.FillColor = look.Of(theme.Hover)
	}
	if c.focused {
		c.back.StrokeColor, c.back.StrokeWidth = look.Of(theme.Accent), 2
	}
	c.back.Refresh()
	c.mark.Refresh()
	icon := ""
	if c.on {
		icon = "check"
	}
	c.kit.icon(c.pic, icon, theme.OnAccent)
}

func (c *Check) inset() (left, pad, side float32) {
	side = c.kit.Theme.Grow(20)
	return 12 + side + 12, 12, side
}

// HeightFor returns the height it takes in a width.
func (c *Check) HeightFor(width float32) float32 {
	left, pad, side := c.inset()
	return max(side, c.text.HeightFor(width-left-pad)) + 2*pad
}

// CreateRenderer implements fyne.Widget.
func (c *Check) CreateRenderer() fyne.WidgetRenderer {
	c.refresh()
	return &drawn{
		of: c, objects: []fyne.CanvasObject{c.back, c.mark, c.pic, c.text}, refresh: c.refresh,
		layout: func(s fyne.Size) {
			left, pad, side := c.inset()
			c.back.Resize(s)
			place(c.mark, 12, (s.Height-side)/2, side, side)
			place(c.pic, 14, (s.Height-side)/2+2, side-4, side-4)
			h := c.text.HeightFor(s.Width - left - pad)
			place(c.text, left, (s.Height-h)/2, s.Width-left-pad, h)
		},
		min: func() fyne.Size {
			width := c.kit.Theme.Grow(160)
			return fyne.NewSize(width, c.HeightFor(max(width, c.Size().Width)))
		},
	}
}
