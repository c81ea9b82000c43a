package ui

import (
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/screens"
	"espero-soft.com/printroom/ui/viewmodel"
)

func (d *desk) queuePlace() place {
	d.queue = viewmodel.NewQueue(d.config.Station, d.post)
	d.preview = viewmodel.NewPreview(d.config.Station, d.post)
	screen := screens.NewQueue(d.at, d.queue, d.preview)
	redraw := d.sees(screen)
	d.queue.Changed = func() {
		d.follow()
		redraw()
	}
	d.preview.Changed = screen.Redraw
	return place{
		screen: screen,
		show: func(s station.Snapshot) {
			d.preview.NoDecryption = s.NoDecryption
			d.queue.Show(s)
		},
		lock:   d.preview.Close,
		scan:   d.queue.Badge,
		choose: func(j station.Job) bool { return d.queue.Reveal(j.ID) },
		keep:   d.queue.Keep,
		recall: d.queue.Recall,
		close: func() {
			d.queue.Close()
			d.preview.Shutdown()
		},
	}
}

// follow tells the preview which letter is chosen.
func (d *desk) follow() {
	changed := d.preview.Changed
	d.preview.Changed = func() {} // the queue's own redraw shows it
	d.preview.Choose(d.queue.Job())
	d.preview.Changed = changed
}
