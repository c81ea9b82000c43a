package screens

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/widgets"
)

// letter is the pane of the chosen letter: what is known of it without
// opening it and, once asked for, its pages.
type letter struct {
	at    *Context
	model *viewmodel.Preview

	nothing *widgets.Empty
	facts   *widgets.Flow
	code    *widgets.Paragraph
	chip    *widgets.Chip
	product *widgets.Paragraph
	lines   []*fact
	held    *widgets.Notice
	open    *widgets.Button
	note    *widgets.Paragraph

	pages   *fyne.Container
	title   *widgets.Paragraph
	close   *widgets.Button
	back    *widgets.Button
	next    *widgets.Button
	number  *widgets.Paragraph
	smaller *widgets.Button
	fit     *widgets.Button
	larger  *widgets.Button
	page    *widgets.Page
	waiting *widgets.Empty
	strip   *widgets.Wrap
	thumbs  []*widgets.Thumb
	scroll  *container.Scroll
	fault   *widgets.Notice
	again   *widgets.Button
	seen    *widgets.Paragraph
	content fyne.CanvasObject
}

// fact is a line of the facts: a name and a value.
type fact struct {
	*fyne.Container
	name  *widgets.Paragraph
	value *widgets.Paragraph
}

func newFact(kit *widgets.Kit) *fact {
	f := &fact{
		name:  widgets.NewParagraph(kit, theme.Body, theme.Muted, false),
		value: widgets.NewParagraph(kit, theme.Body, theme.Text, false),
	}
	// Large text has no room for both on one line.
	stacked := func() bool { return kit.Theme.Scale() > 1.25 }
	f.Container = container.New(widgets.Arrange{
		Place: func(s fyne.Size) {
			left, top := s.Width*0.42, float32(0)
			if stacked() {
				left, top = 0, f.name.MinSize().Height
				widgets.Put(f.name, 0, 0, s.Width, top)
			} else {
				widgets.Put(f.name, 0, 0, left-theme.Unit, s.Height)
			}
			widgets.Put(f.value, left, top, s.Width-left, s.Height-top)
		},
		Least: func() fyne.Size {
			name, value := f.name.MinSize().Height, f.value.MinSize().Height
			if stacked() {
				return fyne.NewSize(kit.Theme.Grow(120), name+value)
			}
			return fyne.NewSize(kit.Theme.Grow(160), max(name, value))
		},
	}, f.name, f.value)
	return f
}

func newLetter(at *Context, model *viewmodel.Preview) *letter {
	l := &letter{at: at, model: model}
	kit := at.Kit
	l.nothing = widgets.NewEmpty(kit, "mail", nil)
	l.code = widgets.NewParagraph(kit, theme.Title, theme.Text, true)
	l.product = widgets.NewParagraph(kit, theme.Body, theme.Muted, false)
	l.chip = widgets.NewChip(kit)
	l.held = widgets.NewNotice(kit, nil)
	l.open = widgets.NewButton(kit, widgets.Plain, "eye", model.Show).Tall()
	l.note = widgets.NewParagraph(kit, theme.Caption, theme.Muted, false)
	items := []fyne.CanvasObject{l.code, widgets.NewRow(kit, theme.Unit, l.chip)}
	for range 7 {
		f := newFact(kit)
		l.lines = append(l.lines, f)
		items = append(items, f.Container)
	}
	items = append(items, l.held, l.open, l.note)
	l.facts = widgets.NewFlow(widgets.NewColumn(kit, 12, items...).On(theme.Surface, 3*theme.Unit))
	l.buildPages()
	l.content = widgets.NewPanel(kit, theme.Surface, widgets.Left, container.NewStack(l.nothing, l.facts, l.pages))
	return l
}

func (l *letter) buildPages() {
	kit, m := l.at.Kit, l.model
	l.title = widgets.NewParagraph(kit, theme.Strong, theme.Text, true)
	l.close = widgets.NewButton(kit, widgets.Quiet, "x", m.Close)
	l.back = widgets.NewButton(kit, widgets.Quiet, "chevron-left", func() { m.Turn(m.Current - 1) })
	l.next = widgets.NewButton(kit, widgets.Quiet, "chevron-right", func() { m.Turn(m.Current + 1) })
	l.number = widgets.NewParagraph(kit, theme.Body, theme.Text, false)
	l.number.Centred = true
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
	l.seen = widgets.NewParagraph(kit, theme.Caption, theme.Muted, false)
	l.pages = container.New(widgets.Arrange{
		Place: l.placePages,
		Least: func() fyne.Size { return fyne.NewSize(kit.Theme.Grow(240), kit.Theme.Grow(240)) },
	}, l.title, l.close, l.back, l.number, l.next, l.smaller, l.fit, l.larger, l.page, l.waiting, l.scroll, l.fault, l.again, l.seen)
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
	x = s.Width - pad
	for _, b := range []*widgets.Button{l.larger, l.fit, l.smaller} {
		w := b.MinSize().Width
		x -= w
		widgets.Put(b, x, y, w, button.Height)
	}
	y += button.Height + theme.Unit
	width := s.Width - 2*pad
	foot := s.Height - pad - l.seen.HeightFor(width)
	widgets.Put(l.seen, pad, foot, width, l.seen.HeightFor(width))
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

// redraw shows the model as it is now.
func (l *letter) redraw() {
	m := l.model
	show(l.nothing, m.Job == nil)
	show(l.facts, m.Job != nil && !m.Open)
	show(l.pages, m.Job != nil && m.Open)
	switch {
	case m.Job == nil:
		l.nothing.Set("mail", l.at.say("letter.none.what"), l.at.say("letter.none.do"))
		l.drawPages() // nothing of the pages stays in the widgets
	case m.Open:
		l.drawPages()
	default:
		l.drawPages()
		l.drawFacts(m.Job)
		l.facts.Refresh()
	}
}

func (l *letter) drawFacts(j *station.Job) {
	c, t := l.at, l.at.Texts()
	l.code.Set(j.Code.Grouped())
	l.chip.Set(c.state(j.State), stateMood(j.State))
	values := [][2]string{
		{"fact.product", c.product(j.Product)},
		{"fact.pages", c.say("fact.pages.value", language.Args{"Count": j.Pages, "Sheets": j.Sheets})},
		{"fact.sides", c.sides(j.Duplex, j.Colour)},
		{"fact.envelope", c.envelope(j.Envelope)},
		{"fact.paid", t.Moment(j.PaidAt, c.Now())},
		{"fact.cutoff", t.Moment(j.CutOff, c.Now())},
		{"fact.attempt", string(j.Attempt)},
	}
	for i, v := range values {
		l.lines[i].name.Set(c.say(v[0]))
		l.lines[i].value.Set(v[1])
		show(l.lines[i].Container, v[1] != "")
	}
	l.held.Hide()
	if j.Hold != "" {
		what, body := c.faultTexts(j.Hold)
		l.held.Set(stateMood(j.State), what, body, "", widgets.NoticeWords{})
	}
	l.open.Set(c.say("letter.show"), "Enter")
	l.note.Set(c.say("letter.journaled"))
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
	l.page.Set(picture, m.Zoom)
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
	l.drawThumbs()
	widgets.Relayout(l.pages)
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
