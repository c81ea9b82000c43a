package station

import (
	"testing"

	"espero-soft.com/printroom/printer/device"
	"espero-soft.com/printroom/printer/ipp"
	"espero-soft.com/printroom/vault/store"
)

// TestEmptyJobOfAnUncertainLetter: the connection broke before the printer had
// anything; it waits for data that never come, and takes no other letter
// meanwhile. The next batch cancels that job, and the letter stays UNCERTAIN.
func TestEmptyJobOfAnUncertainLetter(t *testing.T) {
	r := newRoom(t)
	ids := r.pay("PAGES 2", "PAGES 2")
	r.printer.sendErr = ipp.ErrInterrupted
	wantFault(t, r.PrintBatch(t.Context(), ids[:1]), MaybeOnPaper)
	r.printer.sendErr = nil
	r.printer.jobs[1].State, r.printer.jobs[1].Impressions = device.Held, 0
	r.check(r.PrintBatch(t.Context(), ids[1:]))
	if a, b := r.state(ids[0]), r.state(ids[1]); a != store.Uncertain || b != store.DeviceDone {
		t.Errorf("the letters are %s and %s", a, b)
	}
	if r.printer.jobs[1].State != device.Canceled {
		t.Errorf("the empty job is %s", r.printer.jobs[1].State)
	}
}

// TestLeftoverOfAPrintingGivenUp: what the printer still holds of sheets that a
// person destroyed is not printed after all. What it is printing of an uncertain
// letter, and what is not ours, is left alone.
func TestLeftoverOfAPrintingGivenUp(t *testing.T) {
	r := newRoom(t)
	id := r.pay("PAGES 2")[0]
	r.printer.sendErr = ipp.ErrInterrupted
	wantFault(t, r.PrintBatch(t.Context(), []string{id}), MaybeOnPaper)
	r.printer.sendErr = nil
	r.printer.jobs[1].State, r.printer.jobs[1].Impressions = device.Stopped, 1
	p := r.nextPrinter()
	r.clear(t.Context(), p)
	if r.printer.jobs[1].State != device.Stopped {
		t.Fatalf("what may be on paper is %s", r.printer.jobs[1].State)
	}
	r.printer.jobs[2] = &device.JobStatus{ID: 2, Name: "somebody's", State: device.Pending}
	r.check(r.Decide(t.Context(), Decision{Job: id, Verdict: VerdictReprint, Reason: ReasonIncomplete, Destroyed: true}))
	r.clear(t.Context(), p)
	if a, b := r.printer.jobs[1].State, r.printer.jobs[2].State; a != device.Canceled || b != device.Pending {
		t.Errorf("the given up job is %s, somebody else's %s", a, b)
	}
}
