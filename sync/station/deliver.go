package station

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"espero-soft.com/printroom/printer/device"
	"espero-soft.com/printroom/printer/ipp"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/store"
)

// deliver hands a letter to the printer, each state durable before the act it
// names, and waits until the printer says that it is on paper.
// Once that has begun it goes on to SENT, whoever gives up waiting: a letter cut
// off by ourselves would be UNCERTAIN for nothing.
func (r *run) deliver(asked context.Context, j store.Job, t device.Ticket, raster *spool) error {
	s, ctx := r.station, context.WithoutCancel(asked)
	if err := s.leased(ctx, j); err != nil {
		return errors.Join(err, s.giveUp(ctx, j, err))
	}
	attempt, err := r.create(ctx, j, t)
	if errors.Is(err, ipp.ErrInterrupted) {
		return err // the printer may have a job of that name: INTENT, until it can be asked
	}
	if err != nil {
		return errors.Join(err, s.giveUp(ctx, j, err))
	}
	if err := r.send(ctx, j, attempt, t, raster); err != nil {
		return err
	}
	defer r.sent()
	return s.await(asked, r.printer, j, attempt)
}

// send gives the printer the letter. Without an error it is SENT, and sent is to
// be called when the printer has ended it.
func (r *run) send(ctx context.Context, j store.Job, a store.Attempt, t device.Ticket, raster *spool) (err error) {
	s := r.station
	patience := r.sendable(ctx, a.DeviceJob)
	if patience == nil {
		return r.callOff(ctx, j, a, &Fault{Code: Cancelled, Err: errors.New("the letter was not sent")})
	}
	defer func() {
		if err != nil {
			r.sent()
		}
	}()
	if err := s.sending(ctx, j, a); errors.Is(err, store.ErrOrdered) {
		return r.callOff(ctx, j, a, err)
	} else if err != nil {
		return err
	}
	answer, err := r.printer.device.Send(patience, a.DeviceJob, t, raster.Reader())
	if errors.Is(err, ipp.ErrUnreachable) || errors.Is(err, ipp.ErrCertificate) {
		return errors.Join(err, s.unsent(ctx, j, err))
	}
	if err != nil {
		return s.uncertain(ctx, j, fmt.Errorf("send attempt %s: %w", j.Attempt, err))
	}
	if answer.ID != a.DeviceJob {
		return s.uncertain(ctx, j, fmt.Errorf("the printer answered about job %d, not %d", answer.ID, a.DeviceJob))
	}
	return s.progress(ctx, j, wire.EventSent, store.Sending, store.Sent, nil)
}

// callOff takes back a letter that the printer has a job for, without data. A
// printer that does not cancel it leaves the letter CREATED, to be settled.
func (r *run) callOff(ctx context.Context, j store.Job, a store.Attempt, why error) error {
	if err := r.printer.device.Cancel(ctx, a.DeviceJob); err != nil {
		return errors.Join(why, err)
	}
	return errors.Join(why, r.station.giveUp(ctx, j, why))
}

// create makes the printer's job and keeps its number. Its context does not end
// with the person's patience; neither does unsent's.
func (r *run) create(ctx context.Context, j store.Job, t device.Ticket) (store.Attempt, error) {
	s := r.station
	attempt, err := s.cfg.Store.Attempt(ctx, j.Attempt)
	if err != nil {
		return attempt, err
	}
	status, err := r.printer.device.Status(ctx)
	s.reportPrinter(r.printer, err)
	if err != nil {
		return attempt, err
	}
	if status.Epoch.IsZero() {
		err := &Fault{Code: PrinterRefused, Err: errors.New("the printer does not say how long it has been up: it could never be believed about a letter")}
		s.reportPrinter(r.printer, err)
		return attempt, err
	}
	attempt.Impressions, attempt.PrinterUUID, attempt.PrinterEpoch = t.Impressions, status.UUID, status.Epoch
	if attempt.DeviceJob, err = r.printer.device.Create(ctx, t); err != nil {
		s.reportPrinter(r.printer, err)
		return attempt, err
	}
	s.change(func() { r.printer.lamp = LampBusy })
	if err := s.cfg.Store.AtDevice(ctx, attempt); err != nil {
		return attempt, errors.Join(err, r.printer.device.Cancel(ctx, attempt.DeviceJob))
	}
	s.edge(j.ID, store.Created)
	return attempt, s.refreshJob(ctx, j.ID)
}

// sending says, before a byte goes out, that the letter may be on paper.
func (s *Station) sending(ctx context.Context, j store.Job, a store.Attempt) error {
	return s.progress(ctx, j, wire.EventAttempt, store.Created, store.Sending, announced(j, a))
}

// announced adds to an attempt's event what central must know of it.
func announced(j store.Job, a store.Attempt) func(*wire.Event) {
	return func(e *wire.Event) {
		e.Number = a.Number
		e.Sheets = sheets(j)
		if a.Number > 1 {
			e.Reason, e.ApprovedBy = cmp.Or(a.Reason, string(Interrupted)), a.Approved
		}
	}
}

// progress moves a job on and reports it to central.
func (s *Station) progress(ctx context.Context, j store.Job, kind wire.EventKind, from, to store.State, more func(*wire.Event)) error {
	m, err := s.event(ctx, kind, j, more)
	if err != nil {
		return err
	}
	return s.move(ctx, store.Move{Job: j.ID, From: []store.State{from}, To: to, Messages: []store.Message{m}})
}

// unsent takes SENDING back: not a byte reached the printer, whose empty job
// waits to be cancelled.
func (s *Station) unsent(ctx context.Context, j store.Job, why error) error {
	return s.move(ctx, store.Move{
		Job: j.ID, From: []store.State{store.Sending}, To: store.Created, Hold: string(code(why)), Destroyed: true,
	})
}

// uncertain sets a job aside that may be on paper. The returned fault stops
// the batch. It must become durable even when the batch is being cancelled.
func (s *Station) uncertain(ctx context.Context, j store.Job, why error) error {
	return s.doubted(ctx, j, why, []store.State{store.Sending, store.Sent})
}

// doubted does the same from some states, and tells central something first.
func (s *Station) doubted(ctx context.Context, j store.Job, why error, from []store.State, first ...store.Message) error {
	ctx = context.WithoutCancel(ctx)
	reason := code(why)
	m, err := s.event(ctx, wire.EventUncertain, j, func(e *wire.Event) { e.Reason = string(reason) })
	if err != nil {
		return fault(errors.Join(err, why))
	}
	err = s.move(ctx, store.Move{Job: j.ID, From: from, To: store.Uncertain, Hold: string(reason), Messages: append(first, m)})
	if err != nil {
		return fault(errors.Join(err, why))
	}
	return &Fault{Code: MaybeOnPaper, Err: why}
}

// printerState shows what keeps a printer from printing.
func (s *Station) printerState(p *printer, now device.Status) {
	s.showReasons(p, now.Reasons)
	if now.State == device.PrinterStopped {
		s.reportPrinter(p, stopped(now))
		return
	}
	s.change(func() { p.lamp, p.fault = LampBusy, nil })
}

func stopped(now device.Status) *Fault {
	return &Fault{Code: PrinterStopped, Err: fmt.Errorf("the printer says %q", now.Reasons)}
}
