package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"espero-soft.com/printroom/ui/theme"
)

// RailItem leads to a screen.
type RailItem struct {
	pressable
	icon   string
	label  string
	chosen bool
	back   *canvas.Rectangle
	bar    *canvas.Rectangle
	pic    *canvas.Image
	text   *canvas.Text
}

// NewRailItem returns the item of a screen with that icon.
func NewRailItem(kit *Kit, icon string, tapped func()) *RailItem {
	r := &RailItem{icon: icon, back: box(theme.Radius), bar: box(2), pic: kit.picture(), text: kit.text(true)}
	r.become(kit, r, tapped)
	return r
}

// Set changes its label and whether its screen is shown.
func (r *RailItem) Set(label string, chosen bool) {
	r.label, r.chosen = label, chosen
	r.Refresh()
}

// RailWidth is how wide the rail is, before scaling.
const RailWidth float32 = 88

func (r *RailItem) refresh() {
	look, tone := r.kit.Theme, theme.Muted
	r.back.FillColor, r.bar.FillColor, r.back.StrokeWidth = transparent(), transparent(), 0
	switch {
	case r.chosen:
		r.back.FillColor, r.bar.FillColor = look.Of(theme.AccentSoft), look.Of(theme.Accent)
		tone = theme.Accent
	case r.hovered:
		r.back.FillColor = look.Of(theme.Hover)
	}
	if r.focused {
		r.back.StrokeColor, r.back.StrokeWidth = look.Of(theme.Accent), 2
	}
	r.back.Refresh()
	r.bar.Refresh()
	r.kit.icon(r.pic, r.icon, tone)
	r.kit.paint(r.text, theme.Caption, tone)
}

// CreateRenderer implements fyne.Widget.
func (r *RailItem) CreateRenderer() fyne.WidgetRenderer {
	r.refresh()
	return &drawn{
		of: r, objects: []fyne.CanvasObject{r.back, r.bar, r.pic, r.text}, refresh: r.refresh,
		min: func() fyne.Size { return fyne.NewSize(r.kit.Theme.Grow(RailWidth), r.kit.Theme.Grow(72)) },
		layout: func(s fyne.Size) {
			side := r.kit.Theme.Grow(24)
			place(r.back, theme.Unit, 4, s.Width-2*theme.Unit, s.Height-8)
			place(r.bar, 0, 12, 4, s.Height-24)
			r.text.Text = r.kit.shorten(r.label, theme.Caption, true, s.Width-2*theme.Unit-4)
			m := r.text.MinSize()
			top := (s.Height - side - 4 - m.Height) / 2
			place(r.pic, (s.Width-side)/2, top, side, side)
			place(r.text, (s.Width-m.Width)/2, top+side+4, m.Width, m.Height)
		},
	}
}
