package viewmodel

import (
	"testing"
	"time"
)

// TestPreparingTellsItsEnd: not before it can be known, and without what was
// done the time before.
func TestPreparingTellsItsEnd(t *testing.T) {
	at := time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)
	var p Preparing
	if p.Active() || p.Share() != 0 {
		t.Errorf("nothing is %+v", p)
	}
	for _, c := range []struct {
		after time.Duration
		done  int64
		left  time.Duration
	}{
		{0, 5_000_000, 0}, {time.Second, 5_200_000, 0}, {4 * time.Second, 6_000_000, 16 * time.Second},
		{10 * time.Second, 7_500_000, 10 * time.Second}, {20 * time.Second, 10_000_000, 0},
	} {
		if p = p.next(c.done, 10_000_000, at.Add(c.after)); p.Left.Round(time.Second) != c.left {
			t.Errorf("after %v: %v left, want %v", c.after, p.Left, c.left)
		}
	}
	if p.Active() || p.Share() != 1 {
		t.Errorf("at its end it is %+v", p)
	}
}

// TestPreparingGoesOn: how long it was stopped is no part of how fast it goes.
func TestPreparingGoesOn(t *testing.T) {
	at := time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)
	var p Preparing
	p = p.next(0, 1000, at).next(500, 1000, at.Add(5*time.Second)).again()
	if p.Done != 500 || p.Left != 0 {
		t.Errorf("after the stop it is %+v", p)
	}
	at = at.Add(time.Hour)
	if p = p.next(500, 1000, at).next(750, 1000, at.Add(3*time.Second)); p.Left != 3*time.Second {
		t.Errorf("%v left", p.Left)
	}
}
