package ui

import (
	"slices"
	"time"

	"fyne.io/fyne/v2"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/widgets"
	"espero-soft.com/printroom/vault/store"
)

// listenToScanner stands before everything that can be typed into.
func (d *desk) listenToScanner() {
	d.scanner = viewmodel.NewScanner(d.post, viewmodel.Clock(d.config.Now), nil)
	d.scanner.Scan = d.scanned
	d.scanner.Replay = d.replay
	d.scanner.Secret = func() bool {
		_, pin := d.window.Canvas().Focused().(*widgets.PIN)
		return pin
	}
	d.kit.HoldRune = d.scanner.Rune
	d.kit.HoldKey = func(name fyne.KeyName) bool { return d.scanner.Key(string(name)) }
}

// replay hands over what was held back and was no code, to what has the focus
// by now.
func (d *desk) replay(k viewmodel.Stroke) {
	c := d.window.Canvas()
	focused := c.Focused()
	switch {
	case k.Rune != 0 && focused != nil:
		focused.TypedRune(k.Rune)
	case k.Rune != 0:
		c.OnTypedRune()(k.Rune)
	case focused != nil:
		focused.TypedKey(&fyne.KeyEvent{Name: fyne.KeyName(k.Key)})
	default:
		c.OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyName(k.Key)})
	}
}

// scanned opens what a code names. The screen in sight has the first word, so
// that a badge names the person it asks for. The locked window takes badges
// only; a sheet asks something that has to be answered first. Nothing scanned is
// ever taken for a PIN.
func (d *desk) scanned(code string) {
	d.frame.Touch()
	switch {
	case d.locked && d.sheet.open():
		return
	case d.locked:
		d.door.Scan(code)
		return
	case d.sheet.open():
		d.shell.tell("scan.sheet", nil)
		return
	}
	d.shell.hush()
	if take := d.places[d.current].scan; take != nil && take(code) {
		return
	}
	if _, badge := viewmodel.BadgeOf(code); badge {
		d.shell.tell("badge.here", nil)
		return
	}
	job, ok := d.config.Station.Find(code)
	if !ok {
		d.shell.tell("scan.unknown", nil)
		return
	}
	if !d.openLetter(job) {
		d.shell.tell("scan.nowhere", language.Args{"Code": job.Code.Grouped(), "State": d.tongue.Say("state." + string(job.State))})
	}
}

// openLetter goes to the screen where something can be done about a letter,
// and chooses it there.
func (d *desk) openLetter(job station.Job) bool {
	for _, name := range screensOf(job.State) {
		if d.openOn(name, job) {
			return true
		}
	}
	return false
}

// openOn shows a letter on a screen, and tells whether it could.
func (d *desk) openOn(name string, job station.Job) bool {
	i := d.placeOf(name)
	if i < 0 || d.places[i].choose == nil || !d.places[i].choose(job) {
		return false
	}
	d.goTo(i)
	return true
}

// placeOf is where a screen stands in the rail, −1 when it does not.
func (d *desk) placeOf(name string) int {
	return slices.IndexFunc(d.places, func(p place) bool { return p.screen.Name() == name })
}

func (d *desk) has(name string) bool { return d.placeOf(name) >= 0 }

// screensOf lists the screens that show letters in a state, the best first.
func screensOf(s store.State) []string {
	switch s {
	case store.Ready, store.Held:
		return []string{"queue", "press", "dropoff"}
	case store.Enveloped, store.Dropped:
		return []string{"dropoff", "press", "queue"}
	default:
		return []string{"press", "queue", "dropoff"}
	}
}

// toldFor is how long the window tells what became of a scan.
const toldFor = 8 * time.Second
