package widgets

import (
	"image"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"espero-soft.com/printroom/ui/theme"
)

// Page shows one page of a letter as it will be printed, at a zoom in percent
// of the width there is; it scrolls when the page is larger.
type Page struct {
	widget.BaseWidget
	kit    *Kit
	zoom   int
	sheet  *canvas.Image
	desk   *canvas.Rectangle
	scroll *container.Scroll
	inside *pageSheet
	frames []Frame
	lines  []*canvas.Rectangle // of the frames
	names  []*canvas.Text
}

// Frame is a rectangle drawn over a page, in shares of the page's width and
// height, with a word at its lower left.
type Frame struct {
	X, Y, Width, Height float32
	Word                string
	Tone                theme.Colour
	Thick               float32
}

// pageSheet lies in the scroller, as large as the zoom makes it.
type pageSheet struct {
	widget.BaseWidget
	page *Page
}

// NewPage returns an empty desk.
func NewPage(kit *Kit) *Page {
	p := &Page{kit: kit, zoom: 100, sheet: &canvas.Image{FillMode: canvas.ImageFillStretch}, desk: box(theme.Radius)}
	p.sheet.ScaleMode = canvas.ImageScaleSmooth
	p.inside = &pageSheet{page: p}
	p.inside.ExtendBaseWidget(p.inside)
	p.scroll = container.NewScroll(p.inside)
	p.scroll.OnScrolled = func(fyne.Position) { kit.touch() }
	p.ExtendBaseWidget(p)
	return p
}

// Set shows a page, nil for none, at a zoom in percent.
func (p *Page) Set(picture image.Image, zoom int) {
	if p.sheet.Image == picture && p.zoom == zoom {
		return
	}
	if p.sheet.Image != picture {
		p.scroll.Offset = fyne.Position{}
	}
	p.sheet.Image, p.zoom = picture, zoom
	p.sheet.Refresh()
	p.Refresh()
}

// SetFrames changes what is drawn over the page.
func (p *Page) SetFrames(frames []Frame) {
	if slices.Equal(frames, p.frames) {
		return
	}
	p.frames = frames
	for len(p.lines) < len(frames) {
		p.lines, p.names = append(p.lines, box(0)), append(p.names, p.kit.text(true))
	}
	p.inside.Refresh()
}

// sheetSize is the size of the page in the pane: the whole page in sight at
// 100 %.
func (p *Page) sheetSize() fyne.Size {
	if p.sheet.Image == nil {
		return fyne.Size{}
	}
	b := p.sheet.Image.Bounds()
	if b.Empty() {
		return fyne.Size{}
	}
	room := p.Size().SubtractWidthHeight(4*theme.Unit+1, 4*theme.Unit+1)
	fit := min(room.Width/float32(b.Dx()), room.Height/float32(b.Dy())) * float32(p.zoom) / 100
	return fyne.NewSize(float32(b.Dx())*fit, float32(b.Dy())*fit)
}

// CreateRenderer implements fyne.Widget.
func (p *Page) CreateRenderer() fyne.WidgetRenderer {
	refresh := func() {
		p.desk.FillColor = p.kit.Theme.Of(theme.Desk)
		p.desk.Refresh()
		p.inside.Refresh()
	}
	refresh()
	return &drawn{
		of: p, objects: []fyne.CanvasObject{p.desk, p.scroll}, refresh: refresh,
		min: func() fyne.Size { return fyne.NewSize(120, 120) },
		layout: func(s fyne.Size) {
			p.desk.Resize(s)
			p.inside.Resize(s.Max(p.inside.MinSize()))
			p.scroll.Resize(s)
			p.scroll.Refresh()
		},
	}
}

