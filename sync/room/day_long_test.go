//go:build long

package room

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestWholeDay is the day of the demo room: four products, a jam, a customer who
// takes a letter back while it is printed, a connection that breaks in
// mid-letter, and three letters that can't be mailed.
func TestWholeDay(t *testing.T) {
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	r, _ := openRoom(t, Options{Letters: WholeDay, WholeDay: true, Canary: canary})
	out := t.TempDir()
	if err := (&Day{Room: r, Out: out, Log: io.Discard}).Work(t.Context()); err != nil {
		t.Fatal(err)
	}
	count, err := r.Count(t.Context(), out)
	if err != nil {
		t.Fatal(err)
	}
	if err := count.Check(); err != nil {
		t.Error(err)
	}
	const want = "demo: 12 paid, 9 printed, 8 dropped off, 3 rejected, 1 cancelled, 0 lost, 0 duplicated; journal: "
	if got := count.String(); !strings.HasPrefix(got, want) || !strings.HasSuffix(got, " entries, verified, countersigned, the same at central") {
		t.Errorf("got  %s\nwant %s…", got, want)
	}
	again := 0
	for _, j := range count.Ledger.Jobs {
		if j.Attempts > 1 {
			again++
		}
	}
	if again != 1 {
		t.Errorf("%d letters were printed again, want the one that was cut", again)
	}
	noCanary(t, r, temporary)
	fullLog(t, r)

	// A customer who has everything erased: what is here of the letters is gone.
	for _, j := range count.Ledger.Jobs {
		if err := r.Central.Erase(t.Context(), j.ID); err != nil {
			t.Fatal(err)
		}
	}
	w := work(t, r)
	documents := filepath.Join(r.Data, "documents")
	for end := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		left, err := os.ReadDir(documents)
		if err != nil {
			t.Fatal(err)
		}
		if len(left) == 0 {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("%d sealed letters are left after all were erased", len(left))
		}
	}
	noCanary(t, r, temporary)
	quit(t, w)
}
