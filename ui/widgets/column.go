package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"espero-soft.com/printroom/ui/theme"
)

// Column stacks parts, each as high as it needs to be at the column's width,
// on a ground of its own if it has one.
type Column struct {
	widget.BaseWidget
	kit    *Kit
	items  []fyne.CanvasObject
	gap    float32
	pad    float32
	most   float32 // width of the parts, before scaling; 0 for any
	ground theme.Colour
	edge   theme.Colour
	filled bool
	edged  bool
	back   *canvas.Rectangle
	render *drawn
}

// NewColumn returns a column of parts, gap apart, without a ground.
func NewColumn(kit *Kit, gap float32, items ...fyne.CanvasObject) *Column {
	c := &Column{kit: kit, items: items, gap: gap, back: box(theme.Radius)}
	c.ExtendBaseWidget(c)
	return c
}

// On gives it a ground and room around its parts.
func (c *Column) On(ground theme.Colour, pad float32) *Column {
	c.ground, c.filled, c.pad = ground, true, pad
	return c
}

// Edged gives it an outline.
func (c *Column) Edged(edge theme.Colour) *Column {
	c.edge, c.edged = edge, true
	return c
}

// AtMost bounds the width of its parts, so that lines stay readable in a wide
// window.
func (c *Column) AtMost(width float32) *Column {
	c.most = width
	return c
}

// inner is the width of the parts in a width.
func (c *Column) inner(width float32) float32 {
	width -= 2 * c.pad
	if c.most > 0 {
		width = min(width, c.kit.Theme.Grow(c.most))
	}
	return width
}

// Set changes its parts.
func (c *Column) Set(items ...fyne.CanvasObject) {
	c.items = items
	if c.render != nil {
		c.render.objects = c.objects()
	}
	c.Refresh()
}

func (c *Column) objects() []fyne.CanvasObject {
	return append([]fyne.CanvasObject{c.back}, c.items...)
}

// HeightFor returns the height of the parts that are shown.
func (c *Column) HeightFor(width float32) float32 {
	height, any := 2*c.pad, false
	for _, o := range c.items {
		if !o.Visible() {
			continue
		}
		if any {
			height += c.gap
		}
		any = true
		height += heightFor(o, c.inner(width))
	}
	return height
}

func (c *Column) layout(s fyne.Size) {
	place(c.back, 0, 0, s.Width, s.Height)
	y, width := c.pad, c.inner(s.Width)
	for _, o := range c.items {
		if !o.Visible() {
			continue
		}
		h := heightFor(o, width)
		place(o, c.pad, y, width, h)
		y += h + c.gap
	}
}

// CreateRenderer implements fyne.Widget.
func (c *Column) CreateRenderer() fyne.WidgetRenderer {
	restyle := func() {
		c.back.FillColor, c.back.StrokeColor, c.back.StrokeWidth = transparent(), transparent(), 0
		if c.filled {
			c.back.FillColor = c.kit.Theme.Of(c.ground)
		}
		if c.edged {
			c.back.StrokeColor, c.back.StrokeWidth = c.kit.Theme.Of(c.edge), 1
		}
		c.back.Refresh()
	}
	restyle()
	c.render = &drawn{
		of:      c,
		objects: c.objects(),
		layout:  c.layout,
		refresh: restyle,
		min: func() fyne.Size {
			var width float32
			for _, o := range c.items {
				if o.Visible() {
					width = max(width, o.MinSize().Width)
				}
			}
			width += 2 * c.pad
			return fyne.NewSize(width, c.HeightFor(max(width, c.Size().Width)))
		},
	}
	return c.render
}

// Flow scrolls a column that may be higher than its place.
type Flow struct {
	widget.BaseWidget
	column *Column
	scroll *container.Scroll
}

// NewFlow returns a column in a scroller.
func NewFlow(column *Column) *Flow {
	f := &Flow{column: column, scroll: container.NewVScroll(column)}
	f.ExtendBaseWidget(f)
	return f
}

// Rewind shows the column from its start.
func (f *Flow) Rewind() { f.scroll.ScrollToTop() }

// Offset is how far it is scrolled.
func (f *Flow) Offset() float32 { return f.scroll.Offset.Y }

// Page scrolls by most of what is in sight, down with 1 and up with -1.
func (f *Flow) Page(direction float32) {
	view := f.scroll.Size().Height
	f.scroll.Offset.Y = max(0, min(f.scroll.Offset.Y+direction*(view-6*theme.Unit), f.column.Size().Height-view))
	f.scroll.Refresh()
}

// CreateRenderer implements fyne.Widget.
func (f *Flow) CreateRenderer() fyne.WidgetRenderer {
	layout := func(s fyne.Size) {
		f.column.Resize(fyne.NewSize(s.Width, max(s.Height, f.column.HeightFor(s.Width))))
		f.scroll.Resize(s)
	}
	return &drawn{
		of: f, objects: []fyne.CanvasObject{f.scroll}, layout: layout,
		refresh: func() { f.column.Refresh(); f.scroll.Refresh() },
		min:     func() fyne.Size { return fyne.NewSize(f.column.MinSize().Width, 64) },
	}
}

// Panel is a plain ground behind one object, with lines on some of its sides.
type Panel struct {
	widget.BaseWidget
	kit     *Kit
	ground  theme.Colour
	content fyne.CanvasObject
	back    *canvas.Rectangle
	line    *canvas.Rectangle
	side    Side
}

// Side is where a panel has its line.
type Side int

// The sides.
const (
	None Side = iota
	Left
	Right
	Top
	Bottom
)

// NewPanel returns a panel around content.
func NewPanel(kit *Kit, ground theme.Colour, side Side, content fyne.CanvasObject) *Panel {
	p := &Panel{kit: kit, ground: ground, side: side, content: content, back: box(0), line: box(0)}
	p.ExtendBaseWidget(p)
	return p
}

// CreateRenderer implements fyne.Widget.
func (p *Panel) CreateRenderer() fyne.WidgetRenderer {
	restyle := func() {
		p.back.FillColor = p.kit.Theme.Of(p.ground)
		p.line.FillColor = p.kit.Theme.Of(theme.Line)
		p.back.Refresh()
		p.line.Refresh()
	}
	restyle()
	return &drawn{
		of: p, objects: []fyne.CanvasObject{p.back, p.content, p.line},
		refresh: func() {
			restyle()
			p.content.Refresh()
		},
		min: p.content.MinSize,
		layout: func(s fyne.Size) {
			p.back.Resize(s)
			p.content.Resize(s)
			switch p.side {
			case Left:
				place(p.line, 0, 0, 1, s.Height)
			case Right:
				place(p.line, s.Width-1, 0, 1, s.Height)
			case Top:
				place(p.line, 0, 0, s.Width, 1)
			case Bottom:
				place(p.line, 0, s.Height-1, s.Width, 1)
			}
		},
	}
}
