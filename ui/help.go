package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"espero-soft.com/printroom/ui/screens"
	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/widgets"
)

// showKeys says what the screen in sight is for and lists every key there is
// now: the screen's own first, then those of every screen.
func (d *desk) showKeys() {
	about, title := "unlock", d.tongue.Say("keys.title")
	var items []fyne.CanvasObject
	if !d.locked {
		about = d.screens[d.current].Name()
		title = d.tongue.Say("screen." + about)
	}
	if d.tongue.Has("help." + about) {
		text := widgets.NewParagraph(d.kit, theme.Body, theme.Text, false)
		text.Set(d.tongue.Say("help." + about))
		items = append(items, text)
	}
	if !d.locked {
		items = d.keyGroup(items, "keys.screen", d.screens[d.current].Shortcuts())
	}
	items = d.keyGroup(items, "keys.everywhere", d.shortcuts())
	d.sheet.show(title, 760, nil, items...)
}

// keyGroup adds the keys of a list, under a title, to items.
func (d *desk) keyGroup(items []fyne.CanvasObject, title string, list []screens.Shortcut) []fyne.CanvasObject {
	var lines []fyne.CanvasObject
	for _, s := range list {
		if s.Message != "" && (!d.locked || whileLocked(s)) {
			lines = append(lines, d.keyLine(s))
		}
	}
	if len(lines) == 0 {
		return items
	}
	head := widgets.NewParagraph(d.kit, theme.Body, theme.Muted, true)
	head.Set(d.tongue.Say(title))
	wrap := widgets.NewWrap(4)
	wrap.Set(lines)
	return append(items, head, wrap)
}

func (d *desk) keyLine(s screens.Shortcut) fyne.CanvasObject {
	key := widgets.NewParagraph(d.kit, theme.Body, theme.Accent, true)
	key.Set(s.Shown)
	text := widgets.NewParagraph(d.kit, theme.Body, theme.Text, false)
	text.Set(d.tongue.Say(s.Message))
	return container.New(widgets.Arrange{
		Place: func(size fyne.Size) {
			left := d.look.Grow(112)
			widgets.Put(key, 0, 0, left, size.Height)
			widgets.Put(text, left, 0, size.Width-left, size.Height)
		},
		Least: func() fyne.Size { return fyne.NewSize(d.look.Grow(368), d.look.Grow(24)) },
	}, key, text)
}
