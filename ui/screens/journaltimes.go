package screens

import (
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/widgets"
)

// journalTimes chooses a time range: by a word, by typing from when to when, or
// one step before or after the one there is.
type journalTimes struct {
	at    *Context
	model *viewmodel.Journal

	before  *widgets.Button
	words   *widgets.Segments
	list    *widgets.Dropdown // takes their place where they have no room
	after   *widgets.Button
	from    *widgets.Entry
	to      *widgets.Entry
	show    *widgets.Button
	help    *widgets.Paragraph // how times are typed, or what is wrong with them
	content *fyne.Container
	listed  bool // the list is what there is room for
	asked   bool // from and to were shown before
}

func newJournalTimes(at *Context, model *viewmodel.Journal) *journalTimes {
	kit := at.Kit
	t := &journalTimes{at: at, model: model}
	t.before = widgets.NewButton(kit, widgets.Quiet, "chevron-left", func() { model.Step(-1) })
	t.after = widgets.NewButton(kit, widgets.Quiet, "chevron-right", func() { model.Step(1) })
	t.words = widgets.NewSegments(kit)
	t.words.OnChosen = t.choose
	t.list = widgets.NewDropdown(kit)
	t.list.OnChosen = t.choose
	t.from, t.to = widgets.NewEntry(kit), widgets.NewEntry(kit)
	t.show = widgets.NewButton(kit, widgets.Plain, "check", t.apply)
	t.help = widgets.NewParagraph(kit, theme.Caption, theme.Muted, false)
	for _, e := range []*widgets.Entry{t.from, t.to} {
		e.OnFocus = func() { e.Entry.TypedShortcut(&fyne.ShortcutSelectAll{}) } // who types begins anew
		e.OnKey = func(ev *fyne.KeyEvent) bool {
			enter := ev.Name == fyne.KeyReturn || ev.Name == fyne.KeyEnter
			if enter {
				t.apply()
			}
			return enter
		}
	}
	t.content = container.New(widgets.Arrange{Place: t.place, Least: func() fyne.Size { return fyne.NewSize(120, 40) }},
		t.before, t.words, t.list, t.after, t.from, t.to, t.show, t.help)
	return t
}

func (t *journalTimes) choose(i int) {
	p := viewmodel.Periods()[i]
	t.model.SetPeriod(p)
	if p == viewmodel.PeriodSpan && !t.listed {
		t.at.Focus(t.from)
	}
}

func (t *journalTimes) apply() { t.model.TypeTimes(t.from.Text, t.to.Text) }

// open tells whether a person types from when to when.
func (t *journalTimes) open() bool { return t.model.Filter.Period == viewmodel.PeriodSpan }

// width is that of the words and the steps beside them.
func (t *journalTimes) width() float32 {
	return t.words.MinSize().Width + t.before.MinSize().Width + t.after.MinSize().Width
}

// typed is how wide each of the fields is before scaling.
const typed float32 = 144

// beside tells whether the fields have room beside the words.
func (t *journalTimes) beside(width float32) bool {
	return t.width()+3*theme.Unit+2*t.at.Kit.Theme.Grow(typed)+t.show.MinSize().Width <= width
}

// heightFor is the height in a width.
func (t *journalTimes) heightFor(width float32) float32 {
	h := t.words.MinSize().Height
	if t.open() && !t.beside(width) {
		h += theme.Unit + t.show.MinSize().Height
	}
	if t.help.Visible() {
		h += theme.Unit + t.help.HeightFor(width)
	}
	return h
}

func (t *journalTimes) place(s fyne.Size) {
	line := t.words.MinSize().Height
	step := t.before.MinSize()
	room := s.Width - 2*step.Width
	t.listed = t.words.MinSize().Width > room
	show(t.words, !t.listed)
	show(t.list, t.listed)
	var middle fyne.CanvasObject = t.words
	width := t.words.MinSize().Width
	if t.listed {
		middle, width = t.list, min(room, t.list.MinSize().Width)
	}
	widgets.Put(t.before, 0, (line-step.Height)/2, step.Width, step.Height)
	widgets.Put(middle, step.Width, 0, width, line)
	widgets.Put(t.after, step.Width+width, (line-step.Height)/2, step.Width, step.Height)
	x, y := float32(0), line+theme.Unit
	if t.beside(s.Width) {
		x, y = t.width()+theme.Unit, (line-t.show.MinSize().Height)/2
	}
	t.placeTyped(x, y, s.Width-x)
	widgets.Put(t.help, 0, s.Height-t.help.HeightFor(s.Width), s.Width, t.help.HeightFor(s.Width))
}

