package station

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"espero-soft.com/printroom/printer/device"
	"espero-soft.com/printroom/printer/ipp"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/store"
)

// deliver hands a letter to the printer, each state durable before the act it
// names, and waits until the printer says that it is on paper.
// Once that has begun it goes on to SENT, whoever gives up waiting: a letter cut
// off by ourselves would be UNCERTAIN for nothing.
func (r *run) deliver(asked context.Context, j store.Job, t device.Ticket, raster *spool, last string) error {
	s, ctx := r.station, context.WithoutCancel(asked)
	attempt, err := r.create(ctx, j, t)
	if errors.Is(err, ipp.ErrInterrupted) {
		return err // the printer may have a job of that name: INTENT, until it can be asked
	}
	if err != nil {
		return errors.Join(err, s.giveUp(ctx, j, err))
	}
	if err := s.sending(ctx, j, attempt, store.Created, last); err != nil {
		return err
	}
	answer, err := r.printer.device.Send(ctx, attempt.DeviceJob, t, raster.Reader())
	if errors.Is(err, ipp.ErrUnreachable) || errors.Is(err, ipp.ErrCertificate) {
		return errors.Join(err, s.unsent(ctx, j, err))
	}
	if err != nil {
		return s.uncertain(ctx, j, fmt.Errorf("send attempt %s: %w", j.Attempt, err))
	}
	if answer.ID != attempt.DeviceJob {
		return s.uncertain(ctx, j, fmt.Errorf("the printer answered about job %d, not %d", answer.ID, attempt.DeviceJob))
	}
	if err := s.progress(ctx, j, wire.EventSent, store.Sending, store.Sent, nil); err != nil {
		return err
	}
	return s.await(asked, r.printer, j, attempt)
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
func (s *Station) sending(ctx context.Context, j store.Job, a store.Attempt, from store.State, last string) error {
	return s.progress(ctx, j, wire.EventAttempt, from, store.Sending, func(e *wire.Event) {
		e.Number = a.Number
		e.Sheets = sheets(j)
		if a.Number > 1 {
			e.Reason = cmp.Or(last, string(Interrupted))
		}
	})
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
		Job: j.ID, From: []store.State{store.Sending}, To: store.Created, Hold: string(code(why)),
	})
}

// uncertain sets a job aside that may be on paper. The returned fault stops
// the batch. It must become durable even when the batch is being cancelled.
func (s *Station) uncertain(ctx context.Context, j store.Job, why error) error {
	ctx = context.WithoutCancel(ctx)
	reason := code(why)
	m, err := s.event(ctx, wire.EventUncertain, j, func(e *wire.Event) { e.Reason = string(reason) })
	if err != nil {
		return fault(errors.Join(err, why))
	}
	err = s.move(ctx, store.Move{Job: j.ID, From: []store.State{store.Sending, store.Sent}, To: store.Uncertain,
		Hold: string(reason), Messages: []store.Message{m}})
	if err != nil {
		return fault(errors.Join(err, why))
	}
	return &Fault{Code: MaybeOnPaper, Err: why}
}

// await asks the printer about a letter that was sent whole until it has ended.
// A printer that can't be asked leaves the job SENT: it is asked again later.
func (s *Station) await(ctx context.Context, p *printer, j store.Job, a store.Attempt) error {
	wait := 20 * time.Millisecond
	for {
		done, err := s.judge(ctx, p, j, a)
		if done || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return &Fault{Code: Cancelled, Err: ctx.Err()}
		case <-time.After(wait):
		}
		wait = min(wait*3/2, time.Second)
	}
}

// judge compares what the printer says with what was sent, and settles the job
// when that is clear. Only the same printer, not restarted since, speaking of
// the same job by number and name, is believed. p is where the attempt went.
func (s *Station) judge(ctx context.Context, p *printer, j store.Job, a store.Attempt) (settled bool, err error) {
	status, err := p.device.Status(ctx)
	if err != nil {
		s.reportPrinter(p, err)
		return false, err
	}
	if status.UUID != a.PrinterUUID || !device.SameEpoch(status.Epoch, a.PrinterEpoch) {
		return true, s.uncertain(ctx, j, errors.New("the printer was restarted or replaced since the letter was sent"))
	}
	s.printerState(p, status)
	job, err := p.device.Job(ctx, a.DeviceJob)
	var refused *ipp.StatusError
	if errors.As(err, &refused) && refused.Busy() {
		return false, nil // it will say later
	}
	if refused != nil {
		return true, s.uncertain(ctx, j, fmt.Errorf("the printer no longer knows the job: %w", err))
	}
	if err != nil {
		return false, err
	}
	if job.ID != a.DeviceJob || job.Name != a.Code {
		return true, s.uncertain(ctx, j, errors.New("the printer's job of that number is another letter"))
	}
	if !job.State.Ended() {
		return false, nil
	}
	return true, s.ended(ctx, j, a, job)
}

func (s *Station) ended(ctx context.Context, j store.Job, a store.Attempt, job device.JobStatus) error {
	switch {
	case job.State == device.Completed && job.Impressions == a.Impressions:
		return s.progress(ctx, j, wire.EventDeviceDone, store.Sent, store.DeviceDone, func(e *wire.Event) { e.Impressions = &job.Impressions })
	case job.State == device.Aborted && job.Impressions == 0:
		err := &Fault{Code: PrinterRefused, Err: fmt.Errorf("the printer aborted the job: %q", job.Reasons)}
		return errors.Join(err, s.move(ctx, store.Move{Job: j.ID, From: []store.State{store.Sent}, To: store.Ready, Hold: string(PrinterRefused)}))
	}
	return s.uncertain(ctx, j, fmt.Errorf("the printer ended the job as %s with %d of %d impressions: %q",
		job.State, job.Impressions, a.Impressions, job.Reasons))
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
