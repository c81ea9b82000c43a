package ui

import (
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/viewmodel/uitest"
	"espero-soft.com/printroom/ui/widgets"
)

// has is what has the focus.
func (r *room) has() fyne.Focusable { return r.desk.window.Canvas().Focused() }

func (r *room) wantFocus(what string, ok bool) {
	r.t.Helper()
	if !ok {
		r.t.Fatalf("%s: the focus is on %T", what, r.has())
	}
}

// TestFirstPINByKeyboard goes from the tile to the queue: a code in small letters
// and with spaces, a PIN that is too easy, then a good one.
func TestFirstPINByKeyboard(t *testing.T) {
	r := open(t, 5)
	r.at.Staff[1].PIN = station.PINIsUnset
	r.desk.unlock.Load()
	r.until(func() bool { return !r.desk.unlock.Loading })
	r.typed("2")
	_, code := r.has().(*widgets.Code)
	r.wantFocus("somebody without a PIN", code)
	r.typed("7qk2 m9t4-xw")
	if got := r.has().(*widgets.Code).Text(); got != "7QK2M-9T4XW" {
		t.Errorf("the code reads %q", got)
	}
	for _, pin := range []string{"111111", "730518"} {
		if _, ok := r.has().(*widgets.Code); ok {
			r.key(fyne.KeyReturn)
		}
		for range 2 {
			_, ok := r.has().(*widgets.PIN)
			r.wantFocus("a PIN", ok)
			r.typed(pin)
			r.key(fyne.KeyReturn)
		}
	}
	r.until(func() bool { return !r.desk.locked })
	if got := r.desk.frame.Person.Name; got != "Luc Dubois" {
		t.Errorf("%s is here", got)
	}
}

// TestForgottenPINAndBack: Escape leads back to the PIN, and once more to the
// people.
func TestForgottenPINAndBack(t *testing.T) {
	r := open(t, 5)
	r.typed("1")
	r.until(func() bool { return r.desk.unlock.Ready() })
	for range 4 {
		if strings.Contains(labelOf(r.has()), "forgot") {
			break
		}
		r.desk.window.Canvas().FocusNext()
	}
	r.key(fyne.KeyReturn)
	_, code := r.has().(*widgets.Code)
	r.wantFocus("a new PIN", code && r.desk.unlock.New != nil)
	r.key(fyne.KeyEscape)
	_, pin := r.has().(*widgets.PIN)
	r.wantFocus("back from it", pin && r.desk.unlock.New == nil)
	r.key(fyne.KeyEscape)
	_, tile := r.has().(*widgets.Tile)
	r.wantFocus("back from the PIN", tile)
}

// TestBadgeOpensThePIN: a badge chooses its owner wherever the focus is, a scanned
// PIN never gets into the field, and a badge at work is told to be one.
func TestBadgeOpensThePIN(t *testing.T) {
	r := open(t, 5)
	r.scan("B24P:p-4")
	pin, ok := r.has().(*widgets.PIN)
	r.wantFocus("after a badge", ok && r.desk.unlock.Chosen == 3)
	r.scan("246813")
	if pin.Count() != 0 || !r.desk.unlock.NotTyped || r.desk.unlock.Busy {
		t.Errorf("a scanned PIN: %d characters, told %v", pin.Count(), r.desk.unlock.NotTyped)
	}
	r.typed("2468")
	r.key(fyne.KeyReturn)
	r.until(func() bool { return !r.desk.locked })
	r.scan("B24P:p-1")
	if got := r.desk.shell.told.What(); got != r.desk.tongue.Say("badge.here.what") {
		t.Errorf("a badge at work: %q", got)
	}
}

