package ui

import (
	"maps"
	"slices"

	"fyne.io/fyne/v2"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/habits"
	"espero-soft.com/printroom/ui/screens"
	"espero-soft.com/printroom/ui/theme"
)

// The smallest window that is worth being remembered: the frame and a screen.
const (
	leastWidth  = 800
	leastHeight = 560
)

// person switches between the locked and the open window, and from one person
// to another.
func (d *desk) person(s station.Snapshot) {
	who := ""
	if s.Person != nil {
		who = s.Person.Pseudonym
	}
	if who == d.who && (s.Person == nil) == d.locked {
		return
	}
	if !d.locked {
		d.leave()
	}
	d.who, d.locked = who, s.Person == nil
	d.sheet.close()
	d.shell.hush()
	if d.locked {
		d.shut()
		return
	}
	d.come(s.Person)
}

// leave keeps how the window is left, and takes what is personal off it.
func (d *desk) leave() {
	d.note()
	d.pin.Lock()
	d.memory.Leave()
	for _, p := range d.places {
		p.lock()
	}
}

// shut shows the locked window, in the language and look of the station: they
// are somebody's only while that person is here.
func (d *desk) shut() {
	d.own, d.bell.Muted = habits.Habits{}, false
	d.tongue = d.texts.In(d.config.Language)
	d.translateToolkit()
	d.door.Lock()
	d.shell.content.Hide()
	d.door.Content().Show()
	d.wear(d.config.Look)
	d.post(d.door.Focus) // once the models have the snapshot too
}

// come shows the window as the person left it.
func (d *desk) come(p *station.Person) {
	d.own = d.memory.Come(p.Pseudonym)
	tag := d.own.Language
	if tag == "" {
		tag = p.Language
	}
	if tag != "" {
		d.tongue = d.texts.In(tag)
		d.translateToolkit()
	}
	d.bell.Muted = d.own.Muted
	d.current = max(0, slices.IndexFunc(d.screens, func(s screens.Screen) bool { return s.Name() == d.own.Screen }))
	for _, p := range d.places {
		if p.recall != nil {
			p.recall(d.own.Screens[p.screen.Name()])
		}
	}
	if d.own.Width >= leastWidth && d.own.Height >= leastHeight {
		d.window.Resize(fyne.NewSize(float32(d.own.Width), float32(d.own.Height)))
	}
	d.door.Content().Hide()
	d.shell.content.Show()
	look := d.config.Look
	if d.own.TextSize > 0 {
		look = theme.Look{Brightness: theme.Brightness(d.own.Brightness), TextSize: d.own.TextSize}
	}
	d.wear(look)
	d.post(d.screens[d.current].Focus)
}

// note keeps how the window is now, if somebody is here and it changed.
func (d *desk) note() {
	if d.locked {
		return
	}
	h := d.own
	size := d.window.Canvas().Size()
	h.Width, h.Height = int(size.Width), int(size.Height)
	h.Screen = d.screens[d.current].Name()
	h.Screens = maps.Clone(h.Screens)
	for _, p := range d.places {
		if p.keep == nil {
			continue
		}
		if h.Screens == nil {
			h.Screens = make(map[string]map[string]string)
		}
		h.Screens[p.screen.Name()] = p.keep()
	}
	d.memory.Note(h)
}

// speak changes the language: the person's, or while nobody is here that of
// the locked window.
func (d *desk) speak(tag string) {
	d.tongue = d.texts.In(tag)
	d.translateToolkit()
	d.redraw()
	if d.locked {
		d.config.Language = tag
	} else {
		d.own.Language = tag
	}
	if d.config.OnLanguage != nil {
		d.config.OnLanguage(tag)
	}
}

// dress changes the look, as speak does the language.
func (d *desk) dress(l theme.Look) {
	d.wear(l)
	l = d.look.Look()
	if d.locked {
		d.config.Look = l
	} else {
		d.own.Brightness, d.own.TextSize = string(l.Brightness), l.TextSize
	}
	if d.config.OnLook != nil {
		d.config.OnLook(l)
	}
}

// wear shows everything in a look.
func (d *desk) wear(l theme.Look) {
	before := d.look.Look()
	d.look.SetLook(l)
	if d.look.Look() != before {
		d.app.Settings().SetTheme(d.look)
	}
	d.redraw()
	d.window.Content().Refresh()
}

// mute lets the desktop be told, or not.
func (d *desk) mute(on bool) {
	d.bell.Muted, d.own.Muted = on, on
}
