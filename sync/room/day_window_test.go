//go:build window

package room

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"espero-soft.com/printroom/printer/virtual"
	"espero-soft.com/printroom/sync/room/mail"
	"espero-soft.com/printroom/vault/store"
)

// TestWindowDay is an operator's whole day in the window: unlock, fetch, print,
// judge, envelope, drop off, prove. What came of it is read off the paper,
// central's ledger and the journal.
func TestWindowDay(t *testing.T) {
	r, heard := openRoom(t, Options{Letters: 5})
	proxy := behindProxy(t, r)
	w := openWindow(t, r, heard)
	w.unlock("1", PIN("p1"))
	awaitWritten(t, r, "unlock p1 done", 1)

	w.try("five letters are here", w.count(r, store.Ready, 5), "F5")
	proxy.Break(&virtual.Fault{Operation: sendDocument, Times: 1, CutAfter: 20_000})
	w.try("one letter is uncertain", w.count(r, store.Uncertain, 1), "ctrl+p")
	for done := 1; done <= 4; done++ {
		w.try("the next letter is printed", w.count(r, store.DeviceDone, done), "ctrl+p")
	}
	w.judge(r)
	w.envelope(r)
	deposit := w.dropOff(r)
	w.prove(r, deposit)
	w.quit()
	checkDay(t, r, deposit)
}

// behindProxy puts something between the station and its printer that breaks
// what passes.
func behindProxy(t *testing.T, r *Room) *virtual.Proxy {
	t.Helper()
	certificate := r.Printer.Certificate()
	proxy, err := virtual.NewProxy(r.Printer.Addr(), &certificate)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := proxy.Off(); err != nil {
			t.Error(err)
		}
	})
	if err := r.Behind(proxy.URI()); err != nil {
		t.Fatal(err)
	}
	return proxy
}

// judge says of five letters, on the press, what they became. What needs a look
// comes first, then the batches, newest first.
func (w *window) judge(r *Room) {
	w.t.Helper()
	all := keptLetters(w.t, r)
	uncertain, second, abroad, priority := all[4], all[0], all[1], all[3]
	w.press("ctrl+2")
	w.decide(r, uncertain, store.Ready, "incomplete", "r", "4", "space", "Return") // and what came out was destroyed
	w.decide(r, second, store.Confirmed, "", "o")
	w.decide(r, abroad, store.Held, "", "p", "2", "space", "Return")                                 // its address, destroyed
	w.decide(r, priority, store.Ready, "jam", "ctrl+g", "Home", "Down", "r", "1", "space", "Return") // the batch before
	w.decide(r, priority, store.DeviceDone, "", "ctrl+p")
	w.decide(r, uncertain, store.DeviceDone, "", "ctrl+g", "End", "ctrl+p")
}

// decide presses keys until a letter is in a state on the disk, to be printed
// again for that reason or for none.
func (w *window) decide(r *Room, k kept, state store.State, reprint string, keys ...string) {
	w.t.Helper()
	w.try(k.Product+" "+k.ID+" becomes "+string(state)+" "+reprint, func() bool {
		now := letterOf(w.t, r, k.ID)
		return now.State == state && now.Reprint == reprint
	}, append([]string{"Escape"}, keys...)...)
}

// count tells whether so many letters are in a state on the station's disk.
func (w *window) count(r *Room, state store.State, want int) func() bool {
	return func() bool {
		w.t.Helper()
		return len(inState(w.t, r, state)) == want
	}
}

// envelope scans the codes of the sheets that nobody destroyed.
func (w *window) envelope(r *Room) {
	w.t.Helper()
	pieces, err := r.Pieces(w.t.Context(), "")
	if err != nil {
		w.t.Fatal(err)
	}
	mailed := map[string]bool{}
	for _, k := range keptLetters(w.t, r) {
		if k.State == store.DeviceDone || k.State == store.Confirmed {
			mailed[k.Attempt] = true
		}
	}
	for _, p := range pieces {
		if !mailed[string(p.Attempt)] {
			continue
		}
		if !p.Whole {
			w.t.Errorf("%s is not whole", p.Attempt)
		}
		w.scan(string(p.Attempt))
	}
	await(w.t, "central has accepted four pieces", w.count(r, store.Enveloped, 4))
}

// dropOff closes a deposit of everything, and returns its number.
func (w *window) dropOff(r *Room) string {
	w.t.Helper()
	w.try("four pieces are dropped off", w.count(r, store.Dropped, 4), "ctrl+3", "ctrl+d")
	deposits := query(w.t, stationDB(r), `SELECT number FROM deposits`)
	if len(deposits) != 1 {
		w.t.Fatalf("%d deposits were closed", len(deposits))
	}
	await(w.t, "central has the deposit", func() bool {
		l, err := r.Central.Ledger(w.t.Context())
		return err == nil && l.DroppedOff == 4
	})
	return deposits[0][0]
}

