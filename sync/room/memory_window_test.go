//go:build window && memory

package room

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"espero-soft.com/printroom/vault/store"
)

// TestWindowMemory does what TestMemory does with the window, which is locked while
// it shows a letter.
func TestWindowMemory(t *testing.T) {
	r, heard := openRoom(t, Options{Letters: 4, Canary: canary})
	w := openWindow(t, r, heard)
	w.unlock("1", PIN("p1"))
	awaitWritten(t, r, "unlock p1 done", 1)
	pid := atWork(t)
	secrets := append(pinNeedles(t, r), letterNeedles(t, r)...)
	tell(t, "unlocked", search(t, pid, secrets))
	w.try("four letters are here", w.count(r, store.Ready, 4), "F5")
	for done := range 4 {
		w.try("a letter is printed", w.count(r, store.DeviceDone, done+1), "ctrl+p")
	}
	secrets = append(secrets, rasterNeedles(t, r)...)
	w.try("a letter was looked at", w.has(r, "preview p1 done"), "Escape", "Down", "Return", "Right")
	w.settle()
	shown := search(t, pid, secrets)
	tell(t, "printed, and looked at", shown)
	if !slices.ContainsFunc(shown, func(f found) bool { return strings.HasPrefix(f.form, "preview") }) {
		t.Error("no page that the window shows was found: the search is blind")
	}
	w.try("the station is locked", w.has(r, "lock p1 done"), "ctrl+l")
	var left []found
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if left = search(t, pid, secrets); len(left) == 0 {
			break
		}
	}
	tell(t, "locked", left)
	for _, f := range left {
		t.Errorf("%s is left in the locked program: %s, %s at %#x: %q", f.secret, f.form, f.kind, f.at, f.near)
	}
	w.quit()
}

// atWork is the process of the program that has the window.
func atWork(t *testing.T) int {
	t.Helper()
	for _, pid := range children(t, os.Getpid()) {
		if path, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid)); err == nil && path == program {
			return pid
		}
	}
	t.Fatal("no program is at work")
	return 0
}
