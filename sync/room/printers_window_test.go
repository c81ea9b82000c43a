//go:build window

package room

import (
	"encoding/hex"
	"image"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"espero-soft.com/printroom/printer/virtual"
	"espero-soft.com/printroom/vault/store"
)

// TestWindowRoom is an admin who sets up a second printer by its address: it
// shows its key's fingerprint, prints its test sheet, is chosen, and prints the
// next letter.
func TestWindowRoom(t *testing.T) {
	r, heard := openRoom(t, Options{Letters: 1, PINs: Everybody()})
	second := anotherPrinter(t)
	w := openWindow(t, r, heard)
	w.unlock("3", PIN("p3"))
	awaitWritten(t, r, "unlock p3 done", 1)
	w.press("ctrl+5")
	w.setUp(r, second)

	// From the first printer's one button to the second's three.
	w.try("a test sheet comes out of the second printer", func() bool { return ended(second) == 1 },
		"ctrl+t", "Tab", "Tab", "Return")
	id := printers(t, r)[0][0]
	if codes := codesOn(t, second.Printed()[0].Path); !slices.ContainsFunc(codes, func(c string) bool { return strings.HasPrefix(c, "B24:TEST:"+id[:8]) }) {
		t.Errorf("the codes on the test sheet are %q, the printer is %s", codes, id)
	}
	await(t, "the test is noted", func() bool { return printers(t, r)[0][4] != "0" })
	w.try("the second printer is chosen", w.has(r, "configure p3 done printer_chosen"), "ctrl+t", "Tab", "Return")

	w.try("the letter is here", w.count(r, store.Ready, 1), "ctrl+1", "F5")
	w.try("the letter is printed", w.count(r, store.DeviceDone, 1), "ctrl+p")
	if n := len(r.Printer.Printed()); n != 0 || ended(second) != 2 {
		t.Errorf("%d jobs went to the first printer", n)
	}
	w.quit()
	checkConfigured(t, r, id)
}

func anotherPrinter(t *testing.T) *virtual.Printer {
	t.Helper()
	p, err := virtual.Start(t.Context(), virtual.Options{Name: "Second", TLS: true, Colour: true, Duplex: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Stop(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// ended counts the jobs that came out of a printer whole.
func ended(p *virtual.Printer) (n int) {
	for _, print := range p.Printed() {
		if print.Ended {
			n++
		}
	}
	return n
}

// printers are those of the second's name, by the station's disk.
func printers(t *testing.T, r *Room) [][]string {
	t.Helper()
	return query(t, stationDB(r), `SELECT id, name, uri, lower(hex(pin)), tested FROM printers WHERE name = 'HP-B'`)
}

// underAddress is the part of the window where what an address shows is compared.
var underAddress = image.Rect(340, 640, 1080, 760)

// setUp types the printer's address, then gives it a name and says that what it
// shows is what stands on its panel.
func (w *window) setUp(r *Room, p *virtual.Printer) {
	w.t.Helper()
	w.press("ctrl+n")
	w.write(p.URI())
	before := w.part(underAddress)
	w.press("Return")
	w.changes("the address has shown its key", underAddress, before)
	w.settle() // the focus is on the answer that changes nothing
	w.press("shift+Tab", "shift+Tab", "ctrl+a")
	w.write("HP-B")
	w.press("Tab", "Return")
	await(w.t, "the second printer is set up", func() bool { return len(printers(w.t, r)) == 1 })
	pin := p.Pin()
	if diff := cmp.Diff([]string{"HP-B", p.URI(), hex.EncodeToString(pin[:])}, printers(w.t, r)[0][1:4]); diff != "" {
		w.t.Error(diff)
	}
}

// checkConfigured reads what the journal says of the second printer.
func checkConfigured(t *testing.T, r *Room, id string) {
	t.Helper()
	out := t.TempDir()
	if err := r.Export(t.Context(), out); err != nil {
		t.Fatal(err)
	}
	if report, err := readExport(out); err != nil || !report.OK {
		t.Errorf("the journal: %+v, %v", report, err)
	}
	var configured []string
	for _, e := range exported(t, out) {
		if e.Action != "configure" {
			continue
		}
		configured = append(configured, e.String())
		if e.Object != id {
			t.Errorf("%s is about %s, the printer is %s", e, e.Object, id)
		}
	}
	if diff := cmp.Diff([]string{"configure p3 done printer_added", "configure p3 done printer_tested", "configure p3 done printer_chosen"}, configured); diff != "" {
		t.Error(diff)
	}
}
