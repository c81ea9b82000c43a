package room

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"espero-soft.com/printroom/vault/store"
)

// TestOldDiskImage: a letter is erased on central's order. Whoever has an image
// of the disk from before, the same TPM and the right PIN opens it no more; the
// letter beside it is printed as if nothing had been.
func TestOldDiskImage(t *testing.T) {
	r, _ := openRoom(t, Options{Letters: 2})
	w := work(t, r)
	do(t, w, "claim")
	quit(t, w)
	image := filepath.Join(t.TempDir(), "image")
	if err := errors.Join(os.CopyFS(image, os.DirFS(r.Data)), os.Chmod(image, 0o700)); err != nil {
		t.Fatal(err)
	}

	w = work(t, r)
	jobs := do(t, w, "status").Jobs
	if err := r.Central.Erase(t.Context(), jobs[0].Job); err != nil {
		t.Fatal(err)
	}
	awaitErased(t, w, jobs[0].Job)
	do(t, w, "print")
	if got := states(t, w); got[store.DeviceDone] != 1 {
		t.Errorf("%v, want the other letter printed", got)
	}
	quit(t, w)
	if n := len(r.Printer.Printed()); n != 1 {
		t.Fatalf("%d letters came out, want 1", n)
	}

	if err := r.StopCentral(); err != nil {
		t.Fatal(err)
	}
	now := r.Data + ".now"
	if err := os.Rename(r.Data, now); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(image, r.Data); err != nil {
		t.Fatal(err)
	}
	if w, err := r.Work(t.Context(), "p1", PIN("p1")); err == nil {
		_, _ = w.Do("print")
		_, _ = w.Do("print")
		quit(t, w)
	}
	if n := len(r.Printer.Printed()); n != 1 {
		t.Errorf("%d letters came out: the image of before opened an erased one", n)
	}
}

// awaitErased waits until the station's letter has no keys any more.
func awaitErased(t *testing.T, w *Worker, job string) {
	t.Helper()
	eventually(t, "the order to erase is followed", func() bool {
		jobs := do(t, w, "status").Jobs
		for _, j := range jobs {
			if j.Job == job && j.State == string(store.Held) {
				return true
			}
		}
		return len(jobs) == 1
	})
}