// placeTyped puts the fields on a line.
func (t *journalTimes) placeTyped(x, y, width float32) {
	button, h := t.show.MinSize(), t.from.MinSize().Height // the toolkit sets its text for this one
	half := min((width-button.Width-2*theme.Unit)/2, t.at.Kit.Theme.Grow(typed))
	top := y + (button.Height-h)/2
	widgets.Put(t.from, x, top, half, h)
	widgets.Put(t.to, x+half+theme.Unit, top, half, h)
	widgets.Put(t.show, x+2*half+2*theme.Unit, y, button.Width, button.Height)
}

// focus is where the keys choose a time range.
func (t *journalTimes) focus() fyne.Focusable {
	if t.listed {
		return t.list
	}
	return t.words
}

func (t *journalTimes) relabel() {
	t.from.SetPlaceHolder(t.at.say("journal.span.from"))
	t.to.SetPlaceHolder(t.at.say("journal.span.to"))
}

func (t *journalTimes) redraw() {
	c, m := t.at, t.model
	var words []string
	for _, p := range viewmodel.Periods() {
		words = append(words, c.say("journal.period."+string(p)))
	}
	chosen := slices.Index(viewmodel.Periods(), m.Filter.Period)
	t.words.Set(words, chosen)
	t.list.Set(words, chosen)
	t.before.Set("", "")
	t.after.Set("", "")
	t.before.Enable(m.CanStep(-1))
	t.after.Enable(m.CanStep(1))
	open := t.open()
	for _, o := range []fyne.CanvasObject{t.from, t.to, t.show} {
		show(o, open)
	}
	t.show.Set(c.say("journal.span.show"), "")
	show(t.help, open && (m.Typing || m.SpanFault != ""))
	t.help.SetTone(theme.Muted)
	t.help.Set(c.say("journal.span.help"))
	if m.SpanFault != "" {
		t.help.SetTone(theme.Danger)
		t.help.Set(c.say("journal.span.wrong." + string(m.SpanFault)))
	}
	if open && (!t.asked || !slices.Contains([]fyne.Focusable{t.from, t.to, t.show}, c.Focused())) && m.SpanFault == "" {
		t.write()
	}
	t.asked = open
	widgets.Relayout(t.content)
}

// write puts the times that are chosen into the fields, the last day or minute
// as one that is included.
func (t *journalTimes) write() {
	from, to := t.model.Bounds()
	days := from.Equal(midnight(from)) && to.Equal(midnight(to))
	form := "02/01/2006"
	if t.at.Texts().Tag == "de" {
		form = "02.01.2006"
	}
	one := func(at time.Time) string {
		switch {
		case at.IsZero():
			return ""
		case days:
			return at.Format(form)
		default:
			return at.Format(form + " 15:04")
		}
	}
	last := to
	if days && !to.IsZero() {
		last = to.AddDate(0, 0, -1)
	} else if !to.IsZero() {
		last = to.Add(-time.Minute)
	}
	for _, f := range []struct {
		entry *widgets.Entry
		text  string
	}{{t.from, one(from)}, {t.to, one(last)}} {
		if f.entry.Text != f.text {
			f.entry.SetText(f.text)
		}
	}
}

func midnight(at time.Time) time.Time {
	y, m, d := at.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, at.Location())
}

// journalSpan is a time range in words.
func (c *Context) journalSpan(from, to time.Time) string {
	switch {
	case from.IsZero() && to.IsZero():
		return c.say("journal.span.all")
	case from.IsZero():
		return c.say("journal.span.until", language.Args{"To": c.journalDay(to.Add(-time.Second))})
	case to.IsZero():
		return c.say("journal.span.since", language.Args{"From": c.journalDay(from)})
	}
	last := to.Add(-time.Second)
	if from.Equal(midnight(from)) && to.Equal(midnight(to)) {
		if midnight(last).Equal(from) {
			return c.journalDay(from)
		}
		return c.journalDay(from) + " – " + c.journalDay(last)
	}
	end := c.Texts().Clock(to)
	if !midnight(last).Equal(midnight(from)) {
		end = c.journalDay(to) + " " + end
	}
	return c.journalDay(from) + " " + c.Texts().Clock(from) + " – " + end
}

// journalDay is a day, with its year when that is not this one.
func (c *Context) journalDay(at time.Time) string {
	at = at.In(c.Now().Location())
	if at.Year() == c.Now().Year() {
		return c.Texts().Day(at)
	}
	return c.Texts().Day(at) + " " + at.Format("2006")
}
