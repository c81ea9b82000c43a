package screens

import (
	"fyne.io/fyne/v2"

	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/widgets"
)

// place gives the receipt a third of the width, and most of it while one is read;
// all of it where large text leaves too little for anything else.
func (d *DropOff) place(s fyne.Size, middle, foot, below fyne.CanvasObject) {
	look, open := d.at.Kit.Theme, d.proof.model.Open()
	left, right := look.Grow(216), min(max(s.Width*0.32, look.Grow(320)), 480)
	switch {
	case open && s.Width < look.Grow(900):
		left, right = 0, s.Width
	case open:
		left, right = 0, s.Width*0.62
	case s.Width-left-right >= look.Grow(360):
	case d.model.Chosen == "" && !d.proof.disk.model.Open:
		right = 0
	default:
		left = 0
	}
	width := s.Width - left - right
	show(d.side, left > 0)
	show(d.proof.content, right > 0)
	for _, o := range []fyne.CanvasObject{d.title, d.under, d.back, d.next, middle, foot, below} {
		show(o, width > 0)
	}
	widgets.Put(d.side, 0, 0, left, s.Height)
	widgets.Put(d.proof.content, s.Width-right, 0, right, s.Height)
	if width > 0 {
		d.placeMiddle(left, width, s.Height, middle, foot, below)
	}
}

// placeMiddle lays out, from top to bottom: which deposit it is, what is to be
// said, its pieces, what can be done, the list of deposits. The list gives way
// where there is no height for both.
func (d *DropOff) placeMiddle(left, width, height float32, middle, foot, below fyne.CanvasObject) {
	look, pad := d.at.Kit.Theme, 2*theme.Unit
	y := d.placeTitle(left+pad, width-2*pad)
	if h := d.top.HeightFor(width - 2*pad); h > 0 {
		widgets.Put(d.top, left+pad, y, width-2*pad, h)
		y += h + 12
	}
	bottom, rows := d.footHeight(width), look.Grow(40)
	if len(d.buttons()) == 0 {
		bottom = 0
	}
	room := height - y - bottom
	list := max(min(room*0.42, rows*float32(len(d.model.Deposits)+2)), min(3*rows, room*0.5))
	if room < 7*rows || d.model.Asking != "" {
		list = 0
	}
	show(below, list > 0)
	show(foot, bottom > 0)
	widgets.Put(middle, left, y, width, height-bottom-list-y)
	widgets.Put(foot, left, height-bottom-list, width, bottom)
	widgets.Put(below, left, height-list, width, list)
}

// placeTitle puts title and sum at the left, the steps to other deposits at the
// right, and returns where they end.
func (d *DropOff) placeTitle(x, width float32) float32 {
	step := d.back.MinSize()
	room := width - 2*step.Width - theme.Unit
	high, low := d.title.HeightFor(room), d.under.HeightFor(room)
	widgets.Put(d.title, x, 12, room, high)
	widgets.Put(d.under, x, 12+high, room, low)
	widgets.Put(d.back, x+width-2*step.Width, 12, step.Width, step.Height)
	widgets.Put(d.next, x+width-step.Width, 12, step.Width, step.Height)
	return 12 + max(high+low, step.Height) + 12
}

func (d *DropOff) buttons() []*widgets.Button {
	var shown []*widgets.Button
	for _, b := range []*widgets.Button{d.close, d.print, d.save, d.out} {
		if b.Visible() {
			shown = append(shown, b)
		}
	}
	return shown
}

// stacked tells whether the buttons don't fit side by side.
func (d *DropOff) stacked(width float32) bool {
	need := 2 * theme.Unit
	for _, b := range d.buttons() {
		need += b.Least() + 2*theme.Unit
	}
	return need > width
}

func (d *DropOff) footHeight(width float32) float32 {
	n, h := float32(len(d.buttons())), d.close.MinSize().Height
	if d.stacked(width) {
		return n*h + (n-1)*theme.Unit + 24
	}
	return h + 24
}

func (d *DropOff) placeFoot(s fyne.Size) {
	all, pad, h := d.buttons(), 2*theme.Unit, d.close.MinSize().Height
	if d.stacked(s.Width) {
		for i, b := range all {
			widgets.Put(b, pad, 12+float32(i)*(h+theme.Unit), s.Width-2*pad, h)
		}
		return
	}
	var least float32
	for _, b := range all {
		least += b.Least()
	}
	spare := (s.Width - 2*pad - float32(len(all)-1)*theme.Unit - least) / float32(max(1, len(all)))
	x := pad
	for _, b := range all {
		w := b.Least() + spare
		widgets.Put(b, x, 12, w, h)
		x += w + theme.Unit
	}
}

func (d *DropOff) leastList() fyne.Size {
	kit := d.at.Kit
	width := kit.Theme.Grow(208)
	h := 12 + d.head.HeightFor(width) + theme.Unit + 12 + d.hint.HeightFor(width-2*theme.Unit) + theme.Unit
	for range d.products {
		h += kit.Theme.Grow(56)
	}
	return fyne.NewSize(width, h)
}

func (d *DropOff) placeList(s fyne.Size) {
	pad, y := 2*theme.Unit, float32(16)
	h := d.head.HeightFor(s.Width - 2*pad)
	widgets.Put(d.head, pad, y, s.Width-2*pad, h)
	y += h + theme.Unit
	for i := range d.products {
		h = d.picks[i].MinSize().Height
		widgets.Put(d.picks[i], 0, y, s.Width, h)
		y += h
	}
	y += 12
	widgets.Put(d.hint, pad, y, s.Width-2*pad, d.hint.HeightFor(s.Width-2*pad))
}
