package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"espero-soft.com/printroom/ui/theme"
)

// Empty stands where nothing is to be shown: why, and what to do next.
type Empty struct {
	widget.BaseWidget
	kit    *Kit
	icon   string
	pic    *canvas.Image
	title  *Paragraph
	body   *Paragraph
	action fyne.CanvasObject // nil for none
}

// NewEmpty returns one with an action below its text, nil for none.
func NewEmpty(kit *Kit, icon string, action fyne.CanvasObject) *Empty {
	e := &Empty{kit: kit, icon: icon, pic: kit.picture(), action: action}
	e.title = NewParagraph(kit, theme.Strong, theme.Text, true)
	e.body = NewParagraph(kit, theme.Body, theme.Muted, false)
	e.title.Centred, e.body.Centred = true, true
	e.ExtendBaseWidget(e)
	return e
}

// Set changes what it says.
func (e *Empty) Set(icon, title, body string) {
	e.icon = icon
	e.title.Set(title)
	e.body.Set(body)
	e.Refresh()
}

// Title returns what it says first.
func (e *Empty) Title() string { return e.title.Text() }

func (e *Empty) layout(s fyne.Size) {
	side, width := e.kit.Theme.Grow(40), min(s.Width-4*theme.Unit, e.kit.Theme.Grow(400))
	left := (s.Width - width) / 2
	high, low := e.title.HeightFor(width), e.body.HeightFor(width)
	var action fyne.Size
	if e.action != nil && e.action.Visible() {
		action = e.action.MinSize()
	}
	total := side + 2*theme.Unit + high + theme.Unit + low
	if action.Height > 0 {
		total += 3*theme.Unit + action.Height
	}
	y := max(theme.Unit, (s.Height-total)*0.42)
	place(e.pic, (s.Width-side)/2, y, side, side)
	y += side + 2*theme.Unit
	place(e.title, left, y, width, high)
	y += high + theme.Unit
	place(e.body, left, y, width, low)
	y += low + 3*theme.Unit
	if action.Height > 0 {
		place(e.action, (s.Width-action.Width)/2, y, action.Width, action.Height)
	}
}

// CreateRenderer implements fyne.Widget.
func (e *Empty) CreateRenderer() fyne.WidgetRenderer {
	refresh := func() { e.kit.icon(e.pic, e.icon, theme.Muted) }
	refresh()
	objects := []fyne.CanvasObject{e.pic, e.title, e.body}
	if e.action != nil {
		objects = append(objects, e.action)
	}
	return &drawn{
		of: e, objects: objects, layout: e.layout, refresh: refresh,
		min: func() fyne.Size { return fyne.NewSize(e.kit.Theme.Grow(160), e.kit.Theme.Grow(120)) },
	}
}
