package screens

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/widgets"
)

func (l *letter) buildPages() {
	kit, m := l.at.Kit, l.model
	l.title = widgets.NewParagraph(kit, theme.Strong, theme.Text, true)
	l.close = widgets.NewButton(kit, widgets.Quiet, "x", m.Close)
	l.back = widgets.NewButton(kit, widgets.Quiet, "chevron-left", func() { m.Turn(m.Current - 1) })
	l.next = widgets.NewButton(kit, widgets.Quiet, "chevron-right", func() { m.Turn(m.Current + 1) })
	l.number = widgets.NewParagraph(kit, theme.Body, theme.Text, false)
	l.number.Centred = true
	l.window = widgets.NewButton(kit, widgets.Quiet, "picture-in-picture-2", m.ToggleWindow)
	l.smaller = widgets.NewButton(kit, widgets.Quiet, "zoom-out", func() { m.Magnify(-1) })
	l.fit = widgets.NewButton(kit, widgets.Quiet, "maximize", m.Fit)
	l.larger = widgets.NewButton(kit, widgets.Quiet, "zoom-in", func() { m.Magnify(1) })
	l.page = widgets.NewPage(kit)
	l.strip = widgets.NewWrap(4)
	l.scroll = container.NewVScroll(l.strip)
	l.again = widgets.NewButton(kit, widgets.Plain, "refresh-cw", m.Show)
	l.waiting = widgets.NewEmpty(kit, "loader-circle", nil)
	l.fault = widgets.NewNotice(kit, nil)
	l.fault.OnCopy = l.at.Copy
	l.seenAt = widgets.NewNotice(kit, nil)
	l.seen = widgets.NewParagraph(kit, theme.Caption, theme.Muted, false)
	l.pages = container.New(widgets.Arrange{
		Place: l.placePages,
		Least: func() fyne.Size { return fyne.NewSize(kit.Theme.Grow(240), kit.Theme.Grow(240)) },
	}, l.title, l.close, l.back, l.number, l.next, l.window, l.smaller, l.fit, l.larger,
		l.seenAt, l.page, l.waiting, l.scroll, l.fault, l.again, l.seen)
}

// placePages lays out, from top to bottom: title and close, the tools, the
// page with its thumbnails, the note.
func (l *letter) placePages(s fyne.Size) {
	pad, button := 2*theme.Unit, l.close.MinSize()
	widgets.Put(l.title, pad, pad+(button.Height-l.title.MinSize().Height)/2, s.Width-button.Width-3*pad, l.title.MinSize().Height)
	widgets.Put(l.close, s.Width-pad-button.Width, pad, button.Width, button.Height)
	y, x := pad+button.Height+theme.Unit, pad
	for _, b := range []fyne.CanvasObject{l.back, l.number, l.next} {
		w := b.MinSize().Width
		if b == fyne.CanvasObject(l.number) {
			w = l.at.Kit.Theme.Grow(88)
			h := widgets.HeightFor(l.number, w)
			widgets.Put(b, x, y+(button.Height-h)/2, w, h)
		} else {
			widgets.Put(b, x, y, w, button.Height)
		}
		x += w
	}
	if need := x + 4*button.Width + pad; need > s.Width {
		y += button.Height // the tools have no room beside the page number
	}
	x = s.Width - pad
	for _, b := range []*widgets.Button{l.larger, l.fit, l.smaller, l.window} {
		w := b.MinSize().Width
		x -= w
		widgets.Put(b, x, y, w, button.Height)
	}
	y += button.Height + theme.Unit
	width := s.Width - 2*pad
	foot := s.Height - pad - l.seen.HeightFor(width)
	widgets.Put(l.seen, pad, foot, width, l.seen.HeightFor(width))
	if h := l.seenAt.HeightFor(width); l.seenAt.Visible() && foot-y-h >= l.at.Kit.Theme.Grow(240) {
		widgets.Put(l.seenAt, pad, y, width, h)
		y += h + theme.Unit
	} else {
		widgets.Put(l.seenAt, 0, s.Height, width, 0) // the pages come first; the letter's facts have it too
	}
	room := foot - theme.Unit - y
	if l.fault.Visible() {
		h := l.fault.HeightFor(width)
		widgets.Put(l.fault, pad, y, width, h)
		a := l.again.MinSize()
		widgets.Put(l.again, pad, y+h+theme.Unit, a.Width, a.Height)
	}
	left := pad
	if l.scroll.Visible() {
		widgets.Put(l.scroll, pad, y, widgets.ThumbWidth, room)
		left += widgets.ThumbWidth + theme.Unit
	}
	widgets.Put(l.page, left, y, s.Width-left-pad, room)
	widgets.Put(l.waiting, left, y, s.Width-left-pad, room)
}

