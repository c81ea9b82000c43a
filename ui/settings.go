package ui

import (
	"fyne.io/fyne/v2"

	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/widgets"
)

// showSettings lets a person choose language, brightness and text size, and
// what the desktop tells; with somebody here it starts with who that is.
func (d *desk) showSettings() { d.settingsAt("settings.language") }

// settingsAt shows them with the focus on what is chosen in one row, which is
// the row where somebody just chose.
func (d *desk) settingsAt(row string) {
	now := d.look.Look()
	var items []fyne.CanvasObject
	if !d.locked {
		items = append(items, d.whoIsHere())
	}
	var first fyne.Focusable
	add := func(message string, options ...setting) {
		object, chosen := d.choice(message, options)
		items = append(items, object)
		if message == row {
			first = chosen
		}
	}
	var languages, brightness, sizes []setting
	for _, tag := range language.Tags() {
		languages = append(languages, setting{d.tongue.Say("language." + tag), tag == d.tongue.Tag, func() { d.speak(tag) }})
	}
	for _, b := range []theme.Brightness{theme.System, theme.Light, theme.Dark} {
		brightness = append(brightness, setting{d.tongue.Say("brightness." + string(b)), b == now.Brightness,
			func() { d.dress(theme.Look{Brightness: b, TextSize: now.TextSize}) }})
	}
	for _, size := range theme.TextSizes() {
		label := d.tongue.Say("settings.percent", language.Args{"Percent": size})
		sizes = append(sizes, setting{label, size == now.TextSize,
			func() { d.dress(theme.Look{Brightness: now.Brightness, TextSize: size}) }})
	}
	add("settings.language", languages...)
	add("settings.brightness", brightness...)
	add("settings.text", sizes...)
	if !d.locked {
		add("settings.bell", setting{d.tongue.Say("settings.bell.on"), !d.bell.Muted, func() { d.mute(false) }},
			setting{d.tongue.Say("settings.bell.off"), d.bell.Muted, func() { d.mute(true) }})
	}
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
	other.OnFocus = func() { d.sheet.reveal(other) }
	change := widgets.NewButton(d.kit, widgets.Plain, "key-round", d.changePIN)
	change.Set(d.tongue.Say("settings.pin"), "")
	change.OnFocus = func() { d.sheet.reveal(change) }
	note := widgets.NewParagraph(d.kit, theme.Caption, theme.Muted, false)
	note.Set(d.tongue.Say("settings.switch.note"))
	return widgets.NewColumn(d.kit, theme.Unit, name, widgets.NewRow(d.kit, theme.Unit, other, change), note)
}

// changePIN lets the person who is here change their own PIN.
func (d *desk) changePIN() {
	d.change.Begin()
	d.pin.Begin()
	d.sheet.show(d.tongue.Say("settings.pin.title"), 480, d.pin.First(), d.pin.Content())
}

// setting is one of a row of which one is chosen.
type setting struct {
	label  string
	chosen bool
	choose func()
}

// choice is a row of settings under what they are about, and the button of the
// chosen one. The sheet is shown anew with what was chosen.
func (d *desk) choice(message string, options []setting) (row fyne.CanvasObject, chosen fyne.Focusable) {
	name := widgets.NewParagraph(d.kit, theme.Body, theme.Muted, false)
	name.Set(d.tongue.Say(message))
	buttons := make([]fyne.CanvasObject, len(options))
	for i, o := range options {
		kind, icon := widgets.Plain, ""
		if o.chosen {
			kind, icon = widgets.Chosen, "check"
		}
		b := widgets.NewButton(d.kit, kind, icon, func() {
			o.choose()
			d.settingsAt(message)
		})
		b.Set(o.label, "")
		b.OnFocus = func() { d.sheet.reveal(b) }
		if o.chosen {
			chosen = b
		}
		buttons[i] = b
	}
	return widgets.NewColumn(d.kit, theme.Unit, name, widgets.NewRow(d.kit, theme.Unit, buttons...)), chosen
}
