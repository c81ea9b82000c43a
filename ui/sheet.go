package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/widgets"
)

// sheet is the one overlay of the window: a title, a text, a close button.
type sheet struct {
	desk   *desk
	popup  *widget.PopUp
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
	all := append([]fyne.CanvasObject{head}, items...)
	all = append(all, widgets.NewRow(d.kit, theme.Unit, shut))
	column := widgets.NewColumn(d.kit, 2*theme.Unit, all...)
	flow := widgets.NewFlow(column)
	area := d.window.Canvas().Size()
	width = min(d.look.Grow(width), area.Width-64)
	height := min(column.HeightFor(width), area.Height-96)
	s.popup = widget.NewModalPopUp(container.New(widgets.Arrange{
		Place: func(size fyne.Size) { widgets.Put(flow, 24, 24, size.Width-48, size.Height-48) },
		Least: func() fyne.Size { return fyne.NewSize(width+48, height+48) },
	}, flow), d.window.Canvas())
	s.popup.Show()
	if first == nil {
		first = shut
	}
	d.focus(first)
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
