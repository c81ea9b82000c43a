package viewmodel_test

import (
	"testing"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/viewmodel/uitest"
)

func TestChangePIN(t *testing.T) {
	s := uitest.NewStation(uitest.People(), nil)
	loop := uitest.NewLoop(t, 16)
	c := viewmodel.NewChangePIN(s, loop.Post)
	t.Cleanup(c.Close)
	change := func(old, first, second string) {
		t.Helper()
		a, b, d := []byte(old), []byte(first), []byte(second)
		c.Submit(a, b, d)
		loop.Until(func() bool { return !c.Busy })
		for _, x := range append(append(a, b...), d...) {
			if x != 0 {
				t.Errorf("%q %q %q stay in memory", a, b, d)
			}
		}
	}
	change("2468", fresh, fresh)
	if c.Done || c.Fault != nil {
		t.Error("a PIN was changed with nobody there")
	}
	s.Change(func(n *station.Snapshot) { n.Person = &s.Staff[0] })
	c.Show(s.Snapshot())
	for _, k := range []struct {
		old, first, second string
		want               viewmodel.Slip
	}{
		{"", fresh, fresh, viewmodel.SlipOld}, {"2468", "12", "12", viewmodel.SlipShort}, {"2468", fresh, "", viewmodel.SlipUnequal},
		{fresh, fresh, fresh, viewmodel.SlipKept},
	} {
		if change(k.old, k.first, k.second); c.Slip != k.want || c.Done {
			t.Errorf("%+v: %q", k, c.Slip)
		}
	}
	change("1111", fresh, fresh)
	if c.Fault == nil || c.Fault.Code != station.WrongPIN || c.Tries != 4 || c.Done {
		t.Errorf("a wrong old PIN: %v, %d tries", c.Fault, c.Tries)
	}
	change("2468", fresh, fresh)
	if !c.Done || c.Fault != nil {
		t.Fatalf("it is not changed: %v", c.Fault)
	}
	if err := s.Unlock(t.Context(), "p-1", []byte(fresh)); err != nil {
		t.Error(err)
	}
	if err := s.Unlock(t.Context(), "p-1", []byte("2468")); err == nil {
		t.Error("the old PIN still works")
	}
	s.Change(func(n *station.Snapshot) { n.Person = &s.Staff[1] })
	if c.Show(s.Snapshot()); c.Done {
		t.Error("the next person is told of it")
	}
}