// prove drags the counter's receipt onto the window and keeps it.
func (w *window) prove(r *Room, deposit string) {
	w.t.Helper()
	l, err := r.Central.Ledger(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	var numbers []string
	for _, j := range l.Jobs {
		if j.Dropped > 0 && j.Tracking != "" {
			numbers = append(numbers, j.Tracking)
		}
	}
	picture, err := mail.ReceiptImage(1, deposit, numbers)
	if err != nil {
		w.t.Fatal(err)
	}
	path := filepath.Join(w.t.TempDir(), "receipt.jpg")
	if err := os.WriteFile(path, picture, 0o600); err != nil {
		w.t.Fatal(err)
	}
	if err := drop(w.window, path); err != nil {
		w.t.Fatal(err)
	}
	await(w.t, "central has the receipt, its picture and its numbers", func() bool {
		w.press("ctrl+k") // nothing happens before the picture is read
		return len(query(w.t, centralDB(r), `SELECT id FROM receipts WHERE image IS NOT NULL`)) == 1
	})
	bound := query(w.t, centralDB(r), `SELECT number FROM numbers WHERE receipt IN (SELECT id FROM receipts) ORDER BY number`)
	slices.Sort(numbers)
	if len(numbers) != 2 || len(bound) != 2 || bound[0][0] != numbers[0] || bound[1][0] != numbers[1] {
		w.t.Errorf("central holds the numbers %v as proved, want %v", bound, numbers)
	}
}

// checkDay reads what the day came to.
func checkDay(t *testing.T, r *Room, deposit string) {
	t.Helper()
	out := t.TempDir()
	if err := r.Export(t.Context(), out); err != nil {
		t.Fatal(err)
	}
	c, err := r.Count(t.Context(), out)
	if err != nil {
		t.Fatal(err)
	}
	if c.Ledger.DroppedOff != 4 || c.Ledger.Rejected != 1 || c.Ledger.Printed != 5 || c.Lost() != 0 || c.Duplicated() != 0 {
		t.Errorf("central's ledger: %+v", c.Ledger)
	}
	if !c.Journal.OK || c.Held != c.Journal.Entries+1 || c.Signed != c.Held || c.Agreed != c.Journal.Entries || c.Alarms != 0 { // the program's end comes after its export
		t.Errorf("the journal: %s", c)
	}
	attempts := query(t, centralDB(r), `SELECT j.product, a.number, a.reason, a.state FROM attempts a JOIN jobs j ON j.id = a.job ORDER BY a.begun_at, a.number`)
	if diff := cmp.Diff([][]string{
		{"standard", "1", "", "uncertain"},
		{"priority", "1", "", "device_done"},
		{"registered", "1", "", "dropped"},
		{"international", "1", "", "device_done"},
		{"registered", "1", "", "dropped"},
		{"priority", "2", "jam", "dropped"},
		{"standard", "2", "incomplete", "dropped"},
	}, attempts); diff != "" {
		t.Errorf("the printings by central's ledger: %s", diff)
	}
	happened := slices.DeleteFunc(lines(exported(t, out)), func(line string) bool { // in their own time
		return strings.HasPrefix(line, "purge ") || strings.HasPrefix(line, "counter ")
	})
	if diff := cmp.Diff(dayWritten(), happened); diff != "" {
		t.Errorf("the journal's export: %s", diff)
	}
	slip := r.Printer.Printed()[len(attempts)]
	if !slices.Contains(codesOn(t, slip.Path), deposit) {
		t.Errorf("the slip of %s did not come out after the letters", deposit)
	}
}

// dayWritten is what stands in the journal after the day.
func dayWritten() []string {
	begins, ends := []string{"start done"}, []string{"stop done"}
	opened := []string{"open p1", "open p1 done"} // the claim's key; again once its letters were printed
	return slices.Concat(
		[]string{"enrol done"}, begins, slices.Repeat([]string{"person_added done"}, 3), []string{"pin_set p1 done"}, ends,
		begins, []string{"unlock p1 done", "claim p1 done"}, slices.Repeat([]string{"fetch p1 done"}, 5),
		opened, slices.Repeat([]string{"print p1", "print p1 done"}, 5),
		[]string{
			"reprint p1 done incomplete", "destroy p1 done incomplete",
			"confirm p1 done",
			"destroy p1 done address",
			"reprint p1 done jam", "destroy p1 done jam",
		},
		opened, []string{"print p1 jam", "print p1 done jam", "print p1 incomplete", "print p1 done incomplete"},
		slices.Repeat([]string{"envelope p1 done"}, 4),
		[]string{
			"deposit p1 done", "print p1 done",
			"receipt p1 done read", "receipt p1 done", "receipt p1 report", "receipt p1 done report", "lock p1 done",
		},
		ends, begins, []string{"export done"},
	)
}
