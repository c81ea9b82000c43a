package ui

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/habits"
	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/viewmodel"
)

// withMemory is a room that remembers in a folder.
func withMemory(t *testing.T, letters int) (*room, habits.Folder) {
	t.Helper()
	shelf := habits.Folder{Dir: t.TempDir(), Log: func(err error) { t.Error(err) }}
	return openWith(t, letters, Config{Memory: shelf}), shelf
}

// TestEachPersonFindsTheirOwnWindow changes everything as Sam, and comes back
// after Anna, who had nothing changed.
func TestEachPersonFindsTheirOwnWindow(t *testing.T) {
	r, shelf := withMemory(t, 30)
	d := r.desk
	r.enter("4", "2468")
	r.until(func() bool { return len(d.queue.Rows) == 30 })
	d.speak("fr")
	d.dress(theme.Look{Brightness: theme.Dark, TextSize: 150})
	d.window.Resize(fyne.NewSize(1100, 750))
	d.mute(true)
	d.queue.SortBy(viewmodel.ByPaid)
	d.queue.SetScope(viewmodel.Scope{Product: "registered"})
	d.queue.SetFilter("secret words")
	d.press(fyne.KeyL, fyne.KeyModifierControl)
	r.until(func() bool { return d.locked && d.unlock.Ready() == false && !d.unlock.Loading })
	if d.tongue.Tag != "en" || d.look.IsDark() {
		t.Errorf("the locked window is still Sam's: %s, %+v", d.tongue.Tag, d.look.Look())
	}
	r.enter("1", "2468")
	r.until(func() bool { return !d.locked && len(d.queue.Rows) == 30 })
	if d.tongue.Tag != "nl" || d.look.IsDark() || d.bell.Muted || d.queue.Sort.Column != viewmodel.ByCutOff {
		t.Errorf("Anna has something of Sam's: %s, %+v, %+v", d.tongue.Tag, d.look.Look(), d.queue.Sort)
	}
	d.press(fyne.KeyL, fyne.KeyModifierControl)
	r.until(func() bool { return d.locked && !d.unlock.Loading })
	d.window.Resize(fyne.NewSize(1280, 800))
	r.enter("4", "2468")
	r.until(func() bool { return !d.locked && len(d.queue.Rows) == 6 })
	got := []any{d.tongue.Tag, d.look.IsDark(), d.look.Look().TextSize, d.bell.Muted, d.queue.Sort.Column, d.queue.Filter, d.window.Canvas().Size().Width}
	want := []any{"fr", true, 150, true, viewmodel.ByPaid, "", float32(1100)}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("Sam finds %v, want %v", got[i], want[i])
		}
	}
	d.note()
	r.until(func() bool { return shelf.Recall("p-4").Screen == "queue" })
}

// TestALockedWindowRemembersNobody: what is set while nobody is here is the
// station's.
func TestALockedWindowRemembersNobody(t *testing.T) {
	r, shelf := withMemory(t, 1)
	r.desk.speak("de")
	r.desk.dress(theme.Look{Brightness: theme.Dark, TextSize: 200})
	r.desk.note()
	if got := shelf.Recall(""); got.TextSize != 0 {
		t.Error("nobody has habits")
	}
	r.enter("4", "2468")
	r.until(func() bool { return !r.desk.locked })
	if r.desk.tongue.Tag != "en" || r.desk.look.Look().TextSize != 200 {
		t.Errorf("Sam finds %s, %+v", r.desk.tongue.Tag, r.desk.look.Look())
	}
}

// TestSwitchPerson: a batch goes on while the next person comes.
func TestSwitchPerson(t *testing.T) {
	r := atWork(t, 30)
	r.at.Change(func(c *station.Snapshot) { c.Batch = &station.Batch{ID: "b", Total: 9, Done: 2} })
	r.desk.showSettings()
	c := r.desk.window.Canvas()
	r.until(func() bool { return r.desk.queue.Batch != nil })
	for range 6 {
		c.FocusPrevious() // from the languages to the button above them
		if strings.Contains(labelOf(c.Focused()), "Switch") {
			break
		}
	}
	r.key(fyne.KeyReturn)
	r.until(func() bool { return r.desk.locked && !r.desk.unlock.Loading })
	if r.desk.sheet.open() || r.at.Snapshot().Batch == nil {
		t.Error("the sheet is left open, or the batch ended")
	}
	r.enter("1", "2468")
	r.until(func() bool { return !r.desk.locked })
	if got := r.desk.shell.person.Word(); got != "Anna Peeters" {
		t.Errorf("%s is here", got)
	}
}

func labelOf(o fyne.Focusable) string {
	if b, ok := o.(interface{ Label() string }); ok {
		return b.Label()
	}
	return ""
}

// TestNotificationsAreWorded in every language, and bare ones name nothing.
func TestNotificationsAreWorded(t *testing.T) {
	r := open(t, 1)
	for _, tag := range language.Tags() {
		r.desk.tongue = r.desk.texts.In(tag)
		for _, e := range viewmodel.Events() {
			ring := viewmodel.Ring{Event: e, Count: 2, Total: 3, Printer: "HP-A", At: time.Now()}
			n := r.desk.notification(ring)
			if n.Title == "" || strings.Contains(n.Title+n.Content, "bell.") || strings.Contains(n.Title+n.Content, "<nil>") {
				t.Errorf("%s: %s is %q, %q", tag, e, n.Title, n.Content)
			}
			bare := r.desk.notification(viewmodel.Ring{Event: e, Bare: true})
			if bare.Title != Title || bare.Content != r.desk.tongue.Say("bell."+string(e)+".bare") {
				t.Errorf("%s: a bare %s is %q, %q", tag, e, bare.Title, bare.Content)
			}
		}
	}
}

// TestTheDesktopIsTold of a printer that stops, in the words of whoever is
// here; a locked window tells the kind alone, a muted one nothing.
func TestTheDesktopIsTold(t *testing.T) {
	r := atWork(t, 3)
	stop := func() {
		for _, lamp := range []station.Lamp{station.LampBad, station.LampOK} {
			r.at.Change(func(c *station.Snapshot) { c.Printer = lamp })
			r.until(func() bool { return r.desk.frame.Printer == lamp })
		}
	}
	stop()
	if n := <-r.heard; n.Title != "HP-A has stopped" {
		t.Errorf("told %q", n.Title)
	}
	r.desk.mute(true)
	stop()
	r.desk.press(fyne.KeyL, fyne.KeyModifierControl)
	r.until(func() bool { return r.desk.locked })
	stop()
	if n := <-r.heard; n.Title != Title || strings.Contains(n.Content, "HP-A") {
		t.Errorf("told %q, %q", n.Title, n.Content)
	}
	if len(r.heard) > 0 {
		t.Error("a muted bell rang")
	}
}
