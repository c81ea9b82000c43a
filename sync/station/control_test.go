package station

import (
	"context"
	"errors"
	"io"
	"slices"
	"testing"

	"espero-soft.com/printroom/printer/device"
	"espero-soft.com/printroom/printer/ipp"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/store"
)

// slowPrinter puts out a side each time that it is asked, and takes documents
// only when it is let.
type slowPrinter struct {
	*fakePrinter
	asked  func(id int)  // called at each question for a job, nil for nothing
	holds  chan struct{} // a document waits for it, or for its context's end; nil for none
	inSend chan struct{} // gets a value when one waits
}

func (p *slowPrinter) Send(ctx context.Context, id int, t device.Ticket, document io.Reader) (device.JobStatus, error) {
	if p.holds != nil {
		p.inSend <- struct{}{}
		select {
		case <-p.holds:
		case <-ctx.Done():
			return device.JobStatus{}, errors.Join(ipp.ErrInterrupted, ctx.Err())
		}
	}
	answer, err := p.fakePrinter.Send(ctx, id, t, document)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.jobs[id].State, p.jobs[id].Impressions = device.Processing, 0
	return answer, err
}

func (p *slowPrinter) Job(ctx context.Context, id int) (device.JobStatus, error) {
	if p.asked != nil {
		p.asked(id)
	}
	p.mu.Lock()
	if j := p.jobs[id]; j != nil && j.State == device.Processing {
		if j.Impressions++; j.Impressions == 3 { // carrier and two pages
			j.State = device.Completed
		}
	}
	p.mu.Unlock()
	return p.fakePrinter.Job(ctx, id)
}

func (r *room) slow() *slowPrinter {
	p := &slowPrinter{fakePrinter: r.printer}
	r.Station.printers[0].device = p
	return p
}

// background prints on another goroutine.
func (r *room) background(ids []string) (ended chan error) {
	ended = make(chan error, 1)
	go func() { ended <- r.PrintBatch(context.Background(), ids) }()
	return ended
}

func TestProgressOfALetter(t *testing.T) {
	r := newRoom(t)
	ids := r.pay("PAGES 2")
	p := r.slow()
	var seen []int
	p.asked = func(int) {
		if b := r.Snapshot().Batch; b.Sides != 3 || b.Current != r.job(ids[0]).Attempt || b.ID != r.job(ids[0]).Batch {
			t.Errorf("%+v", b)
		} else {
			seen = append(seen, b.Impressions)
		}
	}
	r.check(r.PrintBatch(t.Context(), ids))
	if !slices.Equal(seen, []int{0, 1, 2}) {
		t.Errorf("sides that were out when it was asked: %v", seen)
	}
}

func TestStopAndGoOn(t *testing.T) {
	r := newRoom(t)
	ids := r.pay("PAGES 2", "PAGES 2", "PAGES 2")
	r.edge = func(id string, s store.State) {
		if id == ids[0] && s == store.Sending {
			r.mu.Lock()
			coming := r.run.coming
			r.mu.Unlock()
			<-coming.done
			r.StopBatch()
			if b := r.Snapshot().Batch; !b.Stopping {
				t.Errorf("%+v", b)
			}
		}
	}
	r.check(r.PrintBatch(t.Context(), ids))
	if a, b := r.state(ids[0]), r.state(ids[1]); a != store.DeviceDone || b != store.Ready {
		t.Errorf("stopped after %s, %s", a, b)
	}
	views := OpenBatches(r.Snapshot().Jobs)
	if len(views) != 1 || views[0].Open != 3 || len(views[0].Jobs) != 3 {
		t.Fatalf("open: %+v", views)
	}
	// What was drawn ahead and not printed is journaled as that.
	last := r.entries(ids[1])
	if e := last[len(last)-1]; e.Action != string(journal.ActionPrint) || e.Outcome != string(journal.OutcomeCancelled) {
		t.Errorf("the last entry about the letter that was drawn ahead: %+v", e)
	}
	r.edge = nil
	other := r.pay("PAGES 2")
	r.check(r.PrintBatch(t.Context(), other))
	r.check(r.PrintBatch(t.Context(), ids[1:]))
	jobs := r.Snapshot().Jobs
	if views = OpenBatches(jobs); len(views) != 2 || views[0].Jobs[0].ID != other[0] || len(views[1].Jobs) != 3 {
		t.Errorf("open: %+v, want the newer first, and the older whole", views)
	}
	for _, id := range append(ids, other...) {
		r.check(r.Decide(t.Context(), Decision{Job: id, Verdict: VerdictOK}))
	}
	if views = OpenBatches(r.Snapshot().Jobs); len(views) != 0 {
		t.Errorf("every letter is settled, and open are %+v", views)
	}
	r.check(r.Decide(t.Context(), Decision{Job: ids[1], Verdict: VerdictReprint, Reason: ReasonQuality, Destroyed: true}))
	r.check(r.PrintBatch(t.Context(), ids[1:2]))
	if views = OpenBatches(r.Snapshot().Jobs); len(views) != 1 || len(views[0].Jobs) != 3 || views[0].Open != 1 {
		t.Errorf("printed again: %+v", views)
	}
}

