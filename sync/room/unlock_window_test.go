//go:build window

package room

import (
	"bytes"
	"image"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"espero-soft.com/printroom/printer/virtual"
	"espero-soft.com/printroom/vault/store"
)

// The languages in the locked window's corner, the one that it speaks ticked,
// and what it says under the field for the PIN.
var (
	languages = image.Rect(900, 8, 1272, 56)
	underPIN  = image.Rect(230, 420, 1050, 700)
)

// TestWindowUnlock is about who is there: a PIN is wrong and then right, a
// person has a language, a batch passes to another person and ends behind the
// locked window.
func TestWindowUnlock(t *testing.T) {
	r, heard := openRoom(t, Options{Letters: 7, PINs: Everybody(), Seed: 67, Printer: virtual.Options{PageTime: 300 * time.Millisecond}})
	w := openWindow(t, r, heard)
	w.wrongPIN(r)
	w.write(PIN("p1")) // the field waits for it
	w.press("Return")
	awaitWritten(t, r, "unlock p1 done", 1)
	w.speakGerman(r)

	w.try("seven letters are here", w.count(r, store.Ready, 7), "F5")
	r.Printer.Trouble("media-jam", 1) // the first of three letters stops in its middle
	t.Cleanup(r.Printer.Clear)
	w.try("the first letter is sent", w.count(r, store.Sent, 1), "ctrl+p")
	w.takeOver(r)
	r.Printer.Clear()
	r.Printer.Trouble("media-jam", 2) // and so does the second
	await(t, "the first letter is printed", w.count(r, store.DeviceDone, 1))
	await(t, "the second letter is sent", w.count(r, store.Sent, 1))
	w.try("the station is locked", w.has(r, "lock p2 done"), "ctrl+l")
	r.Printer.Clear()
	await(t, "the three letters of the batch are printed", w.count(r, store.DeviceDone, 3))
	if n := w.count(r, store.Ready, 4); !n() {
		t.Error("the batch did not end with its last letter")
	}
	if !bytes.Equal(w.part(languages), w.locked) {
		t.Error("the window is not locked any more")
	}
	w.quit()
	checkShifts(t, r)
}

// wrongPIN gives one, and wants to be told so.
func (w *window) wrongPIN(r *Room) {
	w.t.Helper()
	w.locked = w.part(languages)
	w.press("1")
	before := w.part(underPIN)
	w.write("000000")
	w.press("Return")
	awaitWritten(w.t, r, "unlock p1 failed wrong_pin", 1)
	w.changes("the window says that the PIN is wrong", underPIN, before)
	w.settle()
	if !bytes.Equal(w.part(languages), w.locked) {
		w.t.Error("a wrong PIN opened the window")
	}
}

// speakGerman chooses the language before English, which is remembered for that
// person alone.
func (w *window) speakGerman(r *Room) {
	w.t.Helper()
	w.settle()
	english := w.part(titleOfPage)
	w.press("ctrl+comma", "shift+Tab", "Return", "Escape")
	w.changes("the window speaks German", titleOfPage, english)
	await(w.t, "the window remembers it", func() bool {
		return len(remembered(w.t, r)) == 1 && strings.Contains(remembered(w.t, r)[0], `"language":"de"`)
	})
}

// remembered is what the window keeps about people, a text each.
func remembered(t *testing.T, r *Room) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(r.Options.Dir, "config", "printroom", "people", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(text))
	}
	return texts
}

// takeOver locks the window in mid-batch; another person unlocks it.
func (w *window) takeOver(r *Room) {
	w.t.Helper()
	w.try("the station is locked", w.has(r, "lock p1 done"), "ctrl+l")
	w.until("the window is locked, in the station's language", languages, w.locked)
	w.unlock("2", PIN("p2"))
	awaitWritten(w.t, r, "unlock p2 done", 1)
	awaitWritten(w.t, r, "handover p2 done taken", 1)
}

// has tells whether the journal has an entry that reads so.
func (w *window) has(r *Room, line string) func() bool {
	return func() bool {
		w.t.Helper()
		return has(w.t, r, line)
	}
}

// checkShifts reads who had the batch.
func checkShifts(t *testing.T, r *Room) {
	t.Helper()
	out := t.TempDir()
	if err := r.Export(t.Context(), out); err != nil {
		t.Fatal(err)
	}
	if report, err := readExport(out); err != nil || !report.OK {
		t.Errorf("the journal: %+v, %v", report, err)
	}
	var shifts []string
	batches := map[string]bool{}
	for _, e := range exported(t, out) {
		switch e.Action {
		case "handover":
			batches[e.Object] = true
			shifts = append(shifts, e.String())
		case "unlock", "lock":
			shifts = append(shifts, e.String())
		}
	}
	want := []string{
		"unlock p1 failed wrong_pin", "unlock p1 done", "lock p1 done",
		"unlock p2 done", "handover p1 done given", "handover p2 done taken", "lock p2 done",
	}
	if diff := cmp.Diff(want, shifts); diff != "" {
		t.Error(diff)
	}
	if len(batches) != 1 {
		t.Errorf("the two do not name one batch: %v", batches)
	}
	actors := query(t, stationDB(r), `SELECT a.actor, count(DISTINCT j.batch) FROM attempts a JOIN jobs j ON j.id = a.job GROUP BY a.actor ORDER BY a.actor`)
	if diff := cmp.Diff([][]string{{"p1", "1"}, {"p2", "1"}}, actors); diff != "" {
		t.Errorf("the printings: %s", diff)
	}
}
