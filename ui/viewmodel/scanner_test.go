package viewmodel_test

import (
	"context"
	"testing"
	"time"

	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/viewmodel/uitest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// field is a field that the scanner stands before, with a clock that the test
// turns.
type field struct {
	*viewmodel.Scanner
	hand
	loop  *uitest.Loop
	due   chan struct{}
	text  string
	codes []string
}

func newField(t testing.TB) *field {
	f := &field{hand: hand{start}, loop: uitest.NewLoop(t, 1024), due: make(chan struct{})}
	f.Scanner = viewmodel.NewScanner(f.loop.Post, f.now, func(ctx context.Context, _ time.Duration) {
		select {
		case <-f.due:
		case <-ctx.Done():
		}
	})
	f.Scan = func(code string) { f.codes = append(f.codes, code) }
	f.Replay = f.take
	return f
}

func (f *field) take(k viewmodel.Stroke) {
	switch {
	case k.Rune != 0:
		f.text += string(k.Rune)
	case len(k.Key) > 1:
		f.text += "<" + k.Key + ">"
	}
}

// types types at a pace, as the toolkit reports it: the key, then its character.
func (f *field) types(text string, each time.Duration) {
	for _, r := range text {
		f.at = f.at.Add(each)
		if k := (viewmodel.Stroke{Key: string(r)}); !f.Key(k.Key) {
			f.take(k)
		}
		if k := (viewmodel.Stroke{Rune: r}); !f.Rune(r) {
			f.take(k)
		}
	}
}

func (f *field) press(key string) {
	if k := (viewmodel.Stroke{Key: key}); !f.Key(key) {
		f.take(k)
	}
}

// pause lets time pass without a key, until the scanner has looked.
func (f *field) pause(d time.Duration) {
	f.at = f.at.Add(d)
	f.due <- struct{}{}
	f.loop.Run(1)
}

func (f *field) check(t testing.TB, text string, codes ...string) {
	t.Helper()
	if f.text != text {
		t.Errorf("the field has %q, want %q", f.text, text)
	}
	if diff := cmp.Diff(codes, f.codes); diff != "" {
		t.Errorf("codes (-want +got):\n%s", diff)
	}
}

func TestScanReachesNoField(t *testing.T) {
	for _, each := range []time.Duration{0, 5 * time.Millisecond, 50 * time.Millisecond} {
		f := newField(t)
		f.types("B24:7QK2M9T4XW1RZ:1/3", each)
		f.press("Return")
		f.check(t, "", "B24:7QK2M9T4XW1RZ:1/3")
		f.types("7QK2M9T4XW1RZ", each)
		f.press("KP_Enter")
		f.check(t, "", "B24:7QK2M9T4XW1RZ:1/3", "7QK2M9T4XW1RZ")
		f.Close()
	}
}

// TestShiftBelongsToACode: scanners hold Shift for capitals.
func TestShiftBelongsToACode(t *testing.T) {
	f := newField(t)
	defer f.Close()
	f.press("LeftShift")
	for _, r := range "RR123456785BE" {
		f.press("LeftShift")
		f.types(string(r), time.Millisecond)
	}
	f.press("Return")
	f.check(t, "<LeftShift><LeftShift>", "RR123456785BE")
}

func TestWhatAPersonTypesArrives(t *testing.T) {
	f := newField(t)
	defer f.Close()
	f.types("standard", 0) // a paste, or keys that a busy window brings at once
	f.press("BackSpace")
	f.check(t, "standard<BackSpace>")
	f.pause(80 * time.Millisecond)
	f.types("AB", 30*time.Millisecond)
	f.check(t, "standard<BackSpace>")
	f.pause(100 * time.Millisecond)
	f.check(t, "standard<BackSpace>AB")
	f.types("CDEF", 10*time.Millisecond) // Enter too soon for a code
	f.press("Return")
	f.check(t, "standard<BackSpace>ABCDEF<Return>")
	f.press("Return")
	f.types("x y", 0)
	f.check(t, "standard<BackSpace>ABCDEF<Return><Return>x ")
}

// TestABusyWindowIsNoPause: when the window is late, what it has not seen yet
// comes before the end of the run.
func TestABusyWindowIsNoPause(t *testing.T) {
	f := newField(t)
	defer f.Close()
	f.types("7QK2M9T4XW", 5*time.Millisecond)
	f.pause(400 * time.Millisecond) // the timer was due after 80
	f.check(t, "")
	f.types("1RZ", 0)
	f.press("Return")
	f.check(t, "", "7QK2M9T4XW1RZ")
}

func TestAKeyHeldDownIsNoCode(t *testing.T) {
	f := newField(t)
	defer f.Close()
	f.types("aaaaaaaaaaaa", 30*time.Millisecond)
	f.press("Return")
	f.check(t, "aaaaaaaaaaaa<Return>")
}

// TestNobodyTypesLikeAScanner types anything at a person's pace, in a window
// that never notices a pause by itself: all of it arrives, in order.
func TestNobodyTypesLikeAScanner(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		f := newField(t)
		defer f.Close()
		text := rapid.StringMatching(`[A-Za-z0-9:/-]{1,40}`).Draw(r, "text")
		for _, c := range text {
			f.types(string(c), time.Duration(rapid.IntRange(70, 400).Draw(r, "ms"))*time.Millisecond)
		}
		f.press("Return")
		if f.text != text+"<Return>" || len(f.codes) > 0 {
			r.Errorf("%q arrived of %q, codes %q", f.text, text, f.codes)
		}
	})
}
