package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"espero-soft.com/printroom/ui/theme"
)

// grow makes a pool of rectangles as long as n.
func grow(pool []*canvas.Rectangle, n int, radius float32) []*canvas.Rectangle {
	for len(pool) < n {
		pool = append(pool, box(radius))
	}
	return pool
}

// refresh paints everything; layout places it.
func (h *Hours) refresh() {
	look := h.kit.Theme
	h.ring.StrokeWidth = 0
	if h.focused {
		h.ring.StrokeWidth, h.ring.StrokeColor = 2, look.Of(theme.Accent)
	}
	h.band.FillColor, h.mark.FillColor = look.Of(theme.Hover), look.Of(theme.Accent)
	h.head.Text, h.says.Text = h.title, h.Says()
	h.kit.paint(h.head, theme.Body, theme.Text)
	tone := theme.Muted
	if h.at >= 0 {
		tone = theme.Text
	}
	h.kit.paint(h.says, theme.Caption, tone)
	objects := []fyne.CanvasObject{h.band, h.head, h.says}
	h.lines = grow(h.lines, len(h.steps), 0)
	for i, s := range h.steps {
		if i == len(h.values) {
			h.values = append(h.values, h.kit.text(false))
		}
		h.lines[i].FillColor = look.Of(theme.Line)
		h.values[i].Text = s.Label
		h.kit.paint(h.values[i], theme.Caption, theme.Muted)
		objects = append(objects, h.lines[i], h.values[i])
	}
	objects = h.paintBars(objects)
	if h.render != nil {
		h.render.objects = append(objects, h.mark, h.ring)
	}
}

func (h *Hours) paintBars(objects []fyne.CanvasObject) []fyne.CanvasObject {
	parts, ticks := 0, 0
	for _, b := range h.bars {
		h.parts = grow(h.parts, parts+len(b.Parts), 1)
		for _, p := range b.Parts {
			h.parts[parts].FillColor = h.kit.Theme.Person(p.Colour)
			objects = append(objects, h.parts[parts])
			parts++
		}
		if b.Tick == "" {
			continue
		}
		if ticks == len(h.ticks) {
			h.ticks = append(h.ticks, h.kit.text(false))
		}
		h.ticks[ticks].Text = b.Tick
		h.kit.paint(h.ticks[ticks], theme.Caption, theme.Muted)
		objects = append(objects, h.ticks[ticks])
		ticks++
	}
	return objects
}

func (h *Hours) layout(s fyne.Size) {
	pad, row := 2*theme.Unit, h.kit.Theme.Grow(24)
	place(h.ring, 1, 1, s.Width-2, s.Height-2)
	head := h.kit.measure(h.title, theme.Body, true).Width
	middle(h.head, pad, theme.Unit, head, row)
	room := s.Width - 3*pad - head
	h.says.Text = h.kit.shorten(h.Says(), theme.Caption, false, max(0, room)+0.5)
	said := h.kit.measure(h.says.Text, theme.Caption, false).Width
	middle(h.says, s.Width-pad-said, theme.Unit, said, row)
	var labels float32
	for _, step := range h.steps {
		labels = max(labels, h.kit.measure(step.Label, theme.Caption, false).Width)
	}
	top, bottom := theme.Unit+row+theme.Unit, s.Height-row
	h.left = pad + labels + theme.Unit
	h.width = s.Width - h.left - pad
	h.layoutLines(top, bottom, pad, labels)
	h.layoutBars(top, bottom)
}

func (h *Hours) layoutLines(top, bottom, pad, labels float32) {
	for i, step := range h.steps {
		y := bottom - h.height(step.Value, bottom-top)
		place(h.lines[i], h.left, y, h.width, 1)
		w := h.kit.measure(step.Label, theme.Caption, false).Width
		m := h.values[i].MinSize()
		place(h.values[i], pad+labels-w, y-m.Height/2, w, m.Height)
	}
}

// height of a count in a height of all steps.
func (h *Hours) height(count int64, all float32) float32 {
	if len(h.steps) == 0 || h.steps[len(h.steps)-1].Value == 0 {
		return 0
	}
	return all * float32(count) / float32(h.steps[len(h.steps)-1].Value)
}

func (h *Hours) layoutBars(top, bottom float32) {
	h.band.Hide()
	h.mark.Hide()
	if len(h.bars) == 0 {
		return
	}
	step := h.width / float32(len(h.bars))
	gap := max(min(step*0.25, theme.Unit), step-h.kit.Theme.Grow(64)) // few bars are no walls
	if step < 3 {
		gap = 0
	}
	part, tick := 0, 0
	for i, b := range h.bars {
		x, y := h.left+float32(i)*step, bottom
		for _, p := range b.Parts {
			high := max(h.height(p.Count, bottom-top), 1)
			y -= high
			cut := float32(0)
			if high > 3 {
				cut = 1 // the ground shows between two people
			}
			place(h.parts[part], x+gap/2, y+cut, max(step-gap, 1), high-cut)
			part++
		}
		if b.Tick != "" {
			w := h.kit.measure(b.Tick, theme.Caption, false).Width
			at := min(x, h.left+h.width-w)
			middle(h.ticks[tick], at, bottom+2, w, h.kit.Theme.Grow(20))
			tick++
		}
		if i == h.at {
			h.band.Show()
			place(h.band, x, top, max(step, 2), bottom-top)
		}
		if i == h.chosen {
			h.mark.Show()
			place(h.mark, x, bottom, max(step, 3), 3)
		}
	}
}

// CreateRenderer implements fyne.Widget.
func (h *Hours) CreateRenderer() fyne.WidgetRenderer {
	h.render = &drawn{
		of: h, refresh: h.refresh, layout: h.layout,
		min: func() fyne.Size { return fyne.NewSize(h.kit.Theme.Grow(320), h.kit.Theme.Grow(152)) },
	}
	h.refresh()
	return h.render
}
