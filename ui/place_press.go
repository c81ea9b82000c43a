package ui

import (
	"espero-soft.com/printroom/ui/screens"
	"espero-soft.com/printroom/ui/viewmodel"
)

func (d *desk) pressPlace() place {
	d.printed = viewmodel.NewPress(d.config.Station, d.post)
	screen := screens.NewPress(d.at, d.printed, func() { d.goTo(0) })
	d.printed.Changed = screen.Redraw
	return place{
		screen: screen,
		show:   d.printed.Show,
		lock:   screen.Lock,
		scan:   func(code string) bool { return d.printed.Badge(code) || d.printed.Scan(code) },
		choose: d.printed.Choose,
		close:  d.printed.Close,
	}
}
