package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/screens"
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

// showLamp opens what a lamp stands for.
func (d *desk) showLamp(part string, state station.Lamp, word string) {
	text := widgets.NewParagraph(d.kit, theme.Body, theme.Text, false)
	text.Set(d.tongue.Say("lamp." + part + ".about"))
	items := []fyne.CanvasObject{text}
	if part == "central" && d.frame.LastFault != nil && state == station.LampBad {
		cause := widgets.NewParagraph(d.kit, theme.Caption, theme.Muted, false)
		cause.Set(d.frame.LastFault.Error())
		items = append(items, cause)
	}
	d.sheet.show(word, 440, nil, items...)
}

// showKeys lists every key there is now.
func (d *desk) showKeys() {
	list := d.shortcuts()
	if !d.locked {
		list = append(list, d.screens[d.current].Shortcuts()...)
	}
	lines := widgets.NewWrap(theme.Unit)
	var objects []fyne.CanvasObject
	for _, s := range list {
		if s.Message != "" && (!d.locked || whileLocked(s)) {
			objects = append(objects, d.keyLine(s))
		}
	}
	lines.Set(objects)
	d.sheet.show(d.tongue.Say("keys.title"), 760, nil, lines)
}

func (d *desk) keyLine(s screens.Shortcut) fyne.CanvasObject {
	key := widgets.NewParagraph(d.kit, theme.Body, theme.Accent, true)
	key.Set(s.Shown)
	text := widgets.NewParagraph(d.kit, theme.Body, theme.Text, false)
	text.Set(d.tongue.Say(s.Message))
	return container.New(widgets.Arrange{
		Place: func(size fyne.Size) {
			left := d.look.Grow(80)
			widgets.Put(key, 0, 0, left, size.Height)
			widgets.Put(text, left, 0, size.Width-left, size.Height)
		},
		Least: func() fyne.Size { return fyne.NewSize(d.look.Grow(368), d.look.Grow(24)) },
	}, key, text)
}

// showSettings lets a person choose language, brightness and text size.
func (d *desk) showSettings() {
	var languages, brightness, sizes []fyne.CanvasObject
	now := d.look.Look()
	var first *widgets.Button
	for _, tag := range language.Tags() {
		b := d.option(d.tongue.Say("language."+tag), tag == d.tongue.Tag, func() { d.speak(tag) })
		if first == nil {
			first = b
		}
		languages = append(languages, b)
	}
	for _, b := range []theme.Brightness{theme.System, theme.Light, theme.Dark} {
		brightness = append(brightness, d.option(d.tongue.Say("brightness."+string(b)), b == now.Brightness,
			func() { d.dress(theme.Look{Brightness: b, TextSize: now.TextSize}) }))
	}
	for _, size := range theme.TextSizes() {
		label := d.tongue.Say("settings.percent", language.Args{"Percent": size})
		sizes = append(sizes, d.option(label, size == now.TextSize,
			func() { d.dress(theme.Look{Brightness: now.Brightness, TextSize: size}) }))
	}
	group := func(message string, options []fyne.CanvasObject) fyne.CanvasObject {
		name := widgets.NewParagraph(d.kit, theme.Body, theme.Muted, false)
		name.Set(d.tongue.Say(message))
		return widgets.NewColumn(d.kit, theme.Unit, name, widgets.NewRow(d.kit, theme.Unit, options...))
	}
	d.sheet.show(d.tongue.Say("settings.title"), 560, first,
		group("settings.language", languages), group("settings.brightness", brightness), group("settings.text", sizes))
}

// option is a button of a choice; the sheet is shown anew with what was chosen.
func (d *desk) option(label string, chosen bool, choose func()) *widgets.Button {
	icon := ""
	if chosen {
		icon = "check"
	}
	b := widgets.NewButton(d.kit, widgets.Plain, icon, func() {
		choose()
		d.showSettings()
	})
	b.Set(label, "")
	return b
}
