package widgets

import (
	"image"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"espero-soft.com/printroom/ui/theme"
)

// photoSheet lies in a Photo's scroller: the picture, the marks, the frame.
type photoSheet struct {
	widget.BaseWidget
	photo  *Photo
	sheet  *canvas.Image
	shades [4]*canvas.Rectangle // around the frame
	edge   *canvas.Rectangle
	marks  []*photoMark
	render *drawn
}

// photoMark is one mark as it is drawn.
type photoMark struct {
	chip
	sides [4]*canvas.Line
}

func newPhotoSheet(p *Photo) *photoSheet {
	s := &photoSheet{photo: p, sheet: &canvas.Image{FillMode: canvas.ImageFillStretch, ScaleMode: canvas.ImageScaleSmooth}, edge: box(0)}
	for i := range s.shades {
		s.shades[i] = canvas.NewRectangle(color.NRGBA{A: 0x90})
	}
	s.ExtendBaseWidget(s)
	return s
}

// origin is where the picture's corner is.
func (s *photoSheet) origin(size fyne.Size) fyne.Position {
	sheet := s.photo.sheetSize()
	return fyne.NewPos((size.Width-sheet.Width)/2, (size.Height-sheet.Height)/2)
}

func (s *photoSheet) refresh() {
	p := s.photo
	for len(s.marks) < len(p.marks) {
		m := &photoMark{chip: newChip(p.kit)}
		for i := range m.sides {
			m.sides[i] = canvas.NewLine(transparent())
		}
		s.marks = append(s.marks, m)
	}
	objects := []fyne.CanvasObject{s.sheet}
	for i, mark := range p.marks {
		m := s.marks[i]
		for _, side := range m.sides {
			side.StrokeColor, side.StrokeWidth = p.kit.Theme.Of(mark.Mood.Tone), 2
			objects = append(objects, side)
		}
		m.paint(mark.Word, mark.Mood)
		objects = append(objects, m.objects()...)
	}
	if p.framing {
		for _, shade := range s.shades {
			objects = append(objects, shade)
		}
		s.edge.StrokeColor, s.edge.StrokeWidth = p.kit.Theme.Of(theme.Accent), 3
		objects = append(objects, s.edge)
	}
	if s.render != nil {
		s.render.objects = objects
	}
}

func (s *photoSheet) layout(size fyne.Size) {
	p, sheet, at := s.photo, s.photo.sheetSize(), s.origin(size)
	place(s.sheet, at.X, at.Y, sheet.Width, sheet.Height)
	if p.bounds.Empty() {
		return
	}
	scale := sheet.Width / float32(p.bounds.Dx())
	var taken []area
	for i, mark := range p.marks {
		taken = append(taken, s.marks[i].draw(mark, func(c image.Point) fyne.Position {
			return fyne.NewPos(at.X+float32(c.X-p.bounds.Min.X)*scale, at.Y+float32(c.Y-p.bounds.Min.Y)*scale)
		}))
	}
	for _, good := range []bool{false, true} { // what is wrong is named first
		for i, mark := range p.marks {
			if good == (mark.Mood.Tone == theme.Good) {
				taken = append(taken, s.marks[i].name(mark.Word, taken[i], taken, size.Width))
			}
		}
	}
	if p.framing {
		s.layFrame(at, sheet)
	}
}

// area is a part of the pane.
type area struct{ left, top, right, bottom float32 }

func (a area) meets(b area) bool {
	return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
}

// draw draws the box around what was found.
func (m *photoMark) draw(mark Mark, to func(image.Point) fyne.Position) area {
	a := area{left: 1e9, top: 1e9}
	for i := range m.sides {
		from, until := to(mark.Corners[i]), to(mark.Corners[(i+1)%4])
		m.sides[i].Position1, m.sides[i].Position2 = from, until
		a = area{min(a.left, from.X), min(a.top, from.Y), max(a.right, from.X), max(a.bottom, from.Y)}
	}
	return a
}

// name sets the chip beside the box, or its icon alone where the word has no
// room.
func (m *photoMark) name(word string, box area, taken []area, width float32) area {
	h, want := m.height(), m.width(word)
	top := (box.top + box.bottom - h) / 2
	at := area{box.right + 4, top, box.right + 4 + want, top + h}
	free := at.right <= width
	for _, other := range taken {
		free = free && !at.meets(other)
	}
	m.text.Hide()
	if free {
		m.text.Show()
		m.lay(word, at.left, top, want, h)
		return at
	}
	x := max(0, box.left-h-2)
	side := m.kit.Theme.Grow(14)
	place(m.back, x, top, h, h)
	place(m.pic, x+(h-side)/2, top+(h-side)/2, side, side)
	return area{x, top, x + h, top + h}
}

func (s *photoSheet) layFrame(at fyne.Position, sheet fyne.Size) {
	f := s.photo.frame
	x, y := at.X+f.left*sheet.Width, at.Y+f.top*sheet.Height
	w, h := (f.right-f.left)*sheet.Width, (f.bottom-f.top)*sheet.Height
	place(s.edge, x, y, w, h)
	place(s.shades[0], at.X, at.Y, sheet.Width, y-at.Y)
	place(s.shades[1], at.X, y+h, sheet.Width, at.Y+sheet.Height-y-h)
	place(s.shades[2], at.X, y, x-at.X, h)
	place(s.shades[3], x+w, y, at.X+sheet.Width-x-w, h)
}

// MouseDown implements desktop.Mouseable.
func (s *photoSheet) MouseDown(ev *desktop.MouseEvent) {
	p := s.photo
	p.kit.touch()
	if c := fyne.CurrentApp().Driver().CanvasForObject(p); c != nil {
		c.Focus(p)
	}
	p.from = ev.Position
}

// MouseUp implements desktop.Mouseable.
func (s *photoSheet) MouseUp(*desktop.MouseEvent) {}

// Dragged implements fyne.Draggable: it frames from where the pointer went down.
func (s *photoSheet) Dragged(ev *fyne.DragEvent) {
	p, sheet, at := s.photo, s.photo.sheetSize(), s.origin(s.Size())
	p.kit.touch()
	if !p.framing || sheet.Width <= 0 || sheet.Height <= 0 {
		return
	}
	share := func(pos fyne.Position) (x, y float32) {
		return min(max((pos.X-at.X)/sheet.Width, 0), 1), min(max((pos.Y-at.Y)/sheet.Height, 0), 1)
	}
	ax, ay := share(p.from)
	bx, by := share(ev.Position)
	f := fyneRect{min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)}
	if f.right-f.left > step && f.bottom-f.top > step {
		p.frame = f
		p.Refresh()
	}
}

// DragEnd implements fyne.Draggable.
func (s *photoSheet) DragEnd() {}

// CreateRenderer implements fyne.Widget.
func (s *photoSheet) CreateRenderer() fyne.WidgetRenderer {
	s.render = &drawn{
		of: s, refresh: s.refresh, layout: s.layout,
		min: func() fyne.Size { return s.photo.sheetSize().AddWidthHeight(3*theme.Unit, 3*theme.Unit) },
	}
	s.refresh()
	return s.render
}
