package ui

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/viewmodel/uitest"
	"espero-soft.com/printroom/vault/journal"
)

// atJournal is a room with a person of role at the journal of nine days.
func atJournal(t *testing.T, digit string) *room {
	r := open(t, 3)
	r.at.Book(uitest.NewBook(9, time.Date(2026, 11, 26, 17, 30, 0, 0, time.Local)))
	r.enter(digit, "2468")
	r.until(func() bool { return !r.desk.locked })
	r.desk.journal.Filter.Times = viewmodel.Times{Period: viewmodel.PeriodAll}
	r.press(fyne.Key4)
	return r
}

// press presses a key with Ctrl.
func (r *room) press(key fyne.KeyName) { r.desk.press(key, fyne.KeyModifierControl) }

func (r *room) settled() {
	r.t.Helper()
	m := r.desk.journal
	r.until(func() bool { return m.Ready && !m.Loading && !m.Opening && !m.Verifying && !m.Exporting })
}

// TestJournalByKeyboard goes from the list to a concluded finding and back
// without a pointer.
func TestJournalByKeyboard(t *testing.T) {
	r := atJournal(t, "3")
	m := r.desk.journal
	r.settled()
	all := m.Count()
	r.until(func() bool { return r.desk.window.Canvas().Focused() != nil })
	r.press(fyne.KeyU)
	r.settled()
	if m.Count() == 0 || m.Count() >= all {
		t.Fatalf("%d unusual ones of %d", m.Count(), all)
	}
	r.press(fyne.KeyT)
	for r.key(fyne.KeyDown); m.Row(m.At()).Conclusion != nil || m.Row(m.At()).Actor == "p-3"; r.key(fyne.KeyDown) {
	}
	finding := m.Selected
	r.key(fyne.KeyReturn)
	r.settled()
	if m.Detail == nil || m.Detail.Row.Sequence != finding {
		t.Fatalf("Enter opened %+v", m.Detail)
	}
	r.press(fyne.KeyR)
	r.key(fyne.KeyDown)
	r.desk.window.Canvas().FocusNext()
	r.key(fyne.KeyReturn)
	r.settled()
	if c := m.Row(m.At()).Conclusion; c == nil || c.Reason != "exercise" {
		t.Errorf("concluded as %+v", c)
	}
	r.desk.back()
	if m.Detail != nil {
		t.Error("Escape leaves the access open")
	}
	r.desk.back()
	if r.settled(); m.Filter.Unusual {
		t.Error("Escape leaves the filter")
	}
	if m.Count() != all {
		t.Errorf("%d rows of %d are back", m.Count(), all)
	}
}

// TestJournalPictureByKeyboard goes into a day of the picture and an hour of that,
// and back.
func TestJournalPictureByKeyboard(t *testing.T) {
	r := atJournal(t, "4")
	m := r.desk.journal
	r.settled()
	r.press(fyne.KeyH)
	for range 2 { // a day of the nine, then an hour of it
		r.key(fyne.KeyRight)
		r.key(fyne.KeyRight)
		r.key(fyne.KeyReturn)
		r.settled()
	}
	if m.Bar < 0 || int64(m.Count()) != m.Picture.Bars[m.Bar].Total {
		t.Errorf("bar %d, %d rows", m.Bar, m.Count())
	}
	r.key(fyne.KeyEscape)
	if r.settled(); m.Bar != -1 || !m.Narrowed() {
		t.Error("Escape leaves the hour, or the day too")
	}
	r.key(fyne.KeyEscape)
	if r.settled(); m.Narrowed() || m.Filter.Period != viewmodel.PeriodAll {
		t.Error("Escape leaves the day")
	}
}

// TestJournalTakesAScan: a sheet's code shows its letter.
func TestJournalTakesAScan(t *testing.T) {
	r := atJournal(t, "3")
	m := r.desk.journal
	r.settled()
	of := *m.Row(0)
	for i := 0; of.Attempt == ""; i++ {
		of = *m.Row(i)
	}
	r.desk.scanned("B24:" + of.Attempt + ":1/1")
	r.until(func() bool { return m.Letter == of.Object })
	r.settled()
	for i := range m.Count() {
		if row := m.Row(i); row.Object != of.Object {
			t.Errorf("%s is shown too", row.Object)
		}
	}
}

// TestJournalIsClosedToOperators: nothing is read, nothing is drawn.
func TestJournalIsClosedToOperators(t *testing.T) {
	r := atJournal(t, "1")
	for _, key := range []fyne.KeyName{fyne.KeyU, fyne.KeyE, fyne.KeyT, fyne.KeyH} {
		r.press(key)
	}
	r.desk.press(fyne.KeyF5, 0)
	r.desk.press(fyne.KeyF8, 0)
	if m := r.desk.journal; m.Permitted || m.Loading || m.Verifying || len(r.at.Read()) > 0 {
		t.Errorf("an operator reads the journal: %v", r.at.Read())
	}
	// A supervisor who comes next reads it; a lock puts it away.
	r.at.Change(func(c *station.Snapshot) { c.Person = &uitest.People()[2] })
	r.until(func() bool { return r.desk.journal.Permitted })
	r.press(fyne.Key4)
	r.settled()
	if r.desk.journal.Count() == 0 {
		t.Error("a supervisor sees nothing")
	}
	r.press(fyne.KeyL)
	r.until(func() bool { return r.desk.locked && r.desk.journal.Count() == 0 })
}