// CreateRenderer implements fyne.Widget.
func (s *pageSheet) CreateRenderer() fyne.WidgetRenderer {
	p := s.page
	d := &drawn{of: s, objects: []fyne.CanvasObject{p.sheet}}
	d.refresh = func() { d.objects = append(d.objects[:0], p.overlaid()...) }
	d.min = func() fyne.Size { return p.sheetSize().AddWidthHeight(4*theme.Unit, 4*theme.Unit) }
	d.layout = func(size fyne.Size) {
		sheet := p.sheetSize()
		x, y := (size.Width-sheet.Width)/2, (size.Height-sheet.Height)/2
		place(p.sheet, x, y, sheet.Width, sheet.Height)
		for i, f := range p.frames {
			left, top := x+f.X*sheet.Width, y+f.Y*sheet.Height
			place(p.lines[i], left, top, f.Width*sheet.Width, f.Height*sheet.Height)
			m := p.names[i].MinSize()
			left = max(x+4, min(left, x+sheet.Width-m.Width-4))
			if p.names[i].Show(); m.Width > sheet.Width-8 {
				p.names[i].Hide()
			}
			place(p.names[i], left, top+f.Height*sheet.Height+2, m.Width, m.Height)
		}
	}
	return d
}

// overlaid is the page with its frames, painted for the look of the moment; no
// page has none.
func (p *Page) overlaid() []fyne.CanvasObject {
	objects := []fyne.CanvasObject{p.sheet}
	if p.sheet.Image == nil {
		return objects
	}
	for i, f := range p.frames {
		line, name := p.lines[i], p.names[i]
		line.StrokeColor, line.StrokeWidth = p.kit.Theme.Of(f.Tone), f.Thick
		line.Refresh()
		name.Text = f.Word
		p.kit.paint(name, theme.Caption, f.Tone)
		objects = append(objects, line, name)
	}
	return objects
}

// Thumb is a page in small, with its number.
type Thumb struct {
	pressable
	number string
	chosen bool
	sheet  *canvas.Image
	edge   *canvas.Rectangle
	text   *canvas.Text
}

// NewThumb returns the thumbnail of no page yet.
func NewThumb(kit *Kit, tapped func()) *Thumb {
	t := &Thumb{sheet: &canvas.Image{FillMode: canvas.ImageFillContain}, edge: box(2), text: kit.text(false)}
	t.become(kit, t, tapped)
	return t
}

// Set changes what it shows; a page that is not here yet is nil.
func (t *Thumb) Set(picture image.Image, number string, chosen bool) {
	if picture == t.sheet.Image && number == t.number && chosen == t.chosen {
		return
	}
	if picture != t.sheet.Image {
		t.sheet.Image = picture
		t.sheet.Refresh()
	}
	t.number, t.chosen = number, chosen
	t.Refresh()
}

func (t *Thumb) refresh() {
	look, tone := t.kit.Theme, theme.Muted
	t.edge.FillColor, t.edge.StrokeColor, t.edge.StrokeWidth = look.Of(theme.Paper), look.Of(theme.Edge), 1
	if t.chosen || t.focused {
		t.edge.StrokeColor, t.edge.StrokeWidth = look.Of(theme.Accent), 3
		tone = theme.Text
	}
	t.edge.Refresh()
	t.text.Text = t.number
	t.kit.paint(t.text, theme.Caption, tone)
}

// ThumbWidth is how wide the strip of thumbnails is.
const ThumbWidth float32 = 72

// CreateRenderer implements fyne.Widget.
func (t *Thumb) CreateRenderer() fyne.WidgetRenderer {
	t.refresh()
	return &drawn{
		of: t, objects: []fyne.CanvasObject{t.edge, t.sheet, t.text}, refresh: t.refresh,
		min: func() fyne.Size { return fyne.NewSize(ThumbWidth, 76+t.kit.Theme.Grow(20)) },
		layout: func(s fyne.Size) {
			w, h := float32(50), float32(70)
			x := (s.Width - w) / 2
			place(t.edge, x-3, 1, w+6, h+6)
			place(t.sheet, x, 4, w, h)
			m := t.text.MinSize()
			place(t.text, (s.Width-m.Width)/2, h+8, m.Width, m.Height)
		},
	}
}
