package widgets

import (
	"image"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"espero-soft.com/printroom/ui/theme"
)

// Mark is something found on a picture: its corners in the picture's pixels, in
// order around it, and what it is by icon, tone and word.
type Mark struct {
	Corners [4]image.Point
	Mood    Mood
	Word    string
}

// Photo shows a picture with what was found drawn on it, at a zoom in percent of
// the pane. A part of it can be framed, by the pointer or by the arrows, + and −,
// and cut out by Enter.
type Photo struct {
	widget.BaseWidget
	kit    *Kit
	OnCut  func(part image.Rectangle)
	bounds image.Rectangle // the pixels that marks and cuts are in
	zoom   int
	marks  []Mark

	framing bool
	frame   fyneRect // of the picture, from 0 to 1
	from    fyne.Position
	focused bool

	desk   *canvas.Rectangle
	ring   *canvas.Rectangle
	scroll *container.Scroll
	inside *photoSheet
}

// fyneRect is a part of something whose sides are 1.
type fyneRect struct{ left, top, right, bottom float32 }

var (
	_ fyne.Focusable    = (*Photo)(nil)
	_ fyne.Draggable    = (*photoSheet)(nil)
	_ desktop.Mouseable = (*photoSheet)(nil)
)

// NewPhoto returns an empty pane.
func NewPhoto(kit *Kit) *Photo {
	p := &Photo{kit: kit, zoom: 100, desk: box(theme.Radius), ring: box(theme.Radius)}
	p.inside = newPhotoSheet(p)
	p.scroll = container.NewScroll(p.inside)
	p.scroll.OnScrolled = func(fyne.Position) { kit.touch() }
	p.ExtendBaseWidget(p)
	return p
}

// Set shows a picture, nil for none, whose pixels were bounds before it was
// reduced, with marks, at a zoom in percent.
func (p *Photo) Set(picture image.Image, bounds image.Rectangle, marks []Mark, zoom int) {
	if picture != p.inside.sheet.Image {
		p.scroll.Offset = fyne.Position{}
		p.inside.sheet.Image = picture
		p.inside.sheet.Refresh()
	}
	p.bounds, p.marks, p.zoom = bounds, marks, zoom
	p.Refresh()
}

// Frame begins or ends framing a part.
func (p *Photo) Frame(on bool) {
	if on != p.framing {
		p.framing = on
		p.frame = fyneRect{0.08, 0.08, 0.92, 0.92}
		p.Refresh()
	}
}

// sheetSize is the size of the picture in the pane.
func (p *Photo) sheetSize() fyne.Size {
	if p.bounds.Empty() || p.inside.sheet.Image == nil {
		return fyne.Size{}
	}
	room := p.Size().SubtractWidthHeight(3*theme.Unit+1, 3*theme.Unit+1)
	fit := min(room.Width/float32(p.bounds.Dx()), room.Height/float32(p.bounds.Dy())) * float32(p.zoom) / 100
	return fyne.NewSize(float32(p.bounds.Dx())*fit, float32(p.bounds.Dy())*fit)
}

// FocusGained implements fyne.Focusable.
func (p *Photo) FocusGained() {
	p.focused = true
	p.Refresh()
}

// FocusLost implements fyne.Focusable.
func (p *Photo) FocusLost() {
	p.focused = false
	p.Refresh()
}

// step is how far an arrow moves the frame, or a plus widens it.
const step = 0.02

// TypedRune implements fyne.Focusable: plus and minus widen and narrow the frame.
func (p *Photo) TypedRune(r rune) {
	if p.kit.holdRune(r) || !p.framing {
		return
	}
	switch r {
	case '+', '=':
		p.widen(step)
	case '-', '_':
		p.widen(-step)
	}
}

func (p *Photo) widen(by float32) {
	f := fyneRect{max(0, p.frame.left-by), max(0, p.frame.top-by), min(1, p.frame.right+by), min(1, p.frame.bottom+by)}
	if f.right-f.left > 2*step && f.bottom-f.top > 2*step {
		p.frame = f
		p.Refresh()
	}
}

func (p *Photo) shift(x, y float32) {
	f := &p.frame
	x = min(max(x, -f.left), 1-f.right)
	y = min(max(y, -f.top), 1-f.bottom)
	*f = fyneRect{f.left + x, f.top + y, f.right + x, f.bottom + y}
	p.Refresh()
}

// TypedKey implements fyne.Focusable.
func (p *Photo) TypedKey(ev *fyne.KeyEvent) {
	if p.kit.holdKey(ev) {
		return
	}
	ways := map[fyne.KeyName][2]float32{fyne.KeyLeft: {-1, 0}, fyne.KeyRight: {1, 0}, fyne.KeyUp: {0, -1}, fyne.KeyDown: {0, 1}}
	way, arrow := ways[ev.Name]
	switch {
	case arrow && p.framing:
		p.shift(way[0]*step, way[1]*step)
	case arrow:
		p.scroll.Offset.X = max(0, min(p.scroll.Offset.X+way[0]*40, p.inside.Size().Width-p.scroll.Size().Width))
		p.scroll.Offset.Y = max(0, min(p.scroll.Offset.Y+way[1]*40, p.inside.Size().Height-p.scroll.Size().Height))
		p.scroll.Refresh()
	case p.framing && (ev.Name == fyne.KeyReturn || ev.Name == fyne.KeyEnter):
		p.Cut()
	default:
		Unhandled(p, ev)
	}
}

// Cut reports the framed part.
func (p *Photo) Cut() {
	if !p.framing || p.OnCut == nil {
		return
	}
	w, h, f := float32(p.bounds.Dx()), float32(p.bounds.Dy()), p.frame
	p.OnCut(image.Rect(int(f.left*w), int(f.top*h), int(f.right*w+0.5), int(f.bottom*h+0.5)).Add(p.bounds.Min))
}

// CreateRenderer implements fyne.Widget.
func (p *Photo) CreateRenderer() fyne.WidgetRenderer {
	refresh := func() {
		p.desk.FillColor = p.kit.Theme.Of(theme.Desk)
		p.desk.Refresh()
		p.ring.StrokeWidth = 0
		if p.focused {
			p.ring.StrokeWidth, p.ring.StrokeColor = 2, p.kit.Theme.Of(theme.Accent)
		}
		p.ring.Refresh()
		p.inside.Refresh()
	}
	refresh()
	return &drawn{
		of: p, objects: []fyne.CanvasObject{p.desk, p.scroll, p.ring}, refresh: refresh,
		min: func() fyne.Size { return fyne.NewSize(120, 120) },
		layout: func(s fyne.Size) {
			p.desk.Resize(s)
			p.ring.Resize(s)
			p.inside.Resize(s.Max(p.inside.MinSize()))
			p.scroll.Resize(s)
			p.scroll.Refresh()
		},
	}
}