// TestBrokenJournalIsShown: a damaged entry and a broken chain are rows and a
// state like others.
func TestBrokenJournalIsShown(t *testing.T) {
	r := open(t, 3)
	b := uitest.NewBook(1, time.Now())
	b.Rows = append(b.Rows, journal.Row{Sequence: 99_999, Time: time.Now(), Damaged: true, Rules: []journal.Rule{journal.RuleHours}})
	b.Status.Broken = &journal.BrokenError{Sequence: 7, What: "the entry is missing"}
	r.at.Book(b)
	r.enter("3", "2468")
	r.until(func() bool { return !r.desk.locked })
	r.press(fyne.Key4)
	r.settled()
	for _, tag := range []string{"fr", "nl", "de", "en"} {
		r.desk.speak(tag)
	}
	r.desk.press(fyne.KeyF8, 0)
	r.settled()
	if m := r.desk.journal; m.Fault == nil || m.Fault.Code != station.JournalBroken || !m.Row(0).Damaged {
		t.Errorf("%v, %+v", m.Fault, m.Row(0))
	}
}

// TestJournalActionFromTheList opens the list, goes to a line by its letter,
// and chooses; a lock puts an open list away.
func TestJournalActionFromTheList(t *testing.T) {
	r := atJournal(t, "4") // who speaks English
	m := r.desk.journal
	r.settled()
	r.press(fyne.KeyO)
	r.key(fyne.KeyReturn)
	if r.desk.window.Canvas().Overlays().Top() == nil {
		t.Fatal("there is no list")
	}
	r.typed("p")
	r.key(fyne.KeyReturn)
	if r.settled(); m.Filter.Action != journal.ActionPrint || r.desk.window.Canvas().Overlays().Top() != nil {
		t.Errorf("chose %q", m.Filter.Action)
	}
	r.key(fyne.KeyDown) // on the closed field
	if r.settled(); m.Filter.Action == journal.ActionPrint {
		t.Error("the arrow chooses nothing")
	}
	r.key(fyne.KeyReturn)
	r.key(fyne.KeyEscape)
	if r.desk.window.Canvas().Overlays().Top() != nil {
		t.Error("Escape leaves the list open")
	}
	r.key(fyne.KeyReturn)
	r.press(fyne.KeyL)
	r.until(func() bool { return r.desk.locked })
	if r.desk.window.Canvas().Overlays().Top() != nil {
		t.Error("the list lies over the locked window")
	}
}

// TestJournalTimesByKeyboard types a day, steps to the one before, and back to
// a word.
func TestJournalTimesByKeyboard(t *testing.T) {
	r := atJournal(t, "3")
	m := r.desk.journal
	r.settled()
	r.press(fyne.KeyD)
	r.key(fyne.KeyEnd)
	r.settled()
	if m.Filter.Period != viewmodel.PeriodSpan {
		t.Fatalf("End chose %s", m.Filter.Period)
	}
	r.typed("25/11/2026") // the focus is where it is typed
	r.key(fyne.KeyReturn)
	r.settled()
	day := func(d int) time.Time { return time.Date(2026, 11, d, 0, 0, 0, 0, time.Local) }
	if from, to := m.Bounds(); !from.Equal(day(25)) || !to.Equal(day(26)) || m.SpanFault != "" {
		t.Errorf("from %v to %v, %q", from, to, m.SpanFault)
	}
	r.desk.press(fyne.KeyLeft, fyne.KeyModifierAlt)
	r.settled()
	if from, _ := m.Bounds(); !from.Equal(day(24)) {
		t.Errorf("a step back is %v", from)
	}
	r.press(fyne.KeyD)
	r.key(fyne.KeyHome)
	if r.settled(); m.Filter.Period != viewmodel.PeriodToday {
		t.Errorf("Home chose %s", m.Filter.Period)
	}
}

// TestJournalKeepsTypedTimes until they are shown, whatever happens in the room
// while the focus is on its way to the button.
func TestJournalKeepsTypedTimes(t *testing.T) {
	r := atJournal(t, "3")
	m := r.desk.journal
	r.settled()
	r.press(fyne.KeyD)
	r.key(fyne.KeyEnd)
	r.settled()
	r.typed("25/11/2026")
	r.tabTo(r.say("journal.span.show"))
	m.Changed()
	r.key(fyne.KeyReturn)
	r.settled()
	if from, _ := m.Bounds(); !from.Equal(time.Date(2026, 11, 25, 0, 0, 0, 0, time.Local)) {
		t.Errorf("it is from %v", from)
	}
}
