package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"espero-soft.com/printroom/ui/theme"
)

// Fact is a name and a value.
type Fact struct {
	Name  string
	Value string
	Under string       // said below the value, smaller
	Icon  string       // before the value, in its tone
	Tone  theme.Colour // of the icon; of the value too when it is Danger or Warn
}

// Facts lists facts, names at the left and values beside them; large text puts
// each value under its name.
type Facts struct {
	widget.BaseWidget
	kit    *Kit
	wide   float32 // of the names, before scaling
	strong bool    // the names are what is read first
	facts  []Fact
	lines  []*factLine
	render *drawn
}

type factLine struct {
	name, value, under *Paragraph
	pic                *canvas.Image
	rule               *canvas.Rectangle
}

// NewFacts returns an empty list whose names have that width.
func NewFacts(kit *Kit, names float32) *Facts {
	f := &Facts{kit: kit, wide: names}
	f.ExtendBaseWidget(f)
	return f
}

// Strong makes the names what is read first.
func (f *Facts) Strong() *Facts {
	f.strong = true
	return f
}

// Set changes the facts; those without a value are left out.
func (f *Facts) Set(facts ...Fact) {
	f.facts = f.facts[:0]
	for _, fact := range facts {
		if fact.Value != "" {
			f.facts = append(f.facts, fact)
		}
	}
	tone := theme.Muted
	if f.strong {
		tone = theme.Text
	}
	for len(f.lines) < len(f.facts) {
		f.lines = append(f.lines, &factLine{
			name: NewParagraph(f.kit, theme.Body, tone, f.strong), value: NewParagraph(f.kit, theme.Body, theme.Text, false),
			under: NewParagraph(f.kit, theme.Caption, theme.Muted, false), pic: f.kit.picture(), rule: box(0),
		})
	}
	for i, fact := range f.facts {
		l := f.lines[i]
		tone := theme.Text
		if fact.Tone == theme.Danger || fact.Tone == theme.Warn {
			tone = fact.Tone
		}
		l.value.SetTone(tone)
		l.name.Set(fact.Name)
		l.value.Set(fact.Value)
		l.under.Set(fact.Under)
	}
	f.Refresh()
}

// Text returns the facts as lines, for a copy and for tests.
func (f *Facts) Text() (all string) {
	for _, fact := range f.facts {
		all += fact.Name + ": " + fact.Value + "\n"
	}
	return all
}

// places are where the parts of a line lie in a width.
func (f *Facts) places(fact Fact, width float32) (names, left, room float32) {
	if f.kit.Theme.Scale() > 1.25 {
		names = width
	} else {
		names = f.kit.Theme.Grow(f.wide)
		left = names + 2*theme.Unit
	}
	if fact.Icon != "" {
		left += f.kit.Theme.Grow(16) + theme.Unit
	}
	return names, left, width - left
}

// heights are those of a line's name and of its value with what is under it.
func (f *Facts) heights(i int, width float32) (name, value, under float32) {
	names, _, room := f.places(f.facts[i], width)
	l := f.lines[i]
	return l.name.HeightFor(names), l.value.HeightFor(room), l.under.HeightFor(room)
}

func (f *Facts) stacked() bool { return f.kit.Theme.Scale() > 1.25 }

func (f *Facts) lineHeight(i int, width float32) float32 {
	name, value, under := f.heights(i, width)
	if f.stacked() {
		return name + value + under
	}
	return max(name, value+under)
}

const factGap = 2 * theme.Unit

// HeightFor returns the height of all lines.
func (f *Facts) HeightFor(width float32) (height float32) {
	for i := range f.facts {
		if i > 0 {
			height += factGap
		}
		height += f.lineHeight(i, width)
	}
	return height
}

func (f *Facts) layout(s fyne.Size) {
	var y float32
	for i, fact := range f.facts {
		l := f.lines[i]
		names, left, room := f.places(fact, s.Width)
		name, value, under := f.heights(i, s.Width)
		place(l.name, 0, y, names, name)
		top := y
		if f.stacked() {
			top += name
		}
		side := f.kit.Theme.Grow(16)
		place(l.pic, left-side-theme.Unit, top+2, side, side)
		place(l.value, left, top, room, value)
		place(l.under, left, top+value, room, under)
		y += f.lineHeight(i, s.Width)
		place(l.rule, 0, y+factGap/2, s.Width, 1)
		y += factGap
	}
}

func (f *Facts) refresh() {
	objects := make([]fyne.CanvasObject, 0, 5*len(f.facts))
	for i, fact := range f.facts {
		l := f.lines[i]
		f.kit.icon(l.pic, fact.Icon, fact.Tone)
		l.rule.FillColor = f.kit.Theme.Of(theme.Line)
		l.rule.Refresh()
		for _, p := range []*Paragraph{l.name, l.value, l.under} {
			p.Refresh()
		}
		objects = append(objects, l.name, l.value, l.under, l.pic)
		if i < len(f.facts)-1 {
			objects = append(objects, l.rule)
		}
	}
	if f.render != nil {
		f.render.objects = objects
	}
}

// CreateRenderer implements fyne.Widget.
func (f *Facts) CreateRenderer() fyne.WidgetRenderer {
	f.render = &drawn{
		of: f, layout: f.layout, refresh: f.refresh,
		min: func() fyne.Size {
			width := f.kit.Theme.Grow(f.wide) + f.kit.Theme.Grow(160)
			return fyne.NewSize(width, f.HeightFor(max(width, f.Size().Width)))
		},
	}
	f.refresh()
	return f.render
}
