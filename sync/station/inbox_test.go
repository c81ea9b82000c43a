package station

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"espero-soft.com/printroom/printer/receipt"
	"espero-soft.com/printroom/vault/journal"
)

// TestOriginalThatStays: a folder that nothing can be removed from, a share of
// the scanner's say, gets its entry in the journal once, not at every look.
func TestOriginalThatStays(t *testing.T) {
	r := newRoom(t)
	d := r.dropped(r.pay("PAGES 2"))
	dir := t.TempDir()
	path, data := filepath.Join(dir, "scan.png"), r.png(r.sheet(d.Number))
	r.check(os.WriteFile(path, data, 0o600))
	_, err := r.KeepReceipt(t.Context(), d.Number, Capture{File: data}, ByHand{})
	r.check(err)
	r.acknowledgeAll()
	tried := 0
	w := &watcher{station: r.Station, folder: dir, seen: map[string]sighting{}, delete: func(string) error {
		tried++
		return fs.ErrPermission
	}}
	before := r.journal.Size()
	for range 5 {
		w.look(t.Context())
	}
	rows, err := r.journal.List(t.Context(), journal.Filter{Action: journal.ActionPurge}, 0, 10)
	r.check(err)
	if n := r.journal.Size() - before; n != 2 || tried != 1 || len(rows) != 2 || rows[0].Outcome != journal.OutcomeFailed {
		t.Errorf("%d entries for %d tries: %+v", n, tried, rows)
	}
	if n := len(r.Snapshot().Inbox.Files); n != 0 {
		t.Errorf("%d files are shown although their receipt is kept", n)
	}
}

// TestHugeFilesAreNotRead: what can't be a receipt is not read at every look.
func TestHugeFilesAreNotRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "scan.png")
	if err := os.WriteFile(path, []byte("it became small"), 0o600); err != nil {
		t.Fatal(err)
	}
	if digestOf(Incoming{Path: path, Size: receipt.MaxBytes + 1}) != "" {
		t.Error("it was read")
	}
	if digestOf(Incoming{Path: path, Size: 15}) == "" {
		t.Error("a small one has no digest")
	}
}
