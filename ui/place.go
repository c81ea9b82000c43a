package ui

import (
	"fyne.io/fyne/v2"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/screens"
)

// place is one screen of the rail with what feeds it. A file place_<screen>.go
// makes each: it builds the view models, ties them to the screen, and says what
// a newer snapshot, a lock and the window's end mean for them. What follows
// close is optional; each is called on the UI goroutine, for the screen in
// sight, and never while the window is locked.
type place struct {
	screen screens.Screen
	show   func(station.Snapshot) // takes a newer snapshot
	lock   func()                 // nothing personal stays on a locked screen
	close  func()                 // ends the models' work and waits for it

	scan    func(code string) bool     // a code from the hand scanner; true when it was taken
	dropped func(paths []string)       // files dropped on the window
	choose  func(job station.Job) bool // shows a letter that a scan or a lamp named; false when it has no such letter

	// keep tells what of the screen is remembered for the person, and recall
	// brings it back, nil for somebody new: sorting, filters by kind, never text
	// that was typed.
	keep   func() map[string]string
	recall func(map[string]string)
}

// drop hands dropped files to the screen in sight.
func (d *desk) drop(_ fyne.Position, files []fyne.URI) {
	d.frame.Touch()
	take := d.places[d.current].dropped
	if take == nil || d.locked || d.sheet.open() {
		return
	}
	paths := make([]string, 0, len(files))
	for _, f := range files {
		if f.Scheme() == "file" {
			paths = append(paths, f.Path())
		}
	}
	if len(paths) > 0 {
		take(paths)
	}
}
