package doctor

import (
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestSwaps(t *testing.T) {
	head := "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"
	for text, want := range map[string]Level{head: OK, "": OK, head + "/swap.img  file 2097148 0 -2\n": Warn} {
		e := some(time.Now())
		e.swaps([]byte(text))
		if got := e.only(t); got.Level != want {
			t.Errorf("%q: %+v", text, got)
		}
	}
}

func TestCoreDumps(t *testing.T) {
	e := some(time.Now())
	e.coreDumps()
	if got := e.only(t); got.Level != OK {
		t.Errorf("%+v", got)
	}
	noError(t, unix.Prctl(unix.PR_SET_DUMPABLE, 1, 0, 0, 0))
	defer func() { noError(t, unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0)) }()
	e = some(time.Now())
	e.coreDumps()
	if got := e.only(t); got.Level != Bad {
		t.Errorf("%+v", got)
	}
}
