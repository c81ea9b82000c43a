package viewmodel_test

import (
	"testing"

	"espero-soft.com/printroom/printer/device"
	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/viewmodel/uitest"
	"espero-soft.com/printroom/vault/store"

	"github.com/google/go-cmp/cmp"
)

// real gives letters codes as they stand on paper.
func real(jobs ...station.Job) []station.Job {
	for i, sample := range uitest.Jobs(len(jobs), start) {
		jobs[i].Code = sample.Code
		if jobs[i].Attempt != "" {
			jobs[i].Attempt = sample.Code
		}
	}
	return jobs
}

func sheet(j station.Job) string {
	return postal.SheetCode{Attempt: j.Code, Sheet: 2, Sheets: 3}.String()
}

func TestScanningASheetEnvelopesItsLetter(t *testing.T) {
	jobs := real(printed("a", "b", store.DeviceDone), printed("b", "b", store.DeviceDone), printed("c", "b", store.Confirmed))
	p, s, loop := atPress(t, jobs...)
	for _, j := range jobs[1:] {
		if !p.Scan(sheet(j)) {
			t.Fatalf("%s is not taken", j.ID)
		}
		loop.Until(func() bool { return p.Scanned != nil })
		if p.Scanned.ID != j.ID || p.Selected != j.ID || p.Fault != nil {
			t.Errorf("scanned %q, chosen %q, fault %v", p.Scanned.ID, p.Selected, p.Fault)
		}
	}
	show(p, s, loop)
	if got := s.Snapshot().Jobs; got[0].State != store.DeviceDone || got[1].State != store.Enveloped || got[2].State != store.Enveloped {
		t.Errorf("after the scans: %v %v %v", got[0].State, got[1].State, got[2].State)
	}
	s.Fail("scan", &station.Fault{Code: station.JournalBroken})
	p.Scan(sheet(jobs[0]))
	loop.Until(func() bool { return p.Fault != nil })
	if p.Scanned != nil {
		t.Error("the last piece is still praised")
	}
}

// TestScanOnlyChoosesWhatNeedsALook: sheets in hand say nothing of those that
// are missing, and a letter that was taken back goes into no envelope.
func TestScanOnlyChoosesWhatNeedsALook(t *testing.T) {
	jobs := real(printed("a", "b", store.DeviceDone), printed("lost", "b", store.Uncertain),
		printed("back", "b", store.DeviceDone, takenBack), printed("gone", "", store.Dropped), job("ready", postal.Standard, 3))
	p, s, _ := atPress(t, jobs...)
	for _, i := range []int{1, 2} {
		if !p.Scan(sheet(jobs[i])) || p.Selected != jobs[i].ID {
			t.Errorf("chosen %q, not %q", p.Selected, jobs[i].ID)
		}
	}
	if p.Scan(sheet(jobs[3])) || p.Scan(string(jobs[4].Code)) || p.Scan("5412345678908") {
		t.Error("a code that is none of this screen's was taken")
	}
	if got := s.Snapshot().Jobs; got[1].State != store.Uncertain || got[2].State != store.DeviceDone {
		t.Errorf("a scan decided: %v %v", got[1].State, got[2].State)
	}
}

// running is a press at which the first letters of a batch are printed; the
// printer waits for the test to go on.
func running(t *testing.T) (*viewmodel.Press, *uitest.Station, *uitest.Loop) {
	jobs := real(printed("a", "b-1", store.DeviceDone), printed("b", "b-1", store.Sent), printed("c", "b-1", store.Ready))
	jobs[2].Attempt = ""
	p, s, loop := atPress(t, jobs...)
	s.Change(func(c *station.Snapshot) {
		c.Batch = &station.Batch{ID: "b-1", Total: 3, Done: 1, Current: jobs[1].Attempt, Sides: 4, Impressions: 1}
	})
	show(p, s, loop)
	return p, s, loop
}

func TestCancellingALetterIsAskedFirst(t *testing.T) {
	p, s, loop := running(t)
	p.Call()
	if p.Calling {
		t.Fatal("it was called off without a question")
	}
	p.AskCall()
	p.LeaveCall()
	p.Call()
	if p.Calling {
		t.Fatal("it was called off although somebody let it print")
	}
	p.AskCall()
	p.Call()
	loop.Until(func() bool { return !p.Calling })
	s.Change(func(c *station.Snapshot) { c.Batch = nil })
	show(p, s, loop)
	if s.Snapshot().Jobs[1].State != store.Uncertain || p.Pile.Kind != viewmodel.PileUncertain {
		t.Errorf("the letter is %s, in sight is %v", s.Snapshot().Jobs[1].State, p.Pile)
	}
}

