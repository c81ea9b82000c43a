package viewmodel_test

import (
	"testing"
	"time"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/viewmodel/uitest"
)

// door is the unlock screen of a station in which Luc has no PIN and Greta's is
// blocked.
func door(t *testing.T) (*viewmodel.Unlock, *uitest.Station, *uitest.Loop) {
	t.Helper()
	s := uitest.NewStation(uitest.People(), nil)
	s.Staff[1].PIN, s.Staff[2].PIN = station.PINIsUnset, station.PINIsBlocked
	loop := uitest.NewLoop(t, 64)
	u := viewmodel.NewUnlock(s, loop.Post, func() time.Time { return start })
	t.Cleanup(u.Close)
	u.Show(s.Snapshot())
	loop.Until(func() bool { return len(u.People) == 4 })
	return u, s, loop
}

// give types a code and a PIN twice, and returns what is left of the PINs.
func give(u *viewmodel.Unlock, code, first, second string) string {
	a, b := []byte(first), []byte(second)
	u.SetPIN(code, a, b)
	return string(a) + string(b)
}

const fresh = "730518"

func TestFirstPIN(t *testing.T) {
	u, s, loop := door(t)
	u.Choose(1)
	if u.New == nil || u.New.Blocked() || u.Ready() || u.New.Least != 6 {
		t.Fatalf("somebody without a PIN is asked for %+v", u.New)
	}
	early := []byte(fresh)
	if u.Submit(early); u.Busy || early[0] != 0 {
		t.Error("a PIN was shown that nobody has set, or stayed in memory")
	}
	first, second := []byte(fresh), []byte(fresh)
	u.SetPIN(" 7qk2m-9t4 xw ", first, second)
	if !u.New.Busy {
		t.Fatal("nobody was asked")
	}
	u.Choose(0)
	if u.Chosen != 1 {
		t.Error("another person was chosen while central is asked")
	}
	loop.Until(func() bool { return s.Snapshot().Person != nil })
	loop.Until(func() bool { return u.New == nil })
	if s.Snapshot().Person.Pseudonym != "p-2" || u.Fault != nil || first[0]|second[5] != 0 {
		t.Errorf("at work is %+v, fault %v, PINs left %q %q", s.Snapshot().Person, u.Fault, first, second)
	}
}

func TestNewPINRefused(t *testing.T) {
	u, s, loop := door(t)
	u.Choose(2)
	if u.New == nil || !u.New.Blocked() {
		t.Fatalf("a blocked person is asked for %+v", u.New)
	}
	for _, c := range []struct {
		code, first, second string
		want                viewmodel.Slip
	}{
		{"", fresh, fresh, viewmodel.SlipCode},
		{" - ", fresh, fresh, viewmodel.SlipCode},
		{uitest.Code, "73051", "73051", viewmodel.SlipShort},
		{uitest.Code, "", "", viewmodel.SlipShort},
		{uitest.Code, "777777", "777777", viewmodel.SlipAlike},
		{uitest.Code, "123456", "123456", viewmodel.SlipRun},
		{uitest.Code, "987654", "987654", viewmodel.SlipRun},
		{uitest.Code, fresh, "730519", viewmodel.SlipUnequal},
		{uitest.Code, fresh, "", viewmodel.SlipUnequal},
	} {
		left := give(u, c.code, c.first, c.second)
		if u.New.Slip != c.want || u.New.Busy {
			t.Errorf("%q %q %q: %q, want %q", c.code, c.first, c.second, u.New.Slip, c.want)
		}
		for _, b := range []byte(left) {
			if b != 0 {
				t.Errorf("%q stays in memory", left)
			}
		}
	}
	give(u, "WRONG", fresh, fresh)
	loop.Until(func() bool { return !u.New.Busy })
	if u.New.Fault == nil || u.New.Fault.Code != station.PINCode || u.New.Slip != "" || u.Chosen != 2 {
		t.Fatalf("a wrong code: %+v", u.New)
	}
	s.Change(func(c *station.Snapshot) { c.Policy.MinPIN = 8 })
	u.Show(s.Snapshot())
	if !u.Back() || u.Back() || u.Person() != nil {
		t.Error("back from a new PIN does not lead to the people")
	}
	u.Choose(2)
	if give(u, uitest.Code, fresh, fresh); u.New.Slip != viewmodel.SlipShort || u.New.Least != 8 {
		t.Errorf("a newer policy is not heard: %+v", u.New)
	}
}

