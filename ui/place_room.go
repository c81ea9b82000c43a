package ui

import (
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/screens"
	"espero-soft.com/printroom/ui/viewmodel"
)

func (d *desk) roomPlace() place {
	d.room = viewmodel.NewRoom(d.config.Station, d.post, viewmodel.Clock(d.config.Now))
	room, screen := d.room, screens.NewRoom(d.at, d.room)
	room.Changed = screen.Redraw
	return place{
		screen: screen,
		show: func(s station.Snapshot) {
			room.Idle = d.frame.Idle()
			room.Show(s)
		},
		lock:   func() {}, // the model forgets with the snapshot of the lock
		close:  room.Close,
		keep:   func() map[string]string { return map[string]string{"section": string(room.Section)} },
		recall: func(kept map[string]string) { room.Go(viewmodel.Section(kept["section"])) },
	}
}
