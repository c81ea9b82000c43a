package station

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"espero-soft.com/printroom/printer/device"
	"espero-soft.com/printroom/printer/letter"
	"espero-soft.com/printroom/printer/pwg"
	"espero-soft.com/printroom/printer/render"
)

// testName is the job-name of a test sheet at the printer: no attempt's code.
const testName = "test-sheet"

// TestSheet prints a test sheet on a printer in the way that letters are
// printed, and returns when the printer says that it is out. Nothing else is
// printed meanwhile. It is for admins.
func (s *Station) TestSheet(ctx context.Context, id string) error {
	if _, err := s.only(ctx, id, "admin"); err != nil {
		return err
	}
	p := s.printerByID(id)
	if p == nil || id == "" {
		return noPrinter(id)
	}
	running := false
	s.change(func() {
		if running = s.busy != nil; !running {
			s.busy = p
		}
	})
	if running {
		return &Fault{Code: BatchRunning, Err: errors.New("a batch is being printed")}
	}
	defer s.change(func() {
		s.busy = nil
		p.lamp = settled(p.lamp)
	})
	if err := s.printing.Lock(ctx); err != nil {
		return err
	}
	defer s.printing.Unlock()
	if err := s.record(ctx, configure(id, printerTested)); err != nil {
		return err
	}
	if err := s.testSheet(ctx, p); err != nil {
		return fault(err)
	}
	at := s.cfg.Now()
	if err := s.cfg.Store.PrinterTested(context.WithoutCancel(ctx), id, at); err != nil {
		return fault(err)
	}
	s.change(func() { p.tested = at })
	return nil
}

func (s *Station) testSheet(ctx context.Context, p *printer) error {
	can, err := s.describe(ctx, p)
	if err != nil {
		return err
	}
	ticket, err := can.Plan(device.Ticket{
		Name: testName, Media: paper, Colour: can.Colour, Duplex: slices.Contains(can.Sides, device.TwoSidedLongEdge),
	})
	if err != nil {
		return err
	}
	ticket.Impressions = 1
	if ticket.Duplex {
		ticket.Impressions = 2
	}
	raster := new(spool)
	defer raster.Destroy()
	if err := s.drawTest(ctx, p, can, ticket, raster); err != nil {
		return err
	}
	job, err := p.device.Create(ctx, ticket)
	if err != nil {
		s.reportPrinter(p, err)
		return err
	}
	s.change(func() { p.lamp = LampBusy })
	answer, err := p.device.Send(ctx, job, ticket, raster.Reader())
	if err != nil {
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), watchEvery)
		defer cancel()
		return errors.Join(err, p.device.Cancel(stop, job)) // a half sheet shows nothing
	}
	return s.awaitTest(ctx, p, answer)
}

// drawTest draws the sheet as letters are drawn.
func (s *Station) drawTest(ctx context.Context, p *printer, can device.Capabilities, t device.Ticket, to *spool) error {
	pdf, err := letter.TestSheet(letter.TestSheetData{
		Name: p.setup.Name, Model: can.MakeAndModel, DPI: t.DPI, Colour: t.Colour, Duplex: t.Duplex, Media: t.Media,
		Date: s.cfg.Now(), Code: "B24:TEST:" + p.setup.ID[:min(8, len(p.setup.ID))], Envelopes: s.cfg.Postal.Envelopes,
	})
	if err != nil {
		return err
	}
	w := pwg.NewWriter(to)
	w.Media, w.Pages, w.SheetBack = t.Media, t.Impressions, can.RasterBack
	_, err = s.cfg.Renderer.Render(ctx, render.Request{Document: pdf, DPI: t.DPI, Colour: t.Colour}, func(page render.Page) error {
		out, wipe := onPaper(page, t.DPI)
		defer wipe()
		return w.WritePage(pwg.Page{Width: out.Width, Height: out.Height, DPI: t.DPI, Colour: out.Colour, Duplex: t.Duplex, Pix: out.Pix})
	})
	return err
}

// awaitTest waits until the printer says that the sheet is out.
func (s *Station) awaitTest(ctx context.Context, p *printer, job device.JobStatus) error {
	wait := 20 * time.Millisecond
	for !job.State.Ended() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
		wait = min(wait*3/2, time.Second)
		now, err := p.device.Status(ctx)
		if err != nil {
			s.reportPrinter(p, err)
			return err
		}
		s.printerState(p, now)
		if job, err = p.device.Job(ctx, job.ID); err != nil {
			return err
		}
	}
	if job.State != device.Completed {
		return &Fault{Code: PrinterRefused, Err: fmt.Errorf("the printer ended the sheet as %s: %q", job.State, job.Reasons)}
	}
	return nil
}
