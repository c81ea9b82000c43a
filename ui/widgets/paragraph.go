package widgets

import (
	"strings"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"espero-soft.com/printroom/ui/theme"
)

// flows is what knows its height once its width is given.
type flows interface {
	HeightFor(width float32) float32
}

func heightFor(o fyne.CanvasObject, width float32) float32 {
	if f, ok := o.(flows); ok {
		return f.HeightFor(width)
	}
	return o.MinSize().Height
}

// Paragraph is text that wraps at words. A word that no line has room for, such
// as an id or a path, goes on on the next one.
type Paragraph struct {
	widget.BaseWidget
	kit     *Kit
	text    string
	size    float32
	tone    theme.Colour
	bold    bool
	Centred bool
	lines   []*canvas.Text
	render  *drawn
	wrapped float32 // the width that lines are for
}

// NewParagraph returns an empty paragraph of a type size and colour.
func NewParagraph(kit *Kit, size float32, tone theme.Colour, bold bool) *Paragraph {
	p := &Paragraph{kit: kit, size: size, tone: tone, bold: bold}
	p.ExtendBaseWidget(p)
	return p
}

// Set changes what it says.
func (p *Paragraph) Set(text string) {
	if text != p.text {
		p.text = text
		p.Refresh()
	}
}

// SetTone changes its colour.
func (p *Paragraph) SetTone(tone theme.Colour) {
	if tone != p.tone {
		p.tone = tone
		p.Refresh()
	}
}

// SetSize changes its type size.
func (p *Paragraph) SetSize(size float32) {
	if size != p.size {
		p.size = size
		p.Refresh()
	}
}

// Text returns what it says.
func (p *Paragraph) Text() string { return p.text }

func (p *Paragraph) lineHeight() float32 {
	return float32(int(p.kit.Theme.Grow(p.size)*1.42 + 0.5))
}

func (p *Paragraph) wrap(width float32) []string {
	var out []string
	for part := range strings.SplitSeq(p.text, "\n") {
		line := ""
		for _, word := range p.words(part, width) {
			try := word
			if line != "" {
				try = line + " " + word
			}
			if line != "" && p.wide(try) > width {
				out = append(out, line)
				line = word
			} else {
				line = try
			}
		}
		out = append(out, line)
	}
	return out
}

// words are the words of a line, those cut that are wider than it. A space that
// keeps a number together, or a mark with its word, parts nothing.
func (p *Paragraph) words(line string, width float32) []string {
	words := strings.FieldsFunc(line, func(r rune) bool { return r == ' ' || r == '\t' })
	if width < p.lineHeight() { // not laid out yet
		return words
	}
	var out []string
	for _, word := range words {
		for p.wide(word) > width {
			n := p.fitting(word, width)
			out = append(out, word[:n])
			word = word[n:]
		}
		if word != "" {
			out = append(out, word)
		}
	}
	return out
}

// fitting is how many bytes of a word fit, to a mark that parts it if there is
// one in the second half of that.
func (p *Paragraph) fitting(word string, width float32) int {
	n := 0
	for n < len(word) {
		_, size := utf8.DecodeRuneInString(word[n:])
		if n > 0 && p.wide(word[:n+size]) > width {
			break
		}
		n += size
	}
	if i := strings.LastIndexAny(word[:n], "-/._"); i >= n/2 {
		return i + 1
	}
	return n
}

func (p *Paragraph) wide(text string) float32 { return p.kit.measure(text, p.size, p.bold).Width }

// HeightFor returns the height that the text takes in a width.
func (p *Paragraph) HeightFor(width float32) float32 {
	if p.text == "" {
		return 0
	}
	return float32(len(p.wrap(width))) * p.lineHeight()
}

func (p *Paragraph) flow(width float32) {
	p.wrapped = width
	texts := p.wrap(width)
	for len(p.lines) < len(texts) {
		p.lines = append(p.lines, p.kit.text(p.bold))
	}
	p.render.objects = p.render.objects[:0]
	for i, s := range texts {
		t := p.lines[i]
		t.Text = s
		t.Alignment = fyne.TextAlignLeading
		if p.Centred {
			t.Alignment = fyne.TextAlignCenter
		}
		p.kit.paint(t, p.size, p.tone)
		middle(t, 0, float32(i)*p.lineHeight(), width, p.lineHeight())
		p.render.objects = append(p.render.objects, t)
	}
}

// CreateRenderer implements fyne.Widget.
func (p *Paragraph) CreateRenderer() fyne.WidgetRenderer {
	p.render = &drawn{
		of:     p,
		layout: func(s fyne.Size) { p.flow(s.Width) },
		min: func() fyne.Size {
			width := p.Size().Width
			if width <= 0 {
				return fyne.NewSize(0, p.lineHeight())
			}
			return fyne.NewSize(0, p.HeightFor(width))
		},
		refresh: func() {},
	}
	return p.render
}