// TestChangeMyPIN from the person's name in the status line.
func TestChangeMyPIN(t *testing.T) {
	r := atWork(t, 5)
	r.desk.showSettings()
	for range 6 {
		r.desk.window.Canvas().FocusPrevious()
		if strings.Contains(labelOf(r.has()), "PIN") {
			break
		}
	}
	r.key(fyne.KeyReturn)
	for _, pin := range []string{"2468", "730518", "730518"} {
		_, ok := r.has().(*widgets.PIN)
		r.wantFocus("a PIN", ok)
		r.typed(pin)
		r.key(fyne.KeyReturn)
	}
	r.until(func() bool { return r.desk.change.Done })
	if r.has() != fyne.Focusable(r.desk.sheet.shut) {
		t.Errorf("the focus is on %T", r.has())
	}
	r.key(fyne.KeyReturn)
	if r.desk.sheet.open() {
		t.Error("the sheet stays")
	}
	r.desk.press(fyne.KeyL, fyne.KeyModifierControl)
	r.until(func() bool { return r.desk.locked && !r.desk.unlock.Loading })
	r.enter("4", "730518")
	r.until(func() bool { return !r.desk.locked })
}

// TestALockWipesWhatWasTyped: half a new PIN does not wait for the next person.
func TestALockWipesWhatWasTyped(t *testing.T) {
	r := atWork(t, 5)
	r.desk.changePIN()
	pin := r.has().(*widgets.PIN)
	r.typed("2468")
	r.at.Change(func(c *station.Snapshot) { c.Person = nil })
	r.until(func() bool { return r.desk.locked })
	if pin.Count() != 0 || r.desk.sheet.open() {
		t.Errorf("%d characters stay", pin.Count())
	}
}

// TestCountdown: the last seconds before the lock are in sight, and any key ends
// them.
func TestCountdown(t *testing.T) {
	var later time.Duration
	r := openWith(t, 5, Config{Now: func() time.Time { return time.Now().Add(later) }})
	r.at.Change(func(c *station.Snapshot) { c.Policy.Idle = 10 * time.Minute })
	r.enter("4", "2468")
	r.until(func() bool { return !r.desk.locked && r.desk.frame.Idle() == 10*time.Minute })
	soon := r.desk.shell.soon
	if r.desk.frame.Tick(); soon.Visible() {
		t.Error("it counts down at once")
	}
	for _, tag := range language.Tags() {
		r.desk.speak(tag)
		later += 10*time.Minute - 12*time.Second
		r.desk.frame.Tick()
		if got := soon.What(); !strings.Contains(got, "12 s") {
			t.Errorf("%s says %q", tag, got)
		}
		if r.key(fyne.KeyF2); soon.Visible() {
			t.Errorf("%s: a key does not end it", tag)
		}
		r.desk.frame.Touch()
	}
	later += 10 * time.Minute
	r.desk.frame.Tick()
	r.until(func() bool { return r.desk.locked })
}

// TestSecondPersonInEveryLook draws what two people do, in every language and with
// the largest text.
func TestSecondPersonInEveryLook(t *testing.T) {
	r := atWork(t, 12)
	r.at.Change(func(c *station.Snapshot) { c.Policy = uitest.Strict() })
	r.until(func() bool { return len(r.desk.frame.Policy.SecondPerson) == 4 })
	i := slices.IndexFunc(r.desk.queue.Rows, viewmodel.Keepable)
	r.desk.queue.Select(r.desk.queue.Rows[i].ID)
	r.desk.queue.KeepLonger(true)
	r.until(func() bool { return !r.desk.queue.Errand.Consent.Loading })
	_, tile := r.has().(*widgets.Tile)
	r.wantFocus("who agrees", tile)
	for _, tag := range language.Tags() {
		r.desk.speak(tag)
	}
	r.desk.dress(theme.Look{Brightness: theme.Dark, TextSize: 200})
	r.scan("B24P:p-2")
	_, pin := r.has().(*widgets.PIN)
	r.wantFocus("after a badge", pin)
	r.key(fyne.KeyEscape)
	_, table := r.has().(*widgets.Table)
	r.wantFocus("back", table && r.desk.queue.Errand == nil)
}
