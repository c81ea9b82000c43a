package viewmodel_test

import (
	"testing"
	"time"

	"espero-soft.com/printroom/printer/device"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/viewmodel/uitest"
)

// furnished is a room whose screen somebody of a role has opened.
func furnished(t *testing.T, role string) (*viewmodel.Room, *uitest.Station, *uitest.Loop) {
	t.Helper()
	ui := uitest.NewLoop(t, 100)
	s := uitest.NewStation(uitest.People(), nil)
	s.Furnish(time.Now())
	s.Change(func(c *station.Snapshot) { c.Person = &station.Person{Pseudonym: "p-9", Name: "Sam", Role: role} })
	r := viewmodel.NewRoom(s, ui.Post, time.Now)
	t.Cleanup(r.Close)
	r.Show(s.Snapshot())
	ui.Until(func() bool { return r.About != nil })
	return r, s, ui
}

const ricoh = "8f14e45f-ceea-467f-a8d1-1b2c3d4e5f60"

// settle runs what an act brought and shows the snapshot after it.
func settle(r *viewmodel.Room, s *uitest.Station, ui *uitest.Loop, done func() bool) {
	ui.Until(done)
	r.Show(s.Snapshot())
}

func TestRoomSetsAPrinterUp(t *testing.T) {
	r, s, ui := furnished(t, "admin")
	r.Look()
	if !r.Looking || r.CanLook() {
		t.Error("it does not look, or would twice")
	}
	ui.Until(func() bool { return r.Looked })
	if len(r.Found) != 3 || r.Looking || !r.Known(r.Found[2].URI) || r.Known(r.Found[1].URI) {
		t.Errorf("found %+v", r.Found)
	}
	if r.CanAdd() {
		t.Error("a printer that nobody compared can be added")
	}
	r.SetUp(r.Found[1])
	ui.Until(func() bool { return r.Probe != nil })
	if r.Name != "Press C" || !r.CanAdd() || r.Lacks() != "" {
		t.Errorf("%q, lacks %q", r.Name, r.Lacks())
	}
	r.Title("Press C, ground floor")
	pin := r.Probe.Pin
	r.Add()
	settle(r, s, ui, func() bool { return !r.Adding })
	if p := r.Printers[len(r.Printers)-1]; len(r.Printers) != 3 || p.Name != "Press C, ground floor" || p.Pin != pin || r.Probe != nil || r.Address != "" {
		t.Errorf("set up %+v", p)
	}
}

// Another address than the one that was compared is never set up with its pin.
func TestRoomForgetsWhatAnotherAddressShowed(t *testing.T) {
	r, _, ui := furnished(t, "admin")
	r.Type("ipps://a.local/ipp/print")
	r.Ask()
	ui.Until(func() bool { return r.Probe != nil })
	r.Type("ipps://b.local/ipp/print")
	if r.Probe != nil || r.CanAdd() {
		t.Error("what the first address showed stands for the second")
	}
	r.Ask()
	r.Type("ipps://c.local/ipp/print") // the answer for b is late
	ui.Run(1)
	if r.Probe != nil || r.CanAdd() {
		t.Error("a late answer is taken for the new address")
	}
	r.Refuse()
	if r.Address != "" || r.CanAsk() {
		t.Error("refusing leaves the address")
	}
}

func TestRoomRefusesAPrinterThatCantPrintLetters(t *testing.T) {
	r, s, ui := furnished(t, "admin")
	s.Change(func(c *station.Snapshot) {
		c.Printers = append([]station.Printer(nil), c.Printers...)
		c.Printers[1].Can = &device.Capabilities{Formats: []string{device.FormatPDF}}
	})
	r.Show(s.Snapshot())
	r.Type("ipps://a.local/ipp/print")
	r.Ask()
	ui.Until(func() bool { return r.Probe != nil })
	if r.Lacks() != "document-format" || r.CanAdd() {
		t.Errorf("lacks %q, can be added: %v", r.Lacks(), r.CanAdd())
	}
}

