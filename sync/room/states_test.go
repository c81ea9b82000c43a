//go:build long

package room

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"espero-soft.com/printroom/vault/store"
)

// deadly builds the program that ends by SIGKILL at a state; see edge_killpoints.go.
func deadly(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "printroom")
	build := exec.Command("go", "build", "-tags", "migrated_fynedo,killpoints", "-o", path, "espero-soft.com/printroom")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestKilledInEachState ends the program with SIGKILL as soon as a state is on
// disk, with a real printer, starts it again, and works the letter to its end:
// nothing is lost, nothing is mailed twice, and nothing that may be on paper is
// printed again without a person's word.
func TestKilledInEachState(t *testing.T) {
	dies := deadly(t)
	for at, after := range map[store.State]store.State{
		store.Intent:     store.Ready,
		store.Created:    store.Ready,
		store.Sending:    store.Uncertain,
		store.Sent:       store.DeviceDone,
		store.DeviceDone: store.DeviceDone,
		store.Confirmed:  store.Enveloped,
		store.Enveloped:  store.Enveloped,
	} {
		t.Run(string(at), func(t *testing.T) {
			r, _ := openRoom(t, Options{Letters: 1})
			r.Options.Program = dies
			t.Setenv("PRINTROOM_KILL_AT", string(at))
			until(t, r)
			t.Setenv("PRINTROOM_KILL_AT", "")
			w := work(t, r)
			awaitState(t, w, after)
			finish(t, r, w, after)
			balanced(t, r)
		})
	}
}

// until works until the program dies.
func until(t *testing.T, r *Room) {
	t.Helper()
	w := work(t, r)
	for _, instruction := range []string{"claim", "print"} {
		if _, err := w.Do("%s", instruction); err != nil {
			_ = w.Kill()
			return
		}
	}
	if _, err := w.Do("%s", paper(t, r)); err == nil {
		_, err = w.Do("push")
		if err == nil {
			t.Fatal("the program did not die")
		}
	}
	_ = w.Kill()
}

// paper is the code of the one piece that came out.
func paper(t *testing.T, r *Room) string {
	t.Helper()
	pieces, err := r.Pieces(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	whole := ""
	for _, p := range pieces {
		if p.Whole {
			if whole != "" {
				t.Fatalf("two whole pieces came out: %+v", pieces)
			}
			whole = string(p.Attempt)
		}
	}
	if whole == "" {
		t.Fatalf("no whole piece came out: %+v", pieces)
	}
	return whole
}

// finish works the one letter from a state to a deposit.
func finish(t *testing.T, r *Room, w *Worker, from store.State) {
	t.Helper()
	if from == store.Uncertain {
		do(t, w, "print") // prints nothing: that is a person's to say
		if n := len(r.Printer.Printed()); n != 0 {
			t.Fatalf("%d jobs came out without a person's word", n)
		}
		a := do(t, w, "status").Jobs[0]
		do(t, w, "reprint %s lost destroyed", a.Attempt)
		from = store.Ready
	}
	if from == store.Ready {
		do(t, w, "print")
		from = store.DeviceDone
	}
	if from == store.DeviceDone {
		do(t, w, "%s", paper(t, r))
	}
	do(t, w, "push")
	awaitState(t, w, store.Enveloped)
	if a := do(t, w, "deposit %s", t.TempDir()); a.Pieces != 1 {
		t.Errorf("the deposit has %d pieces", a.Pieces)
	}
	do(t, w, "push")
	quit(t, w)
}

// balanced counts what became of the one letter, and checks the journal.
func balanced(t *testing.T, r *Room) {
	t.Helper()
	out := t.TempDir()
	if err := r.Export(t.Context(), out); err != nil {
		t.Fatal(err)
	}
	c, err := r.Count(t.Context(), out)
	if err != nil {
		t.Fatal(err)
	}
	if c.Ledger.DroppedOff != 1 || c.Lost() != 0 || c.Duplicated() != 0 || !c.Journal.OK || c.Signed != c.Held || c.Agreed != c.Journal.Entries {
		t.Errorf("%s", c)
	}
	paper(t, r)
}
