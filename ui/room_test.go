package ui

import (
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/widgets"
)

// inRoom is a window whose room screen somebody of a role has opened.
func inRoom(t *testing.T, role string) *room {
	t.Helper()
	r := open(t, 3)
	r.at.Furnish(time.Now())
	r.at.Change(func(c *station.Snapshot) {
		c.Person = &station.Person{Pseudonym: "p-9", Name: "Sam Okafor", Role: role, Language: "en"}
	})
	r.until(func() bool { return r.desk.room.About != nil })
	r.desk.press(r.keyOf("room"), fyne.KeyModifierControl)
	return r
}

// focused is the label of the button that has the focus, "" for anything else.
func (r *room) focused() string {
	b, ok := r.desk.window.Canvas().Focused().(*widgets.Button)
	if !ok {
		return ""
	}
	return b.Label()
}

// labels are those of the buttons that the Tab key comes by, in its order.
func (r *room) labels() (all []string) {
	canvas := r.desk.window.Canvas()
	start := canvas.Focused()
	for range 200 {
		canvas.FocusNext()
		if label := r.focused(); label != "" {
			all = append(all, label)
		}
		if canvas.Focused() == start {
			break
		}
	}
	return all
}

// tabTo goes to a button by the Tab key.
func (r *room) tabTo(label string) {
	r.t.Helper()
	for range 200 {
		if r.focused() == label {
			return
		}
		r.desk.window.Canvas().FocusNext()
	}
	r.t.Fatalf("the Tab key comes by no %q, only by %q", label, r.labels())
}

func (r *room) say(key string, args ...language.Args) string { return r.desk.tongue.Say(key, args...) }

func TestRoomByKeyboardAlone(t *testing.T) {
	r := inRoom(t, "admin")
	r.key(fyne.KeyF5)
	r.until(func() bool { return r.desk.room.Looked })
	r.tabTo(r.say("room.setup"))
	r.key(fyne.KeyReturn)
	r.until(func() bool { return r.focused() == r.say("room.probe.refuse") })
	r.key(fyne.KeyReturn) // an Enter too many sets nothing up
	if m := r.desk.room; m.Probe != nil || len(m.Printers) != 2 {
		t.Fatalf("probe %v, %d printers", m.Probe, len(m.Printers))
	}
	r.tabTo(r.say("room.setup"))
	r.key(fyne.KeyReturn)
	r.until(func() bool { return r.desk.room.Probe != nil })
	r.tabTo(r.say("room.probe.add"))
	r.key(fyne.KeyReturn)
	r.until(func() bool { return len(r.desk.room.Printers) == 3 })
	if p := r.desk.room.Printers[2]; p.Name != "Press C" {
		t.Errorf("set up as %q", p.Name)
	}
}

func TestRoomRemovesByKeyboardAndBringsBack(t *testing.T) {
	r := inRoom(t, "admin")
	r.tabTo(r.say("room.remove"))
	r.key(fyne.KeyReturn)
	if got := r.focused(); got != r.say("room.remove.no") {
		t.Fatalf("asked whether to remove it, Enter would answer %q", got)
	}
	r.tabTo(r.say("room.remove.yes", language.Args{"Printer": "Ricoh"}))
	r.key(fyne.KeyReturn)
	r.until(func() bool { return len(r.desk.room.Printers) == 1 && r.focused() == r.say("room.undo") })
	r.key(fyne.KeyReturn)
	r.until(func() bool { return len(r.desk.room.Printers) == 2 })
}

// What is not for a role is not there to be pressed.
func TestRoomShowsOperatorsTheStates(t *testing.T) {
	for role, want := range map[string]bool{"operator": true, "supervisor": false} {
		r := inRoom(t, role)
		labels := r.labels()
		for _, key := range []string{"room.test", "room.remove", "room.look", "room.ask"} {
			if slices.Contains(labels, r.say(key)) {
				t.Errorf("an %s is offered %q", role, r.say(key))
			}
		}
		if got := slices.Contains(labels, r.say("room.choose")); got != want {
			t.Errorf("an %s may choose: %v", role, got)
		}
	}
}

// Each section says something in each language, and nothing by its key.
func TestRoomSpeaksEveryLanguage(t *testing.T) {
	r := inRoom(t, "admin")
	r.at.Fail("clock", &station.Fault{Code: station.Unexpected})
	for _, tag := range language.Tags() {
		r.desk.speak(tag)
		for _, s := range viewmodel.Sections() {
			r.desk.room.Go(s)
			r.until(func() bool { return !r.desk.room.Reading })
			markup := test.RenderObjectToMarkup(r.desk.screens[r.desk.current].Content())
			if i := strings.Index(markup, ">room."); i >= 0 {
				t.Errorf("%s, %s: %.60q", tag, s, markup[i:])
			}
		}
	}
}

func TestRoomCopiesNothingPersonal(t *testing.T) {
	r := inRoom(t, "admin")
	r.desk.press(fyne.KeyC, fyne.KeyModifierControl|fyne.KeyModifierShift)
	text := r.desk.app.Clipboard().Content()
	if !strings.Contains(text, "journal entries: 18422") || r.desk.room.Section != viewmodel.SectionDiagnostics {
		t.Errorf("copied %q", text)
	}
	for _, personal := range []string{"Okafor", "Anna", "Peeters", "/home", ".local", "ipps:", "Ricoh\n"} {
		if strings.Contains(text, personal) {
			t.Errorf("the copy holds %q:\n%s", personal, text)
		}
	}
}

// Nothing of the room stays behind the lock.
func TestRoomBehindTheLock(t *testing.T) {
	r := inRoom(t, "admin")
	r.desk.room.Go(viewmodel.SectionPeople)
	r.desk.frame.Lock()
	r.until(func() bool { return r.desk.locked && r.desk.room.About == nil })
}
