package screens

import (
	"fyne.io/fyne/v2"

	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/widgets"
)

func (j *Journal) placeSide(s fyne.Size) {
	y := theme.Unit
	kinds, title := j.kinds.MinSize().Height, j.who.HeightFor(s.Width-4*theme.Unit)
	widgets.Put(j.kinds, 0, y, s.Width, kinds)
	y += kinds + 2*theme.Unit
	widgets.Put(j.who, 2*theme.Unit, y, s.Width-4*theme.Unit, title)
	y += title + theme.Unit
	widgets.Put(j.people, 0, y, s.Width, max(0, s.Height-y))
}

// place gives an open access a third of the width.
func (j *Journal) place(s fyne.Size) {
	widgets.Put(j.closed, 0, 0, s.Width, s.Height)
	head := j.states.heightFor(s.Width)
	widgets.Put(j.head, 0, 0, s.Width, head)
	left, right := j.at.Kit.Theme.Grow(216), float32(0)
	if j.entry.content.Visible() {
		right = min(max(s.Width*0.32, j.at.Kit.Theme.Grow(360)), 520)
	}
	if s.Width-left-right < j.at.Kit.Theme.Grow(480) {
		left = 0
	}
	if over := s.Width-right < j.at.Kit.Theme.Grow(320); over && right > 0 { // large text: it alone has room
		right = s.Width
		for _, o := range j.middle() {
			o.Hide()
		}
	}
	show(j.side, left > 0 && j.head.Visible())
	widgets.Put(j.side, 0, head, left, s.Height-head)
	widgets.Put(j.entry.content, s.Width-right, head, right, s.Height-head)
	if j.list.Visible() {
		j.placeMiddle(left, head, s.Width-left-right, s.Height-head)
	}
}

// middle is what stands between the people and the open access.
func (j *Journal) middle() []fyne.CanvasObject {
	return []fyne.CanvasObject{j.letter, j.action, j.times.content, j.above, j.picture, j.count, j.tail, j.again, j.list}
}

func (j *Journal) placeMiddle(x, y, width, height float32) {
	pad, end := 2*theme.Unit, y+height
	y = j.placeFilters(x+pad, y+12, width-2*pad) + 12
	h := j.top.HeightFor(width - 2*pad)
	h = min(h, max(end-y-j.at.Kit.Theme.Grow(96), 0)) // some of the accesses stay in sight
	widgets.Put(j.above, x+pad, y, width-2*pad, h)
	if h > 0 {
		y += h + 12
	}
	if picture := j.hours.MinSize().Height; end-y > picture+j.at.Kit.Theme.Grow(240) && j.model.Ready {
		show(j.picture, true)
		widgets.Put(j.picture, x, y, width, picture)
		y += picture
	} else {
		show(j.picture, false)
	}
	y += j.placeCount(x, y, width)
	widgets.Put(j.list, x, y, width, end-y)
}

// placeCount puts what the table holds on a line, with what is not countersigned
// and the way to newer accesses at its end, and tells its height.
func (j *Journal) placeCount(x, y, width float32) float32 {
	pad, again := 2*theme.Unit, j.again.MinSize()
	right := x + width - again.Width - theme.Unit
	widgets.Put(j.again, right, y, again.Width, again.Height)
	tail := j.tail.MinSize()
	if right-tail.Width-x < j.at.Kit.Theme.Grow(200) {
		j.tail.Hide() // the states say it too
	}
	if j.tail.Visible() {
		right -= tail.Width + theme.Unit
		widgets.Put(j.tail, right, y+(again.Height-tail.Height)/2, tail.Width, tail.Height)
	}
	room := right - x - pad - theme.Unit
	lines := j.count.HeightFor(room)
	high := max(again.Height, lines+theme.Unit)
	widgets.Put(j.count, x+pad, y+(high-lines)/2, room, lines)
	return high
}

// placeFilters puts letter, action and times on one line, or the times on lines
// of their own where they have no room, and tells where they end.
func (j *Journal) placeFilters(x, y, width float32) float32 {
	action, times := j.action.MinSize(), j.times.width()
	h := j.letter.MinSize().Height // the toolkit sets its text for this one
	letter := width - action.Width - times - 2*theme.Unit
	if letter >= j.at.Kit.Theme.Grow(160) && !j.times.open() {
		widgets.Put(j.letter, x, y, letter, h)
		widgets.Put(j.action, x+letter+theme.Unit, y, action.Width, h)
		widgets.Put(j.times.content, x+width-times, y, times, h)
		return y + h
	}
	letter = width - action.Width - theme.Unit
	widgets.Put(j.letter, x, y, letter, h)
	widgets.Put(j.action, x+letter+theme.Unit, y, action.Width, h)
	y += h + theme.Unit
	lines := j.times.heightFor(width)
	widgets.Put(j.times.content, x, y, width, lines)
	return y + lines
}