// TestCancellingIsOfOneLetter: the question goes when the printer has gone on
// to the next.
func TestCancellingIsOfOneLetter(t *testing.T) {
	p, s, loop := running(t)
	p.AskCall()
	s.Change(func(c *station.Snapshot) { c.Batch = &station.Batch{ID: "b-1", Total: 3, Done: 2, Current: "next"} })
	show(p, s, loop)
	if p.CallOff != "" {
		t.Errorf("it still asks about %s", p.CallOff)
	}
}

func TestStopAndGoOn(t *testing.T) {
	p, s, loop := running(t)
	p.GoOn()
	if p.Starting {
		t.Fatal("a second batch was begun")
	}
	p.Stop()
	show(p, s, loop)
	if !p.Batch.Stopping || p.CanStop() {
		t.Errorf("the batch does not stop: %+v", p.Batch)
	}
	s.Change(func(c *station.Snapshot) {
		c.Batch = nil
		c.Jobs[1].State = store.DeviceDone
	})
	show(p, s, loop)
	p.GoOn()
	p.GoOn()
	loop.Until(func() bool { return !p.Starting })
	if diff := cmp.Diff([][]string{{"c"}}, s.Printed()); diff != "" {
		t.Errorf("printed (-want +got):\n%s", diff)
	}
}

func TestNothingGoesOnWithoutDecryption(t *testing.T) {
	p, s, loop := atPress(t, printed("a", "b", store.Ready))
	s.Change(func(c *station.Snapshot) { c.NoDecryption = station.JournalBroken })
	show(p, s, loop)
	if p.GoOn(); p.Starting {
		t.Error("it asked the station all the same")
	}
}

// TestLockForgetsThePress proves that a lock leaves nothing, not even by an
// answer that comes late.
func TestLockForgetsThePress(t *testing.T) {
	p, s, loop := second(t)
	p.Ask.Consent.Choose(0)
	pin := []byte("1111")
	p.Approve(pin)
	p.Show(station.Snapshot{Jobs: s.Snapshot().Jobs})
	loop.Until(func() bool { return !p.Deciding && loop.Waiting() == 0 })
	p.Close()
	if p.Ask != nil || len(p.Piles) != 0 || len(p.Rows) != 0 || p.Selected != "" || p.Fault != nil || p.Ready || pin[0] != 0 {
		t.Errorf("something stayed: %+v, PIN %q", p, pin)
	}
}

func TestPrinterTrouble(t *testing.T) {
	p, s, loop := atPress(t)
	s.Change(func(c *station.Snapshot) {
		c.Printer = station.LampBad
		c.LastFault = &station.Fault{Code: station.CentralDown}
	})
	show(p, s, loop)
	if p.Trouble == nil || p.Trouble.Code != station.PrinterOff || p.Printer.Name != "HP-A" {
		t.Errorf("trouble %v of %+v", p.Trouble, p.Printer)
	}
	s.Change(func(c *station.Snapshot) {
		c.Printers = []station.Printer{{ID: "1", Name: "HP-A"},
			{ID: "2", Name: "HP-B", Chosen: true, Lamp: station.LampBad, Reasons: []string{device.MediaEmpty}}}
	})
	show(p, s, loop)
	if p.Trouble != nil || p.Printer.Name != "HP-B" || p.PrinterName("1") != "HP-A" || p.PrinterName("gone") != "HP-B" {
		t.Errorf("trouble %v of %+v", p.Trouble, p.Printer)
	}
}

func TestHeldLettersCanBeTriedAgain(t *testing.T) {
	hold := func(c station.FaultCode, paper bool) func(*station.Job) {
		return func(j *station.Job) { j.State, j.Hold, j.Paper = store.Held, c, paper }
	}
	p, s, loop := atPress(t, job("bad", postal.Standard, 1, hold(station.PageCount, false)), job("paper", postal.Standard, 2, hold(station.PageCount, true)))
	if p.Pile.Kind != viewmodel.PileHeld || p.Selected != "paper" {
		t.Fatalf("in sight %v, chosen %q", p.Pile, p.Selected)
	}
	if p.Retry(); p.Deciding || !p.Can(station.VerdictPull) {
		t.Fatal("a letter that is on paper is tried again, not pulled")
	}
	p.Select("bad")
	p.Retry()
	p.Retry()
	loop.Until(func() bool { return !p.Deciding })
	show(p, s, loop)
	if p.Fault != nil || s.Snapshot().Jobs[0].State != store.Ready || p.Selected != "paper" {
		t.Errorf("fault %v, the letter is %s, chosen %q", p.Fault, s.Snapshot().Jobs[0].State, p.Selected)
	}
}
