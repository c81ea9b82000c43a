package ui

import (
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/screens"
)

// place is one screen of the rail with what feeds it. A file place_<screen>.go
// makes each: it builds the view models, ties them to the screen, and says what
// a newer snapshot, a lock and the window's end mean for them.
type place struct {
	screen screens.Screen
	show   func(station.Snapshot) // takes a newer snapshot
	lock   func()                 // nothing personal stays on a locked screen
	close  func()                 // ends the models' work and waits for it
}