func TestRoomRemovesAndBringsBack(t *testing.T) {
	r, s, ui := furnished(t, "admin")
	r.Remove(station.FixedPrinter)
	if r.Removing != "" || r.CanRemove(station.FixedPrinter) {
		t.Error("the settings' printer can be removed")
	}
	r.Remove(ricoh)
	r.Remove("")
	r.Confirm()
	if len(r.Busy) > 0 {
		t.Error("a question taken back is acted on")
	}
	r.Remove(ricoh)
	pin := r.Printer(ricoh).Pin
	r.Confirm()
	if r.Busy[ricoh] != viewmodel.DoingRemove {
		t.Errorf("busy with %v", r.Busy)
	}
	settle(r, s, ui, func() bool { return r.Removed != nil })
	if r.Printer(ricoh) != nil || r.Removed.Name != "Ricoh" {
		t.Errorf("removed %+v", r.Removed)
	}
	r.Undo()
	settle(r, s, ui, func() bool { return len(s.Snapshot().Printers) == 2 })
	if p := r.Printer(ricoh); p == nil || p.Pin != pin || r.Removed != nil {
		t.Errorf("brought back %+v", p)
	}
	s.Fail("remove", &station.Fault{Code: station.InUse})
	r.Remove(ricoh)
	r.Confirm()
	ui.Until(func() bool { return r.Fault != nil })
	if r.Fault.Code != station.InUse || r.Removed != nil {
		t.Errorf("%v, removed %v", r.Fault, r.Removed)
	}
}

func TestRoomChoosesAndTests(t *testing.T) {
	r, s, ui := furnished(t, "admin")
	r.Choose(ricoh)
	settle(r, s, ui, func() bool { return s.Snapshot().PrinterName == "Ricoh" && len(r.Busy) == 0 })
	if !r.Printer(ricoh).Chosen {
		t.Error("it is not chosen")
	}
	r.Test(ricoh)
	if r.CanTest(ricoh) || r.CanTest(station.FixedPrinter) {
		t.Error("two test sheets at once")
	}
	settle(r, s, ui, func() bool { return r.Told == ricoh })
	if r.Printer(ricoh).TestedAt.IsZero() || !r.CanTest(ricoh) {
		t.Error("no test sheet is remembered")
	}
	s.Change(func(c *station.Snapshot) { c.Batch = &station.Batch{Printer: ricoh, Total: 1} })
	r.Show(s.Snapshot())
	if r.CanTest(station.FixedPrinter) || r.CanRemove(ricoh) || r.Working != ricoh {
		t.Error("a batch keeps nothing out of its way")
	}
}

func TestRoomByRole(t *testing.T) {
	for role, choose := range map[string]bool{"operator": true, "supervisor": false} {
		r, s, ui := furnished(t, role)
		if r.Admin() || r.MayChoose() != choose || r.CanLook() || r.CanTest(ricoh) || r.CanRemove(ricoh) {
			t.Errorf("an %s may do what is not theirs", role)
		}
		r.Look()
		r.Type("ipps://a.local/ipp/print")
		r.Ask()
		r.Test(ricoh)
		r.Remove(ricoh)
		r.Confirm()
		r.Undo()
		r.Choose(ricoh)
		if choose {
			settle(r, s, ui, func() bool { return len(r.Busy) == 0 })
		}
		if got := s.Snapshot().PrinterName == "Ricoh"; got != choose || len(s.Snapshot().Printers) != 2 {
			t.Errorf("an %s chose: %v", role, got)
		}
	}
}

// Nothing of the room stays on a locked screen, and what comes late is dropped.
func TestRoomForgetsAtTheLock(t *testing.T) {
	r, s, ui := furnished(t, "admin")
	r.Go(viewmodel.SectionPeople)
	r.Type("ipps://a.local/ipp/print")
	r.Ask()
	r.Read()
	s.Change(func(c *station.Snapshot) { c.Person = nil })
	r.Show(s.Snapshot())
	for range 2 {
		ui.Run(1)
	}
	if r.Person != nil || r.About != nil || r.Probe != nil || r.Address != "" || r.Section != viewmodel.SectionPrinters || r.Fault != nil || len(r.Printers) > 0 {
		t.Errorf("left %+v", r)
	}
}

func TestRoomReadsAnewInEachSection(t *testing.T) {
	r, s, ui := furnished(t, "operator")
	s.Fail("about", &station.Fault{Code: station.DiskFull})
	r.Go(viewmodel.SectionDiagnostics)
	ui.Until(func() bool { return r.Fault != nil })
	if r.Fault.Code != station.DiskFull || r.About == nil || r.Reading {
		t.Errorf("%v; what was known is gone: %v", r.Fault, r.About == nil)
	}
	r.Dismiss()
	r.Go("nowhere")
	if r.Fault != nil || r.Section != viewmodel.SectionDiagnostics {
		t.Errorf("in section %q", r.Section)
	}
}
