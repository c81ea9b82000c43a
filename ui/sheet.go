package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/widgets"
)

// sheet is the one overlay of the window: a title, a text, a close button,
// which stays in sight when the text has to scroll.
type sheet struct {
	desk   *desk
	popup  *widget.PopUp
	flow   *widgets.Flow
	shut   *widgets.Button
	soon   *widgets.Notice // that the window locks by itself, over the text
	inside *fyne.Container
	before fyne.Focusable // what had the focus
}

func newSheet(d *desk) *sheet { return &sheet{desk: d} }

func (s *sheet) open() bool { return s.popup != nil }

// show lays a sheet over the window. first gets the focus, the close button
// does when it is nil.
func (s *sheet) show(title string, width float32, first fyne.Focusable, items ...fyne.CanvasObject) {
	d := s.desk
	before := d.window.Canvas().Focused()
	if s.open() {
		before = s.before
		s.close()
	}
	s.before = before
	head := widgets.NewParagraph(d.kit, theme.Title, theme.Text, true)
	head.Set(title)
	shut := widgets.NewButton(d.kit, widgets.Plain, "", s.close)
	shut.Set(d.tongue.Say("sheet.close"), "Esc")
	column := widgets.NewColumn(d.kit, 2*theme.Unit, append([]fyne.CanvasObject{head}, items...)...)
	flow, foot := widgets.NewFlow(column), widgets.NewRow(d.kit, theme.Unit, shut)
	s.flow, s.shut, s.soon = flow, shut, widgets.NewNotice(d.kit, nil)
	area, pad, bottom := d.window.Canvas().Size(), 3*theme.Unit, shut.MinSize()
	width = min(d.look.Grow(width), area.Width-64)
	s.inside = container.New(widgets.Arrange{
		Place: func(size fyne.Size) {
			under := size.Height - pad - bottom.Height
			widgets.Put(flow, pad, pad, size.Width-2*pad, under-2*theme.Unit-pad)
			widgets.Put(foot, pad, under, size.Width-2*pad, bottom.Height)
			left := pad + bottom.Width + 2*theme.Unit
			high := s.soon.HeightFor(size.Width - left - pad)
			widgets.Put(s.soon, left, size.Height-pad-high, size.Width-left-pad, high)
		},
		Least: func() fyne.Size {
			height := min(column.HeightFor(width)+2*theme.Unit+bottom.Height, area.Height-96)
			return fyne.NewSize(width+2*pad, height+2*pad)
		},
	}, flow, foot, s.soon)
	s.popup = widget.NewModalPopUp(s.inside, d.window.Canvas())
	s.popup.Show()
	d.shell.count()
	if first == nil {
		first = shut
	}
	d.focus(first)
}

// fit gives it the height that its text has by now. done leaves nothing to do but
// to close it.
func (s *sheet) fit(done bool) {
	if !s.open() {
		return
	}
	s.popup.Refresh()
	if done {
		s.desk.focus(s.shut)
	}
}

// scroll moves the text with the keys that do; it tells whether a key does.
func (s *sheet) scroll(key fyne.KeyName) bool {
	switch {
	case !s.open():
		return false
	case key == fyne.KeyPageDown || key == fyne.KeyDown:
		s.flow.Page(1)
	case key == fyne.KeyPageUp || key == fyne.KeyUp:
		s.flow.Page(-1)
	default:
		return false
	}
	return true
}

// reveal scrolls to what has got the focus.
func (s *sheet) reveal(o fyne.CanvasObject) {
	if s.open() {
		s.flow.Reveal(o)
	}
}

func (s *sheet) close() {
	if !s.open() {
		return
	}
	s.popup.Hide()
	s.popup = nil
	if s.before != nil {
		s.desk.focus(s.before)
	}
}