func TestCancelALetterAtThePrinter(t *testing.T) {
	r := newRoom(t)
	ids := r.pay("PAGES 2", "PAGES 2")
	p := r.slow()
	p.asked = func(int) {
		p.asked = nil
		r.check(r.CancelLetter(context.Background()))
	}
	wantFault(t, r.PrintBatch(t.Context(), ids), MaybeOnPaper)
	if a, b := r.job(ids[0]), r.state(ids[1]); a.State != store.Uncertain || a.Hold != Cancelled || b != store.Ready {
		t.Errorf("%s for %q, the next is %s; want UNCERTAIN for cancelled and READY", a.State, a.Hold, b)
	}
	wantFault(t, r.CancelLetter(t.Context()), CodeState)
}

// A printer that takes a letter byte by byte, or not at all, is not waited for.
func TestCancelALetterThatIsBeingSent(t *testing.T) {
	r := newRoom(t)
	ids := r.pay("PAGES 2", "PAGES 2")
	p := r.slow()
	p.holds, p.inSend = make(chan struct{}), make(chan struct{}, 1)
	ended := r.background(ids)
	<-p.inSend
	r.check(r.CancelLetter(t.Context()))
	wantFault(t, <-ended, MaybeOnPaper)
	if j := r.job(ids[0]); j.State != store.Uncertain {
		t.Errorf("%s, want UNCERTAIN", j.State)
	}
}

func TestCancelALetterThatWasNotSent(t *testing.T) {
	for _, at := range []store.State{store.Intent, store.Created} {
		r := newRoom(t)
		ids := r.pay("PAGES 2", "PAGES 2")
		r.edge = func(_ string, s store.State) {
			if s == at {
				r.check(r.CancelLetter(context.Background()))
			}
		}
		wantFault(t, r.PrintBatch(t.Context(), ids), Cancelled)
		for _, id := range ids {
			if j := r.job(id); j.State != store.Ready || j.Paper {
				t.Errorf("cancelled at %s: %s, want READY", at, j.State)
			}
		}
		r.edge = nil
		r.check(r.PrintBatch(t.Context(), ids))
		if n := r.printer.printed(); n != 2 {
			t.Errorf("%d letters came out", n)
		}
	}
}

// A letter in colour does not stop the black and white printer's batch.
func TestLetterForAnotherPrinter(t *testing.T) {
	for name, refuse := range map[string]error{
		"by its description": nil,
		"by its answer":      &ipp.NotHonouredError{Attributes: []string{"print-color-mode=monochrome"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRoom(t)
			if refuse == nil {
				r.colour = 1
			}
			ids := r.pay("PAGES 2", "PAGES 2")
			r.Station.printers[0].device = &pickyPrinter{fakePrinter: r.printer, refuse: refuse, only: string(r.job(ids[0]).Code)}
			r.check(r.PrintBatch(t.Context(), ids))
			if a, b := r.job(ids[0]), r.state(ids[1]); a.State != store.Held || a.Hold != PrinterRefused || !CanRetry(a) || b != store.DeviceDone {
				t.Fatalf("%+v and %s, want HELD for printer_refused, and the other printed", a, b)
			}
			if got := kinds(t, r); got[wire.EventHeld] != 0 {
				t.Error("central is told that the letter is held, though another printer may print it")
			}
			r.Station.printers[0].device = r.printer // another one
			r.check(r.Retry(t.Context(), ids[0]))
			wantFault(t, r.Retry(t.Context(), ids[0]), CodeState)
			r.check(r.PrintBatch(t.Context(), ids[:1]))
			if n := r.printer.printed(); n != 2 || r.state(ids[0]) != store.DeviceDone {
				t.Errorf("%d letters came out, the letter is %s", n, r.state(ids[0]))
			}
		})
	}
}

// What concerns every letter stops the batch, and holds none.
func TestPrinterWithoutThePaper(t *testing.T) {
	r := newRoom(t)
	ids := r.pay("PAGES 2", "PAGES 2")
	r.Station.printers[0].device = &pickyPrinter{fakePrinter: r.printer, refuse: &ipp.NotHonouredError{Attributes: []string{"media"}}, only: string(r.job(ids[0]).Code)}
	wantFault(t, r.PrintBatch(t.Context(), ids), PrinterRefused)
	for _, id := range ids {
		if got := r.state(id); got != store.Ready {
			t.Errorf("%s, want READY", got)
		}
	}
}

// pickyPrinter is black and white, and refuses one letter.
type pickyPrinter struct {
	*fakePrinter
	refuse error
	only   string
}

func (p *pickyPrinter) Describe(ctx context.Context) (device.Capabilities, error) {
	can, err := p.fakePrinter.Describe(ctx)
	can.Colour, can.RasterTypes = false, []string{device.Gray8}
	return can, err
}

func (p *pickyPrinter) Create(ctx context.Context, t device.Ticket) (int, error) {
	if p.refuse != nil && t.Name == p.only {
		return 0, p.refuse
	}
	return p.fakePrinter.Create(ctx, t)
}
