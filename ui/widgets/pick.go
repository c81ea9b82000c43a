package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"espero-soft.com/printroom/ui/theme"
)

// Pick is one line of a list of which any number are ticked: a tick box, a
// product's mark, a label over a second line, and a figure at the right.
type Pick struct {
	pressable
	item             Choice
	on               bool
	back, mark, tint *canvas.Rectangle
	tick             *canvas.Image
	label, under     *canvas.Text
	many             *canvas.Text
}

// NewPick returns an empty line.
func NewPick(kit *Kit, tapped func()) *Pick {
	p := &Pick{back: box(theme.Radius), mark: box(4), tint: box(2), tick: kit.picture()}
	p.label, p.under, p.many = kit.text(true), kit.text(false), kit.text(true)
	p.become(kit, p, tapped)
	return p
}

// Set changes what it says and whether it is ticked.
func (p *Pick) Set(item Choice, on bool) {
	if item != p.item || on != p.on {
		p.item, p.on = item, on
		p.Refresh()
	}
}

// On tells whether it is ticked.
func (p *Pick) On() bool { return p.on }

func (p *Pick) refresh() {
	look, tone := p.kit.Theme, theme.Text
	p.back.FillColor, p.back.StrokeWidth = transparent(), 0
	p.mark.FillColor, p.mark.StrokeColor, p.mark.StrokeWidth = look.Of(theme.Raised), look.Of(theme.Edge), 1
	icon := ""
	if p.on {
		icon = "check"
		p.mark.FillColor, p.mark.StrokeColor = look.Of(theme.Accent), look.Of(theme.Accent)
	} else {
		tone = theme.Muted
	}
	if p.hovered {
		p.back.FillColor = look.Of(theme.Hover)
	}
	if p.focused {
		p.back.StrokeColor, p.back.StrokeWidth = look.Of(theme.Accent), 2
	}
	p.tint.FillColor = look.Product(p.item.Product)
	p.back.Refresh()
	p.mark.Refresh()
	p.tint.Refresh()
	p.kit.icon(p.tick, icon, theme.OnAccent)
	p.many.Text = p.item.Count
	p.kit.paint(p.label, theme.Body, tone)
	p.kit.paint(p.under, theme.Caption, theme.Muted)
	p.kit.paint(p.many, theme.Body, tone)
}

func (p *Pick) layout(s fyne.Size) {
	side, tint := p.kit.Theme.Grow(20), p.kit.Theme.Grow(10)
	place(p.back, theme.Unit, 2, s.Width-2*theme.Unit, s.Height-4)
	x := 2 * theme.Unit
	place(p.mark, x, (s.Height-side)/2, side, side)
	place(p.tick, x+2, (s.Height-side)/2+2, side-4, side-4)
	x += side + 12
	place(p.tint, x, (s.Height-tint)/2, tint, tint)
	x += tint + theme.Unit
	many := p.many.MinSize().Width
	room := s.Width - x - many - 3*theme.Unit
	p.label.Text = p.kit.shorten(p.item.Label, theme.Body, true, room)
	p.under.Text = p.kit.shorten(p.item.Under, theme.Caption, false, room)
	high, low := p.label.MinSize().Height, p.under.MinSize().Height
	top := (s.Height - high - low) / 2
	middle(p.label, x, top, room, high)
	middle(p.under, x, top+high, room, low)
	middle(p.many, s.Width-2*theme.Unit-many, 0, many, s.Height)
}

// CreateRenderer implements fyne.Widget.
func (p *Pick) CreateRenderer() fyne.WidgetRenderer {
	p.refresh()
	return &drawn{
		of: p, objects: []fyne.CanvasObject{p.back, p.mark, p.tick, p.tint, p.label, p.under, p.many},
		layout: p.layout, refresh: p.refresh,
		min: func() fyne.Size { return fyne.NewSize(p.kit.Theme.Grow(200), p.kit.Theme.Grow(56)) },
	}
}
