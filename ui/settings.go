package ui

import (
	"fyne.io/fyne/v2"

	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/widgets"
)

// showSettings lets a person choose language, brightness and text size, and
// what the desktop tells; with somebody here it starts with who that is.
func (d *desk) showSettings() {
	now := d.look.Look()
	var items []fyne.CanvasObject
	if !d.locked {
		items = append(items, d.whoIsHere())
	}
	var languages, brightness, sizes []fyne.CanvasObject
	for _, tag := range language.Tags() {
		languages = append(languages, d.option(d.tongue.Say("language."+tag), tag == d.tongue.Tag, func() { d.speak(tag) }))
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
	items = append(items, d.choice("settings.language", languages), d.choice("settings.brightness", brightness),
		d.choice("settings.text", sizes))
	if !d.locked {
		items = append(items, d.choice("settings.bell", []fyne.CanvasObject{
			d.option(d.tongue.Say("settings.bell.on"), !d.bell.Muted, func() { d.mute(false) }),
			d.option(d.tongue.Say("settings.bell.off"), d.bell.Muted, func() { d.mute(true) }),
		}))
	}
	first, _ := languages[0].(*widgets.Button)
	d.sheet.show(d.tongue.Say("settings.title"), 600, first, items...)
}

// whoIsHere names the person, and lets another one come: the window locks and
// shows the tiles, the running batch goes on.
func (d *desk) whoIsHere() fyne.CanvasObject {
	name := widgets.NewParagraph(d.kit, theme.Strong, theme.Text, true)
	name.Set(d.frame.Person.Name + " · " + d.tongue.Say("role."+d.frame.Person.Role))
	other := widgets.NewButton(d.kit, widgets.Plain, "user", func() {
		d.sheet.close()
		d.frame.Lock()
	})
	other.Set(d.tongue.Say("settings.switch"), "Ctrl+L")
	note := widgets.NewParagraph(d.kit, theme.Caption, theme.Muted, false)
	note.Set(d.tongue.Say("settings.switch.note"))
	return widgets.NewColumn(d.kit, theme.Unit, name, widgets.NewRow(d.kit, theme.Unit, other), note)
}

// choice is a row of options under what they are about.
func (d *desk) choice(message string, options []fyne.CanvasObject) fyne.CanvasObject {
	name := widgets.NewParagraph(d.kit, theme.Body, theme.Muted, false)
	name.Set(d.tongue.Say(message))
	return widgets.NewColumn(d.kit, theme.Unit, name, widgets.NewRow(d.kit, theme.Unit, options...))
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
