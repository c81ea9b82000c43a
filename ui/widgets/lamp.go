package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"espero-soft.com/printroom/ui/theme"
)

// Lamp is one part of the status line: icon and word in the tone of its state;
// a tap opens what it stands for.
type Lamp struct {
	pressable
	icon string
	word string
	tone theme.Colour
	bare bool // without its word
	back *canvas.Rectangle
	pic  *canvas.Image
	text *canvas.Text
}

// NewLamp returns a lamp that is off.
func NewLamp(kit *Kit, tapped func()) *Lamp {
	l := &Lamp{icon: "circle", tone: theme.Muted, back: box(4), pic: kit.picture(), text: kit.text(false)}
	l.become(kit, l, tapped)
	return l
}

// Set changes what it tells.
func (l *Lamp) Set(icon, word string, tone theme.Colour) {
	if icon != l.icon || word != l.word || tone != l.tone {
		l.icon, l.word, l.tone = icon, word, tone
		l.Refresh()
	}
}

// Bare leaves its word out where there is no room for it.
func (l *Lamp) Bare(on bool) {
	if on != l.bare {
		l.bare = on
		l.Refresh()
	}
}

// Calm tells whether what it stands for is as it should be.
func (l *Lamp) Calm() bool { return l.tone == theme.Good || l.tone == theme.Muted }

// Word returns what it tells.
func (l *Lamp) Word() string { return l.word }

func (l *Lamp) shown() string {
	if l.bare {
		return ""
	}
	return l.word
}

func (l *Lamp) refresh() {
	l.back.FillColor, l.back.StrokeWidth = transparent(), 0
	if l.hovered {
		l.back.FillColor = l.kit.Theme.Of(theme.Hover)
	}
	if l.focused {
		l.back.StrokeColor, l.back.StrokeWidth = l.kit.Theme.Of(theme.Accent), 2
	}
	l.back.Refresh()
	l.kit.icon(l.pic, l.icon, l.tone)
	l.text.Text = l.shown()
	tone := theme.Text
	if l.tone == theme.Danger || l.tone == theme.Muted {
		tone = l.tone
	}
	l.kit.paint(l.text, theme.Caption, tone)
}

// CreateRenderer implements fyne.Widget.
func (l *Lamp) CreateRenderer() fyne.WidgetRenderer {
	l.refresh()
	return &drawn{
		of: l, objects: []fyne.CanvasObject{l.back, l.pic, l.text}, refresh: l.refresh,
		min: func() fyne.Size {
			w := l.kit.measure(l.shown(), theme.Caption, false).Width
			return fyne.NewSize(2*theme.Unit+l.kit.Theme.Grow(14)+6+w, l.kit.Theme.Grow(32))
		},
		layout: func(s fyne.Size) {
			side := l.kit.Theme.Grow(14)
			l.back.Resize(s)
			place(l.pic, theme.Unit, (s.Height-side)/2, side, side)
			x := theme.Unit + side + 6
			middle(l.text, x, 0, s.Width-x, s.Height)
		},
	}
}
