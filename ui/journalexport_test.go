package ui

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"espero-soft.com/printroom/vault/journal"
)

// TestJournalExportWaitsItsTurn: who asks for a file while another is written
// loses nothing of what they chose, and has it with the same key afterwards.
func TestJournalExportWaitsItsTurn(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	r := atJournal(t, "3")
	m := r.desk.journal
	r.settled()
	arrived, release := r.at.Hold("export")
	defer release()
	r.press(fyne.KeyE)
	r.desk.window.Canvas().FocusNext()
	r.key(fyne.KeyReturn)
	<-arrived
	r.press(fyne.KeyE)
	r.key(fyne.KeyRight) // a table
	r.desk.window.Canvas().FocusNext()
	r.key(fyne.KeyReturn)
	release()
	if r.settled(); m.Exported == nil || !strings.HasSuffix(m.Exported.Path, ".pdf") {
		t.Fatalf("the paper: %+v", m.Exported)
	}
	r.key(fyne.KeyReturn)
	if r.settled(); m.Exported == nil || !strings.HasSuffix(m.Exported.Path, ".csv") {
		t.Errorf("the table: %+v", m.Exported)
	}
}

// TestJournalExportKeepsItsMonth: a month that begins meanwhile takes no other's
// place.
func TestJournalExportKeepsItsMonth(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	r := atJournal(t, "3")
	m := r.desk.journal
	r.settled()
	r.until(func() bool { return len(m.Months) > 0 })
	last := m.Months[len(m.Months)-1]
	r.press(fyne.KeyE)
	r.key(fyne.KeyEnd) // the journal itself
	r.desk.window.Canvas().FocusNext()
	r.key(fyne.KeyDown)
	m.Months = append(m.Months, journal.Shard{Month: last.Month.AddDate(0, 1, 0), First: last.Last + 1, Last: last.Last + 1, SealedAt: time.Now()})
	m.Changed()
	r.desk.window.Canvas().FocusNext()
	r.key(fyne.KeyReturn)
	if r.settled(); m.Archived == nil || m.Archived.Span.Shard == nil || !m.Archived.Span.Shard.Month.Equal(last.Month) {
		t.Errorf("%v was chosen, %+v was written", last.Month, m.Archived)
	}
}