func TestForgottenPIN(t *testing.T) {
	u, s, loop := door(t)
	u.Forgot()
	if u.New != nil {
		t.Error("nobody has forgotten a PIN")
	}
	u.Choose(0)
	u.Forgot()
	if u.New == nil || !u.New.Forgotten {
		t.Fatalf("asked for %+v", u.New)
	}
	if !u.Back() || u.Chosen != 0 || !u.Ready() {
		t.Error("back does not lead to the PIN")
	}
	u.Forgot()
	give(u, uitest.Code, fresh, fresh)
	loop.Until(func() bool { return u.New == nil })
	if s.Snapshot().Person == nil {
		t.Error("the new PIN does not unlock")
	}
}

// TestTriesAreTold: after each wrong PIN how many are left, and after the last
// one what to do.
func TestTriesAreTold(t *testing.T) {
	u, _, loop := door(t)
	u.Choose(3)
	for left := 4; left > 0; left-- {
		u.Submit([]byte("000000"))
		loop.Until(func() bool { return !u.Busy })
		if u.Tries() != left || u.New != nil || u.Chosen != 3 {
			t.Fatalf("%d tries, want %d; chosen %d", u.Tries(), left, u.Chosen)
		}
	}
	u.Submit([]byte("000000"))
	loop.Until(func() bool { return !u.Busy })
	if u.New == nil || !u.New.Blocked() || u.Tries() != -1 {
		t.Errorf("after five: %+v, %d tries", u.New, u.Tries())
	}
}

func TestBadges(t *testing.T) {
	u, _, loop := door(t)
	u.Scan("B24P:p-4")
	if u.Chosen != 3 || !u.Ready() || u.Unknown {
		t.Errorf("a badge chose %d", u.Chosen)
	}
	u.Scan("B24P:p-2")
	if u.Chosen != 1 || u.New == nil {
		t.Errorf("the badge of somebody without a PIN chose %d", u.Chosen)
	}
	u.Scan("B24P:stranger")
	if u.Chosen != 1 || !u.Unknown {
		t.Error("a stranger's badge is not told")
	}
	u.Scan("246810")
	if !u.NotTyped || u.Unknown || u.Busy {
		t.Error("a scanned PIN is not refused")
	}
	u.Choose(0)
	if u.NotTyped || u.Unknown {
		t.Error("what was scanned is still told")
	}
	u.Submit([]byte("000000"))
	u.Scan("B24P:p-4")
	if u.Chosen != 0 {
		t.Error("a badge came between a PIN and its answer")
	}
	loop.Until(func() bool { return !u.Busy })
	for _, c := range []string{"B24P:", "b24p:p-1", "p-1", "B24:X"} {
		if _, ok := viewmodel.BadgeOf(c); ok {
			t.Errorf("%q is no badge", c)
		}
	}
}

func TestCodesInGroups(t *testing.T) {
	for _, c := range [][2]string{
		{"", ""}, {"7qk2m", "7QK2M"}, {"7qk2m ", "7QK2M"}, {"7qk2m9", "7QK2M-9"}, {"7QK2-M9T4–xw", "7QK2M-9T4XW"}, {"7 q\tk", "7QK"},
	} {
		if got := viewmodel.GroupCode(c[0]); got != c[1] || viewmodel.GroupCode(got) != got {
			t.Errorf("%q is written %q, want %q", c[0], got, c[1])
		}
	}
	if got := viewmodel.CodeOf("7QK2M-9T4XW"); got != uitest.Code {
		t.Errorf("the code is %q", got)
	}
}
