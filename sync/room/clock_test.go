//go:build long

package room

import (
	"os"
	"path/filepath"
	"testing"

	"espero-soft.com/printroom/sync/central"
	"espero-soft.com/printroom/vault/store"
)

// TestWrongClock: the station's clock is two years back, then a day ahead, then
// right again. The journal's order holds, central flags the times, and nothing is
// opened on a wrong clock's word or deleted early.
func TestWrongClock(t *testing.T) {
	r, _ := openRoom(t, Options{Letters: 2})
	r.Options.Program = deadly(t)
	w := work(t, r)
	do(t, w, "claim")
	quit(t, w)
	kept := func(when string) {
		t.Helper()
		left, err := os.ReadDir(filepath.Join(r.Data, "documents"))
		if err != nil || len(left) != 2 {
			t.Errorf("%s: %d sealed letters are left: %v", when, len(left), err)
		}
	}

	t.Setenv("PRINTROOM_CLOCK", "-17520h") // no certificate is valid yet: central can't be had
	w = work(t, r)
	fails(t, w, "print", "offline_budget")
	quit(t, w)
	kept("two years back")

	t.Setenv("PRINTROOM_CLOCK", "24h")
	w = work(t, r)
	do(t, w, "push")
	quit(t, w)
	kept("a day ahead")

	t.Setenv("PRINTROOM_CLOCK", "")
	w = work(t, r)
	eventually(t, "both letters are printed", func() bool {
		_, _ = w.Do("claim")
		_, _ = w.Do("print")
		return states(t, w)[store.DeviceDone] == 2
	})
	do(t, w, "push")
	quit(t, w)
	for _, kind := range []central.AlarmKind{central.AlarmClockBack, central.AlarmClockFar} {
		if a, open := alarmOf(t, r, kind); !open || a.Log == "" {
			t.Errorf("no alarm %s", kind)
		}
	}
	if a, open := alarmOf(t, r, central.AlarmFork); open {
		t.Errorf("%+v", a)
	}
	agree(t, r)
	out := t.TempDir()
	if err := r.Export(t.Context(), out); err != nil {
		t.Fatal(err)
	}
	if report, err := readExport(out); err != nil || !report.OK || report.Counts.ClockBack < 2 {
		t.Errorf("%+v, %v", report, err)
	}
}
