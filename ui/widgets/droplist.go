package widgets

import (
	"strings"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"espero-soft.com/printroom/ui/theme"
)

// dropList is a dropdown's open list. Arrows go to a line, a letter to the next
// one that begins with it; Enter, Space and a press choose.
type dropList struct {
	widget.BaseWidget
	of     *Dropdown
	at     int
	popup  *widget.PopUp
	scroll *container.Scroll
	back   *canvas.Rectangle
	tick   *canvas.Image
	lines  []*canvas.Text
}

var (
	_ fyne.Focusable    = (*dropList)(nil)
	_ fyne.Tappable     = (*dropList)(nil)
	_ desktop.Hoverable = (*dropList)(nil)
)

func newDropList(of *Dropdown, c fyne.Canvas) *dropList {
	l := &dropList{of: of, at: max(of.chosen, 0), back: box(4), tick: of.kit.picture()}
	for range of.labels {
		l.lines = append(l.lines, of.kit.text(false))
	}
	l.ExtendBaseWidget(l)
	l.scroll = container.NewVScroll(l)
	l.popup = widget.NewPopUp(l.scroll, c)
	return l
}

// show opens it below at, inside a window of that size.
func (l *dropList) show(at fyne.Position, window fyne.Size) {
	least := l.MinSize()
	room := max(window.Height-at.Y-3*theme.Unit, 4*l.lineHeight())
	l.popup.ShowAtPosition(at)
	l.popup.Resize(fyne.NewSize(max(l.of.Size().Width, least.Width+2*theme.Unit), min(least.Height+2*theme.Unit, room)))
	l.move(l.at)
}

func (l *dropList) lineHeight() float32 { return l.of.kit.Theme.Grow(36) }

// move goes to a line and scrolls so far that it is in sight.
func (l *dropList) move(i int) {
	l.at = min(max(i, 0), len(l.lines)-1)
	top, view := float32(l.at)*l.lineHeight(), l.scroll.Size().Height
	l.scroll.Offset.Y = max(min(l.scroll.Offset.Y, top), top+l.lineHeight()-view, 0)
	l.scroll.Refresh()
	l.Refresh()
}

func (l *dropList) lineAt(y float32) int {
	return min(max(int(y/l.lineHeight()), 0), len(l.lines)-1)
}

// Tapped implements fyne.Tappable.
func (l *dropList) Tapped(ev *fyne.PointEvent) {
	l.of.kit.touch()
	l.of.pick(l.lineAt(ev.Position.Y))
}

// MouseIn implements desktop.Hoverable.
func (l *dropList) MouseIn(ev *desktop.MouseEvent) { l.MouseMoved(ev) }

// MouseMoved implements desktop.Hoverable.
func (l *dropList) MouseMoved(ev *desktop.MouseEvent) {
	l.of.kit.touch()
	if i := l.lineAt(ev.Position.Y); i != l.at {
		l.at = i
		l.Refresh()
	}
}

// MouseOut implements desktop.Hoverable.
func (l *dropList) MouseOut() {}

// FocusGained implements fyne.Focusable.
func (l *dropList) FocusGained() {}

// FocusLost implements fyne.Focusable.
func (l *dropList) FocusLost() {}

// TypedRune implements fyne.Focusable.
func (l *dropList) TypedRune(r rune) {
	if l.of.kit.holdRune(r) {
		return
	}
	for step := range l.of.labels {
		i := (l.at + 1 + step) % len(l.of.labels)
		if strings.HasPrefix(strings.ToLower(l.of.labels[i]), string(unicode.ToLower(r))) {
			l.move(i)
			return
		}
	}
}

// TypedKey implements fyne.Focusable.
func (l *dropList) TypedKey(ev *fyne.KeyEvent) {
	if l.of.kit.holdKey(ev) {
		return
	}
	page := max(1, int(l.scroll.Size().Height/l.lineHeight())-1)
	switch ev.Name {
	case fyne.KeyDown:
		l.move(l.at + 1)
	case fyne.KeyUp:
		l.move(l.at - 1)
	case fyne.KeyPageDown:
		l.move(l.at + page)
	case fyne.KeyPageUp:
		l.move(l.at - page)
	case fyne.KeyHome:
		l.move(0)
	case fyne.KeyEnd:
		l.move(len(l.lines) - 1)
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace:
		l.of.pick(l.at)
	case fyne.KeyEscape:
		l.of.pick(-1)
	}
}

// CreateRenderer implements fyne.Widget.
func (l *dropList) CreateRenderer() fyne.WidgetRenderer {
	kit := l.of.kit
	objects := []fyne.CanvasObject{l.back}
	for _, t := range l.lines {
		objects = append(objects, t)
	}
	refresh := func() {
		l.back.FillColor = kit.Theme.Of(theme.AccentSoft)
		l.back.Refresh()
		for i, t := range l.lines {
			t.Text, t.TextStyle.Bold = l.of.labels[i], i == l.of.chosen
			kit.paint(t, theme.Body, theme.Text)
		}
		kit.icon(l.tick, "check", theme.Accent)
	}
	refresh()
	side := kit.Theme.Grow(16)
	return &drawn{
		of: l, objects: append(objects, l.tick), refresh: refresh,
		min: func() fyne.Size {
			var width float32
			for _, label := range l.of.labels {
				width = max(width, kit.measure(label, theme.Body, true).Width)
			}
			return fyne.NewSize(width+side+4*theme.Unit, float32(len(l.lines))*l.lineHeight())
		},
		layout: func(s fyne.Size) {
			h := l.lineHeight()
			place(l.back, 0, float32(l.at)*h+1, s.Width, h-2)
			place(l.tick, theme.Unit, float32(max(l.of.chosen, 0))*h+(h-side)/2, side, side)
			for i, t := range l.lines {
				middle(t, 2*theme.Unit+side, float32(i)*h, s.Width-side-3*theme.Unit, h)
			}
		},
	}
}