func (l *letter) drawPages() {
	c, m := l.at, l.model
	if m.Job != nil {
		l.title.Set(c.say("letter.title", language.Args{"Code": m.Job.Code.Grouped()}))
	}
	l.seen.Set(c.say("letter.seen"))
	l.number.Set("")
	if m.Pages > 0 {
		l.number.Set(c.say("letter.page", language.Args{"Page": m.Current + 1, "Pages": m.Pages}))
	}
	picture := m.Images[m.Current]
	if !m.Open {
		picture = nil
	}
	l.page.SetFrames(l.frames())
	l.page.Set(picture, m.Zoom)
	c.found(l.seenAt, m.Job)
	c.notice(l.fault, m.Fault)
	l.again.Set(c.say("letter.again"), "")
	show(l.again, m.Fault != nil)
	show(l.page, picture != nil)
	show(l.waiting, picture == nil && m.Fault == nil)
	l.waiting.Set("loader-circle", c.say("letter.opening"), "")
	l.back.Enable(m.Current > 0)
	l.next.Enable(m.Current+1 < m.Pages)
	for _, b := range []*widgets.Button{l.smaller, l.fit, l.larger} {
		b.Enable(picture != nil)
	}
	l.window.Enable(picture != nil && m.Current == 0)
	l.drawThumbs()
	widgets.Relayout(l.pages)
}

// The page that the envelope's window is measured on.
const (
	pageWidth  = 210.0 // mm
	pageHeight = 297.0
)

// frames are the envelope's window on the carrier page: what always shows in
// it, and what shows when the page slips inside the envelope.
func (l *letter) frames() []widgets.Frame {
	m := l.model
	if !m.Open || !m.Window || m.Current != 0 || m.Job == nil {
		return nil
	}
	e, ok := l.at.profile(m.Job.Envelope)
	if !ok {
		return nil
	}
	frame := func(r postal.Rect, word string, thick float32) widgets.Frame {
		return widgets.Frame{
			X: float32(r.X / pageWidth), Y: float32(r.Y / pageHeight), Width: float32(r.Width / pageWidth),
			Height: float32(r.Height / pageHeight), Word: word, Tone: theme.Ink, Thick: thick,
		}
	}
	return []widgets.Frame{frame(e.EverSeen(), l.at.say("letter.window", language.Args{"Envelope": e.Title}), 1), frame(e.AlwaysSeen(), "", 2)}
}

// drawThumbs shows the pages of the block that is in memory.
func (l *letter) drawThumbs() {
	m := l.model
	first := m.Current / viewmodel.Block * viewmodel.Block
	count := min(viewmodel.Block, max(0, m.Pages-first))
	if !m.Open {
		count = 0
	}
	for len(l.thumbs) < count {
		i := len(l.thumbs)
		l.thumbs = append(l.thumbs, widgets.NewThumb(l.at.Kit, func() {
			m.Turn(m.Current/viewmodel.Block*viewmodel.Block + i)
		}))
	}
	objects := make([]fyne.CanvasObject, count)
	for i := range l.thumbs {
		if i >= count {
			l.thumbs[i].Set(nil, "", false)
			continue
		}
		l.thumbs[i].Set(m.Images[first+i], l.at.Texts().Number(first+i+1), first+i == m.Current)
		objects[i] = l.thumbs[i]
	}
	show(l.scroll, count > 1)
	l.strip.Set(objects)
	l.scroll.Refresh()
}
