package ui

import (
	"fmt"
	"runtime"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"espero-soft.com/printroom/ui/screens"
)

// shortcuts are the keys that every screen has.
func (d *desk) shortcuts() []screens.Shortcut {
	ctrl := fyne.KeyModifierControl
	list := []screens.Shortcut{
		{Key: fyne.KeyF1, Shown: "F1", Message: "key.help", Do: d.showKeys},
		{Key: fyne.KeyL, Modifier: ctrl, Shown: "Ctrl+L", Message: "key.lock", Do: d.frame.Lock},
		{Key: fyne.KeyComma, Modifier: ctrl, Shown: "Ctrl+,", Message: "key.settings", Do: d.showSettings},
		{Key: fyne.KeyQ, Modifier: ctrl, Shown: "Ctrl+Q", Message: "key.quit", Do: d.window.Close},
		{Key: fyne.KeyTab, Shown: "Tab", Message: "key.tab"},
		{Key: fyne.KeyEscape, Shown: "Esc", Message: "key.back", Do: d.back},
	}
	list = append(list, d.errands()...)
	digits := []fyne.KeyName{fyne.Key1, fyne.Key2, fyne.Key3, fyne.Key4, fyne.Key5, fyne.Key6}
	for i := range d.screens {
		list = append(list, screens.Shortcut{
			Key: digits[i], Modifier: ctrl, Shown: fmt.Sprintf("Ctrl+%d", i+1),
			Message: "key.screen." + d.screens[i].Name(), Do: func() { d.goTo(i) },
		})
	}
	return list
}

// errands are the queue's keys that every screen has, but for one that has the
// same key for something else: they lead to the queue and start there. Printing
// does not start from afar.
func (d *desk) errands() []screens.Shortcut {
	i := d.placeOf("queue")
	if d.locked || i < 0 || i == d.current {
		return nil
	}
	var list []screens.Shortcut
	for _, s := range d.screens[i].Shortcuts() {
		if !slices.Contains([]string{"key.claim", "key.print", "key.filter"}, s.Message) || d.taken(s) {
			continue
		}
		do := s.Do
		if s.Message == "key.print" {
			s.Message, do = "key.print.far", func() {}
		}
		s.Do = func() {
			d.goTo(i)
			do()
		}
		list = append(list, s)
	}
	return list
}

// taken tells whether the screen in sight has a key of its own.
func (d *desk) taken(s screens.Shortcut) bool {
	return slices.ContainsFunc(d.screens[d.current].Shortcuts(), func(own screens.Shortcut) bool {
		return own.Key == s.Key && own.Modifier == s.Modifier
	})
}

// whileLocked tells which keys a locked window has.
func whileLocked(s screens.Shortcut) bool {
	switch s.Message {
	case "key.help", "key.quit", "key.settings", "key.back", "key.tab":
		return true
	}
	return false
}

// bind registers the keys. Those with a modifier are the canvas's shortcuts;
// those without come from whatever has the focus through widgets.Unhandled, or
// from the canvas itself when nothing has it.
func (d *desk) bind() {
	c := d.window.Canvas()
	known := make(map[string]bool)
	all := d.shortcuts()
	for _, s := range d.screens {
		all = append(all, s.Shortcuts()...)
	}
	for _, s := range all {
		if s.Modifier == 0 {
			continue
		}
		key := &desktop.CustomShortcut{KeyName: s.Key, Modifier: s.Modifier}
		if runtime.GOOS == "darwin" && s.Modifier == fyne.KeyModifierControl {
			key.Modifier = fyne.KeyModifierSuper
		}
		if !known[key.ShortcutName()] {
			known[key.ShortcutName()] = true
			c.AddShortcut(key, func(fyne.Shortcut) { d.press(s.Key, s.Modifier) })
		}
	}
	c.SetOnTypedKey(func(ev *fyne.KeyEvent) {
		if !d.kit.HoldKey(ev.Name) {
			d.press(ev.Name, 0)
		}
	})
	c.SetOnTypedRune(func(r rune) {
		d.frame.Touch()
		if !d.kit.HoldRune(r) && d.locked && !d.sheet.open() {
			d.door.Rune(r)
		}
	})
}

// press does what a key stands for now.
func (d *desk) press(key fyne.KeyName, modifier fyne.KeyModifier) {
	d.frame.Touch()
	if modifier == 0 && d.sheet.scroll(key) {
		return
	}
	list := d.shortcuts()
	if !d.locked && !d.sheet.open() {
		list = append(list, d.screens[d.current].Shortcuts()...)
	}
	for _, s := range list {
		if s.Key == key && s.Modifier == modifier && s.Do != nil && (!d.locked || whileLocked(s)) {
			s.Do()
			return
		}
	}
}

// back closes a sheet, or does what the screen has to go back from.
func (d *desk) back() {
	switch {
	case d.sheet.open():
		d.sheet.close()
	case d.locked:
		d.door.Back()
	default:
		if !d.screens[d.current].Back() {
			d.screens[d.current].Focus()
		}
	}
}
