package ui

import (
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/screens"
	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/viewmodel/uitest"
	"espero-soft.com/printroom/ui/widgets"
	"espero-soft.com/printroom/vault/store"
)

// atPress is a room in which Sam stands at the press with letters in every
// state, those of the registered batch in sight.
func atPress(t *testing.T) *room {
	t.Helper()
	r := atWork(t, 60)
	r.at.Change(func(c *station.Snapshot) { c.Jobs = uitest.Pressed(slices.Clone(c.Jobs), time.Now()) })
	r.until(func() bool { return len(r.desk.printed.Piles) == 5 })
	r.desk.press(r.keyOf("press"), fyne.KeyModifierControl)
	r.look(viewmodel.PileBatch, "b-102")
	return r
}

// keyOf is the digit that goes to a screen.
func (r *room) keyOf(name string) fyne.KeyName {
	i := slices.IndexFunc(r.desk.screens, func(s screens.Screen) bool { return s.Name() == name })
	return []fyne.KeyName{fyne.Key1, fyne.Key2, fyne.Key3, fyne.Key4, fyne.Key5}[i]
}

func (r *room) look(kind viewmodel.PileKind, batch string) {
	r.t.Helper()
	r.desk.printed.Look(viewmodel.PileKey{Kind: kind, Batch: batch})
	if r.desk.printed.Pile.Kind != kind {
		r.t.Fatalf("there is no pile %s %s", kind, batch)
	}
}

// stroke types a letter as the driver does: the key, then its character.
func (r *room) stroke(name fyne.KeyName) {
	r.key(name)
	r.typed(string(name[0] | 0x20))
}

func (r *room) job(id string) station.Job {
	for _, j := range r.at.Snapshot().Jobs {
		if j.ID == id {
			return j
		}
	}
	return station.Job{}
}

// TestLettersAreDecidedByKeyboard goes through O, R and P on whatever has the
// focus but a field.
func TestLettersAreDecidedByKeyboard(t *testing.T) {
	r := atPress(t)
	m := r.desk.printed
	first := m.Selected
	r.stroke(fyne.KeyO)
	r.until(func() bool { return r.job(first).State == store.Confirmed && !m.Deciding })
	if m.Selected == first {
		t.Error("the next letter is not chosen")
	}
	r.stroke(fyne.KeyP)
	if m.Ask == nil || m.Ask.Verdict != station.VerdictPull {
		t.Fatalf("P asks %+v", m.Ask)
	}
	second := m.Ask.Job.ID
	r.key(fyne.KeyDown) // the reasons have the focus
	r.key(fyne.KeyDown)
	r.key(fyne.KeyReturn)
	if _, ok := r.desk.window.Canvas().Focused().(*widgets.Check); !ok || m.Ask.Reason != station.ReasonAddress {
		t.Fatalf("after the reason %q the focus is on %T", m.Ask.Reason, r.desk.window.Canvas().Focused())
	}
	r.key(fyne.KeySpace)
	r.key(fyne.KeyReturn)
	r.until(func() bool { return r.job(second).Hold == station.Pulled && !m.Deciding })
	if m.Ask != nil || r.desk.window.Canvas().Focused() == nil {
		t.Error("the question is still there, or the focus is lost")
	}
}

// TestSecondPersonByKeyboard reprints a registered letter; a PIN of letters
// decides nothing on its way.
func TestSecondPersonByKeyboard(t *testing.T) {
	r := atPress(t)
	r.at.PIN = "oprt24"
	m := r.desk.printed
	id := m.Selected
	r.stroke(fyne.KeyR)
	r.typed("4")
	r.key(fyne.KeySpace)
	r.key(fyne.KeyReturn)
	r.until(func() bool { return m.Ask != nil && m.Ask.Consent != nil && len(m.Ask.Consent.People) == 3 })
	r.key(fyne.KeyDown)
	r.key(fyne.KeyReturn)
	pin, ok := r.desk.window.Canvas().Focused().(*widgets.PIN)
	if !ok {
		t.Fatalf("the focus is on %T", r.desk.window.Canvas().Focused())
	}
	for _, k := range []fyne.KeyName{fyne.KeyO, fyne.KeyP, fyne.KeyR, fyne.KeyT} {
		r.stroke(k)
	}
	r.typed("24")
	if pin.Count() != 6 || m.Ask == nil || m.Ask.Step != viewmodel.StepSecond || m.Ask.Consent.Chosen != 1 {
		t.Fatalf("%d characters, the question is %+v", pin.Count(), m.Ask)
	}
	r.key(fyne.KeyReturn)
	r.until(func() bool { return r.job(id).State == store.Ready && !m.Deciding })
	if r.desk.frame.Person.Name != "Sam Okafor" {
		t.Errorf("%s is at work now", r.desk.frame.Person.Name)
	}
}

