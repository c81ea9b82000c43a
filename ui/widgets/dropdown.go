package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"

	"espero-soft.com/printroom/ui/theme"
)

// Dropdown is a choice of many: a field that shows the chosen one and opens a
// list. With the focus on it the arrows choose without opening it.
type Dropdown struct {
	pressable
	OnChosen func(i int)
	labels   []string
	chosen   int
	back     *canvas.Rectangle
	text     *canvas.Text
	arrow    *canvas.Image
	list     *dropList // while it is open
}

var (
	_ fyne.Focusable    = (*Dropdown)(nil)
	_ fyne.Tappable     = (*Dropdown)(nil)
	_ desktop.Hoverable = (*Dropdown)(nil)
)

// NewDropdown returns an empty one.
func NewDropdown(kit *Kit) *Dropdown {
	d := &Dropdown{back: box(theme.Radius), text: kit.text(false), arrow: kit.picture()}
	d.become(kit, d, d.open)
	d.OnKey = d.key
	return d
}

// Set changes the choices and which one is chosen.
func (d *Dropdown) Set(labels []string, chosen int) {
	d.labels, d.chosen = labels, chosen
	d.Refresh()
}

func (d *Dropdown) choose(i int) {
	if i >= 0 && i < len(d.labels) && i != d.chosen && d.OnChosen != nil {
		d.OnChosen(i)
	}
}

func (d *Dropdown) key(ev *fyne.KeyEvent) bool {
	switch ev.Name {
	case fyne.KeyDown:
		d.choose(d.chosen + 1)
	case fyne.KeyUp:
		d.choose(d.chosen - 1)
	case fyne.KeyHome:
		d.choose(0)
	case fyne.KeyEnd:
		d.choose(len(d.labels) - 1)
	default:
		return false
	}
	return true
}

// Close puts the list away.
func (d *Dropdown) Close() {
	if d.list != nil {
		d.list.popup.Hide()
		d.list = nil
	}
}

// pick chooses from the list and puts it away.
func (d *Dropdown) pick(i int) {
	d.Close()
	if c := fyne.CurrentApp().Driver().CanvasForObject(d); c != nil {
		c.Focus(d)
	}
	d.choose(i)
}

// open shows the list below the field, as high as there is room for; it has
// the keys then.
func (d *Dropdown) open() {
	c := fyne.CurrentApp().Driver().CanvasForObject(d)
	if c == nil || len(d.labels) == 0 {
		return
	}
	d.list = newDropList(d, c)
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(d).AddXY(0, d.Size().Height+2)
	d.list.show(at, c.Size())
	c.Focus(d.list)
}

func (d *Dropdown) refresh() {
	look := d.kit.Theme
	d.back.FillColor, d.back.StrokeColor, d.back.StrokeWidth = look.Of(theme.Raised), look.Of(theme.Edge), 1
	if d.hovered {
		d.back.FillColor = look.Of(theme.Hover)
	}
	if d.focused {
		d.back.StrokeColor, d.back.StrokeWidth = look.Of(theme.Accent), 2
	}
	d.back.Refresh()
	d.kit.paint(d.text, theme.Body, theme.Text)
	d.kit.icon(d.arrow, "chevron-down", theme.Muted)
}

// CreateRenderer implements fyne.Widget.
func (d *Dropdown) CreateRenderer() fyne.WidgetRenderer {
	d.refresh()
	side := func() float32 { return d.kit.Theme.Grow(16) }
	return &drawn{
		of: d, objects: []fyne.CanvasObject{d.back, d.text, d.arrow}, refresh: d.refresh,
		min: func() fyne.Size {
			var width float32
			for _, label := range d.labels {
				width = max(width, d.kit.measure(label, theme.Body, false).Width)
			}
			return fyne.NewSize(min(width, d.kit.Theme.Grow(200))+12+theme.Unit+side()+12, d.kit.Theme.Grow(40))
		},
		layout: func(s fyne.Size) {
			d.back.Resize(s)
			room := s.Width - 12 - theme.Unit - side() - 12
			d.text.Text = ""
			if d.chosen >= 0 && d.chosen < len(d.labels) {
				d.text.Text = d.kit.shorten(d.labels[d.chosen], theme.Body, false, max(room, 0)+0.5)
			}
			middle(d.text, 12, 0, room, s.Height)
			place(d.arrow, s.Width-12-side(), (s.Height-side())/2, side(), side())
		},
	}
}
