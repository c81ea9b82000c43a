package screens

import (
	"fyne.io/fyne/v2"

	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/widgets"
)

// placePicture lays out, from top to bottom: name and close, the picture with its
// tools, what is wrong, the letters, the button that keeps it. Where there is
// room the letters stand beside the picture.
func (p *proof) placePicture(s fyne.Size) {
	pad, button := 2*theme.Unit, p.away.MinSize()
	h := p.name.MinSize().Height
	widgets.Put(p.name, pad, theme.Unit+(button.Height-h)/2, s.Width-button.Width-3*pad, h)
	widgets.Put(p.away, s.Width-pad-button.Width, theme.Unit, button.Width, button.Height)
	width, keep := s.Width-2*pad, p.keep.MinSize().Height
	foot := s.Height - pad - keep
	widgets.Put(p.keep, pad, foot, width, keep)
	foot -= 12
	y := theme.Unit + button.Height
	at := y + button.Height + theme.Unit
	if s.Width >= p.at.Kit.Theme.Grow(520) {
		right := min(width*0.46, p.at.Kit.Theme.Grow(380))
		p.placeBeside(pad+width-right, y+theme.Unit, right, foot)
		width -= right + pad
	} else {
		foot = p.placeBelow(pad, foot, width, (foot-y)*0.46)
	}
	p.placeTools(width+2*pad, y)
	widgets.Put(p.photo, pad, at, width, foot-at)
	widgets.Put(p.reading, pad, at, width, foot-at)
}

// news are what may be wrong with the picture.
func (p *proof) news() []fyne.CanvasObject {
	var shown []fyne.CanvasObject
	for _, o := range []fyne.CanvasObject{p.fault, p.weak, p.vouch} {
		if o.Visible() {
			shown = append(shown, o)
		}
	}
	return shown
}

func (p *proof) placeBeside(x, y, width, foot float32) {
	for _, o := range p.news() {
		h := widgets.HeightFor(o, width)
		widgets.Put(o, x, y, width, h)
		y += h + theme.Unit
	}
	h := p.count.HeightFor(width)
	widgets.Put(p.count, x, y+theme.Unit, width, h)
	y += h + 2*theme.Unit
	p.placeList(x, y, width, foot-y)
}

// placeList gives the letters the width and, in the scroller, what height they
// take.
func (p *proof) placeList(x, y, width, height float32) {
	width += p.letters.Margin // the bar stands in the pane's margin
	p.letters.Resize(fyne.NewSize(width, max(height, p.letters.HeightFor(width))))
	widgets.Put(p.scroll, x, y, width, height)
}

// placeBelow puts the list above a line, as high as it is but no higher than
// most, and returns what is left.
func (p *proof) placeBelow(pad, foot, width, most float32) float32 {
	if p.count.Visible() {
		high := min(p.letters.HeightFor(width+p.letters.Margin), most)
		foot -= high
		p.placeList(pad, foot, width, high)
		title := p.count.HeightFor(width)
		foot -= title + theme.Unit
		widgets.Put(p.count, pad, foot, width, title)
		foot -= theme.Unit
	}
	for _, o := range p.news() {
		h := widgets.HeightFor(o, width)
		foot -= h
		widgets.Put(o, pad, foot, width, h)
		foot -= theme.Unit
	}
	return foot
}

func (p *proof) placeTools(width, y float32) {
	x := theme.Unit
	for _, b := range p.tools[:4] {
		if b.Visible() {
			m := b.MinSize()
			widgets.Put(b, x, y, m.Width, m.Height)
			x += m.Width
		}
	}
	x = width - theme.Unit
	for i := len(p.tools) - 1; i >= 4; i-- {
		m := p.tools[i].MinSize()
		x -= m.Width
		widgets.Put(p.tools[i], x, y, m.Width, m.Height)
	}
}