// TestEscapeBacksOut goes from the second person to the rows.
func TestEscapeBacksOut(t *testing.T) {
	r := atPress(t)
	m := r.desk.printed
	r.stroke(fyne.KeyR)
	r.typed("1")
	r.key(fyne.KeySpace)
	r.key(fyne.KeyReturn)
	r.until(func() bool { return m.Ask != nil && m.Ask.Consent != nil && len(m.Ask.Consent.People) > 0 })
	r.key(fyne.KeyEscape)
	if m.Ask == nil || m.Ask.Step != viewmodel.StepReason {
		t.Fatalf("after one Escape: %+v", m.Ask)
	}
	r.key(fyne.KeyEscape)
	if _, ok := r.desk.window.Canvas().Focused().(*widgets.Table); !ok || m.Ask != nil {
		t.Errorf("after two: %+v, focus on %T", m.Ask, r.desk.window.Canvas().Focused())
	}
}

// TestScanAtThePress: the code of a sheet envelopes its letter and no other,
// and its P and R ask nothing.
func TestScanAtThePress(t *testing.T) {
	r := atPress(t)
	m := r.desk.printed
	var printed station.Job
	for _, j := range r.at.Snapshot().Jobs {
		if j.State == store.DeviceDone && j.Order == "" && j.ID != m.Selected {
			printed = j
		}
	}
	r.scan(postal.SheetCode{Attempt: printed.Attempt, Sheet: 1, Sheets: 3}.String())
	r.until(func() bool { return m.Scanned != nil })
	if got := r.job(printed.ID); got.State != store.Enveloped || m.Ask != nil || len(r.at.Decided()) != 0 {
		t.Errorf("it is %s; asked %+v, decided %v", got.State, m.Ask, r.at.Decided())
	}
	uncertain := m.Piles[0].Rows[0]
	r.scan(string(uncertain.Attempt))
	if m.Selected != uncertain.ID || m.Pile.Kind != viewmodel.PileUncertain || r.job(uncertain.ID).State != store.Uncertain {
		t.Errorf("chosen %q in %v; it is %s", m.Selected, m.Pile, r.job(uncertain.ID).State)
	}
}

// TestFocusOnThePressIsNeverLost goes round with Tab, in the list and in the
// narrow window.
func TestFocusOnThePressIsNeverLost(t *testing.T) {
	r := atPress(t)
	for _, width := range []float32{1280, 1000} {
		r.desk.window.Resize(fyne.NewSize(width, 700))
		r.desk.redraw()
		for range 30 {
			r.desk.window.Canvas().FocusNext()
			o, ok := r.desk.window.Canvas().Focused().(fyne.CanvasObject)
			if !ok || !o.Visible() || o.Size().Width == 0 {
				t.Fatalf("at %v the focus is on %T", width, r.desk.window.Canvas().Focused())
			}
		}
	}
}

// TestThePressInEveryLook draws each pile in every language and the largest
// text.
func TestThePressInEveryLook(t *testing.T) {
	r := atPress(t)
	for _, tag := range language.Tags() {
		r.desk.speak(tag)
		for _, pile := range r.desk.printed.Piles {
			r.look(pile.Kind, pile.Batch)
		}
	}
	r.desk.dress(theme.Look{Brightness: theme.Dark, TextSize: 200})
	r.desk.printed.Reprint()
	r.desk.press(fyne.KeyL, fyne.KeyModifierControl)
	r.until(func() bool { return r.desk.locked && !r.desk.printed.Ready })
	r.desk.press(fyne.KeyO, 0)
	if r.desk.printed.Deciding || len(r.desk.printed.Rows) != 0 {
		t.Error("a locked window decides")
	}
}

// TestTheFieldOfThePINIsInSight: the question is scrolled to what has the
// focus.
func TestTheFieldOfThePINIsInSight(t *testing.T) {
	r := atPress(t)
	r.desk.window.Resize(fyne.NewSize(1280, 640))
	m := r.desk.printed
	r.stroke(fyne.KeyR)
	r.typed("4")
	r.key(fyne.KeySpace)
	r.key(fyne.KeyReturn)
	r.until(func() bool { return m.Ask != nil && m.Ask.Consent != nil && len(m.Ask.Consent.People) == 3 })
	r.key(fyne.KeyReturn)
	pin, ok := r.desk.window.Canvas().Focused().(*widgets.PIN)
	if !ok {
		t.Fatalf("the focus is on %T", r.desk.window.Canvas().Focused())
	}
	bottom := fyne.CurrentApp().Driver().AbsolutePositionForObject(pin).Y + pin.Size().Height
	if foot := float32(640 - 40 - 136); bottom > foot {
		t.Errorf("the field ends at %v, the buttons begin at %v", bottom, foot)
	}
}
