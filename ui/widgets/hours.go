package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// HoursBar is one bar of Hours: parts from below, in the colours of people,
// what it says of itself, and its name on the axis, "" for none.
type HoursBar struct {
	Parts []HoursPart
	Says  string
	Tick  string
}

// HoursPart is one person's part of a bar.
type HoursPart struct {
	Count  int64
	Colour int // theme.Person's
}

// HoursStep is a line across, with its value and how that is written.
type HoursStep struct {
	Value int64
	Label string
}

// Hours draws how much was done when, by whom. The pointer and the arrows go
// from bar to bar; a press or Enter chooses one.
type Hours struct {
	widget.BaseWidget
	kit      *Kit
	OnChosen func(i int) // −1: none any more
	title    string
	note     string // at the right while no bar is pointed at
	bars     []HoursBar
	steps    []HoursStep // from 0 up
	chosen   int         // −1 for none
	at       int         // the bar that is pointed at, −1 for none
	focused  bool

	ring, band  *canvas.Rectangle
	mark        *canvas.Rectangle // under the chosen bar
	head, says  *canvas.Text
	lines       []*canvas.Rectangle
	values      []*canvas.Text
	parts       []*canvas.Rectangle
	ticks       []*canvas.Text
	render      *drawn
	left, width float32 // of the bars, as laid out
}

var (
	_ fyne.Focusable    = (*Hours)(nil)
	_ fyne.Tappable     = (*Hours)(nil)
	_ desktop.Hoverable = (*Hours)(nil)
)

// NewHours returns an empty picture.
func NewHours(kit *Kit) *Hours {
	h := &Hours{kit: kit, chosen: -1, at: -1, ring: box(2), band: box(2), mark: box(1), head: kit.text(true), says: kit.text(false)}
	h.ExtendBaseWidget(h)
	return h
}

// Set changes the picture; chosen is the marked bar, −1 for none.
func (h *Hours) Set(title, note string, bars []HoursBar, steps []HoursStep, chosen int) {
	if len(bars) != len(h.bars) {
		h.at = -1
	}
	h.title, h.note, h.bars, h.steps, h.chosen = title, note, bars, steps, chosen
	h.Refresh()
}

// Says returns what stands at the right of the title.
func (h *Hours) Says() string {
	if h.at >= 0 && h.at < len(h.bars) {
		return h.bars[h.at].Says
	}
	return h.note
}

func (h *Hours) point(i int) {
	if i = min(i, len(h.bars)-1); i != h.at {
		h.at = i
		h.Refresh()
	}
}

func (h *Hours) choose(i int) {
	h.kit.touch()
	if i < 0 || i >= len(h.bars) || h.OnChosen == nil {
		return
	}
	if i == h.chosen {
		i = -1
	}
	h.OnChosen(i)
}

func (h *Hours) barAt(x float32) int {
	if x < h.left || h.width <= 0 || len(h.bars) == 0 || x >= h.left+h.width {
		return -1
	}
	return min(int((x-h.left)/h.width*float32(len(h.bars))), len(h.bars)-1)
}

// Tapped implements fyne.Tappable.
func (h *Hours) Tapped(ev *fyne.PointEvent) { h.choose(h.barAt(ev.Position.X)) }

// MouseIn implements desktop.Hoverable.
func (h *Hours) MouseIn(ev *desktop.MouseEvent) { h.MouseMoved(ev) }

// MouseMoved implements desktop.Hoverable.
func (h *Hours) MouseMoved(ev *desktop.MouseEvent) {
	h.kit.touch()
	h.point(h.barAt(ev.Position.X))
}

// MouseOut implements desktop.Hoverable.
func (h *Hours) MouseOut() { h.point(-1) }

// FocusGained implements fyne.Focusable.
func (h *Hours) FocusGained() {
	h.focused = true
	h.Refresh()
}

// FocusLost implements fyne.Focusable.
func (h *Hours) FocusLost() {
	h.focused, h.at = false, -1
	h.Refresh()
}

// TypedRune implements fyne.Focusable.
func (h *Hours) TypedRune(r rune) { h.kit.holdRune(r) }

// TypedKey implements fyne.Focusable.
func (h *Hours) TypedKey(ev *fyne.KeyEvent) {
	if h.kit.holdKey(ev) {
		return
	}
	switch ev.Name {
	case fyne.KeyRight:
		h.point(h.next(1))
	case fyne.KeyLeft:
		h.point(h.next(-1))
	case fyne.KeyHome:
		h.point(0)
	case fyne.KeyEnd:
		h.point(len(h.bars) - 1)
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace:
		h.choose(h.at)
	default:
		Unhandled(h, ev)
	}
}

// next is the next bar with something in it, or the one that is pointed at.
func (h *Hours) next(step int) int {
	i := h.at
	if i < 0 && step < 0 {
		i = len(h.bars)
	}
	for i += step; i >= 0 && i < len(h.bars); i += step {
		if len(h.bars[i].Parts) > 0 {
			return i
		}
	}
	return h.at
}
