package station

import (
	"context"
	"errors"

	"espero-soft.com/printroom/printer/device"
	"espero-soft.com/printroom/printer/pwg"
	"espero-soft.com/printroom/printer/render"
	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/store"
)

// Slip returns the slip of a closed deposit as it was made: PDF, codes and
// registered numbers, no names. It leaves the station with that, and an entry
// says so.
func (s *Station) Slip(ctx context.Context, number string) ([]byte, error) {
	if _, _, err := s.unlocked(); err != nil {
		return nil, err
	}
	d, err := s.cfg.Store.DepositByNumber(ctx, number)
	if err != nil {
		return nil, fault(err)
	}
	if err := s.record(ctx, journal.Access{Action: journal.ActionExport, Object: d.ID, Reason: "slip"}); err != nil {
		return nil, err
	}
	return d.Slip, nil
}

// PrintSlip prints the slip of a closed deposit on the chosen printer, by the
// pixels of the sandbox, as a job named by the deposit's number; it returns when
// the printer says that it is out. A slip may be printed again at any time: no
// letter hangs on it.
func (s *Station) PrintSlip(ctx context.Context, number string) error {
	if _, _, err := s.unlocked(); err != nil {
		return err
	}
	d, err := s.cfg.Store.DepositByNumber(ctx, number)
	if err != nil {
		return fault(err)
	}
	var p *printer
	s.change(func() {
		if s.busy == nil {
			p = s.nextPrinter()
			s.busy = p
		}
	})
	if p == nil {
		return &Fault{Code: BatchRunning, Err: errors.New("the printer is at work")}
	}
	defer s.change(func() { p.lamp, s.busy = settled(p.lamp), nil })
	if err := s.printing.Lock(ctx); err != nil { // Recover may be asking the printer
		return err
	}
	defer s.printing.Unlock()
	if err := s.record(ctx, journal.Access{Action: journal.ActionPrint, Object: d.ID}); err != nil {
		return err
	}
	return fault(s.putOut(ctx, p, d))
}

func (s *Station) putOut(ctx context.Context, p *printer, d store.Deposit) error {
	can, err := s.describe(ctx, p)
	if err != nil {
		return err
	}
	ticket, err := can.Plan(device.Ticket{Name: d.Number, Media: paper})
	if err != nil {
		return err
	}
	raster := new(spool)
	defer raster.Destroy()
	if err := s.rasteriseSlip(ctx, d.Slip, ticket, raster); err != nil {
		return err
	}
	id, err := p.device.Create(ctx, ticket)
	if err != nil {
		s.reportPrinter(p, err)
		return err
	}
	s.change(func() { p.lamp = LampBusy })
	answer, err := p.device.Send(ctx, id, ticket, raster.Reader())
	if err == nil {
		err = s.awaitTest(ctx, p, answer)
	}
	if err == nil {
		s.reportPrinter(p, nil)
		return nil
	}
	// Whoever gave up waiting, or half a slip: the job is taken back.
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), watchEvery)
	defer cancel()
	return errors.Join(err, p.device.Cancel(stop, id))
}

func (s *Station) rasteriseSlip(ctx context.Context, slip []byte, t device.Ticket, to *spool) error {
	w := pwg.NewWriter(to)
	w.Media = t.Media
	_, err := s.cfg.Renderer.Render(ctx, render.Request{Document: slip, DPI: t.DPI}, func(page render.Page) error {
		sheet, wipe := onPaper(page, t.DPI)
		defer wipe()
		return w.WritePage(pwg.Page{Width: sheet.Width, Height: sheet.Height, DPI: t.DPI, Pix: sheet.Pix})
	})
	return err
}
