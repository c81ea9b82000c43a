//go:build window

package room

import (
	"image"
	"testing"
	"time"

	"espero-soft.com/printroom/vault/store"
	"espero-soft.com/printroom/vault/tpm/swtpm"
)

// rows are the first three of the table.
var rows = image.Rect(310, 164, 950, 280)

// TestWindowSlowTPM: each of the TPM's commands takes a quarter of a second, so
// that an unlock takes seconds, and so does the first look at a claim's letter.
// The window goes on answering meanwhile.
func TestWindowSlowTPM(t *testing.T) {
	r, heard := openRoom(t, Options{Letters: 3})
	late, err := swtpm.NewLate(r.TPM.Endpoint(), 250*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := late.Stop(); err != nil {
			t.Error(err)
		}
	})
	swapTPM(t, r, late.Endpoint())
	w := openWindow(t, r, heard)
	w.unlock("1", PIN("p1"))
	awaitWritten(t, r, "unlock p1 done", 1)
	w.try("three letters are here", w.count(r, store.Ready, 3), "F5")

	w.press("Down")
	chosen := w.part(rows)
	w.do("key", "space")
	await(t, "the letter is being opened", func() bool { return w.previews(r, false) > 0 })
	w.do("key", "Down")
	w.changes("the next letter is chosen", rows, chosen)
	if w.previews(r, true) > 0 {
		t.Error("the window answered only when the TPM had")
	}
	await(t, "the letter is open", func() bool { return w.previews(r, true) > 0 })
	w.quit()
}

// previews counts those in the journal that were begun, or that have ended.
func (w *window) previews(r *Room, ended bool) (n int) {
	w.t.Helper()
	for _, e := range written(w.t, r) {
		if e.Action == "preview" && (e.Outcome != "") == ended {
			n++
		}
	}
	return n
}
