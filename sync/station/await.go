package station

import (
	"context"
	"errors"
	"fmt"
	"time"

	"espero-soft.com/printroom/printer/device"
	"espero-soft.com/printroom/printer/ipp"
	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/store"
)

// The waits between two questions to a printer about a letter: ever longer, so
// that a fast one is not kept waiting, nor a slow one bothered. How the printer
// itself is, is asked every statusEvery.
const (
	firstWait   = 4 * time.Millisecond
	longestWait = time.Second
	statusEvery = time.Second
)

// await asks the printer about a letter that was sent whole until it has ended.
// A printer that can't be asked leaves the job SENT: it is asked again later.
func (s *Station) await(ctx context.Context, p *printer, j store.Job, a store.Attempt) error {
	wait, looked := firstWait, time.Now()
	for {
		job, err := s.askJob(ctx, p, j, a)
		if err != nil {
			return err
		}
		if job.State.Ended() {
			return s.judge(ctx, p, j, a, job)
		}
		if time.Since(looked) >= statusEvery {
			if err := s.sameRun(ctx, p, j, a); err != nil {
				return err
			}
			looked = time.Now()
		}
		select {
		case <-ctx.Done():
			return &Fault{Code: Cancelled, Err: ctx.Err()}
		case <-time.After(wait):
		}
		wait = min(wait*3/2, longestWait)
	}
}

// ask settles a SENT job if the printer has ended it. p is where the attempt
// went.
func (s *Station) ask(ctx context.Context, p *printer, j store.Job, a store.Attempt) error {
	job, err := s.askJob(ctx, p, j, a)
	if err != nil || !job.State.Ended() {
		return err
	}
	return s.judge(ctx, p, j, a, job)
}

// askJob asks about the job of an attempt. One that the printer does not know,
// or that is another letter's, makes it UNCERTAIN. A printer that is too busy to
// answer has not ended it.
func (s *Station) askJob(ctx context.Context, p *printer, j store.Job, a store.Attempt) (device.JobStatus, error) {
	job, err := p.device.Job(ctx, a.DeviceJob)
	var refused *ipp.StatusError
	switch {
	case errors.As(err, &refused) && refused.Busy():
		return device.JobStatus{}, nil // it will say later
	case refused != nil:
		if err := s.sameRun(ctx, p, j, a); err != nil {
			return job, err
		}
		return job, s.uncertain(ctx, j, fmt.Errorf("the printer no longer knows the job: %w", err))
	case err != nil:
		s.reportPrinter(p, err)
		return job, err
	case job.ID != a.DeviceJob || job.Name != a.Code:
		if err := s.sameRun(ctx, p, j, a); err != nil {
			return job, err
		}
		return job, s.uncertain(ctx, j, errors.New("the printer's job of that number is another letter"))
	}
	s.showSides(a, job.Impressions)
	return job, nil
}

// sameRun asks how the printer is. One that was restarted, or is another one,
// is believed nothing about the letter, which becomes UNCERTAIN.
func (s *Station) sameRun(ctx context.Context, p *printer, j store.Job, a store.Attempt) error {
	status, err := p.device.Status(ctx)
	if err != nil {
		s.reportPrinter(p, err)
		return err
	}
	if status.UUID != a.PrinterUUID || !device.SameEpoch(status.Epoch, a.PrinterEpoch) {
		return s.uncertain(ctx, j, errors.New("the printer was restarted or replaced since the letter was sent"))
	}
	s.printerState(p, status)
	return nil
}

// showSides shows how many sides of the letter at the printer are out.
func (s *Station) showSides(a store.Attempt, out int) {
	s.mu.Lock()
	news := s.batch != nil && s.batch.Current == postal.AttemptCode(a.Code) && s.batch.Impressions < out
	s.mu.Unlock()
	if news {
		s.change(func() {
			if s.batch != nil {
				s.batch.Impressions = min(out, s.batch.Sides)
			}
		})
	}
}

// judge compares what the printer says of a job that has ended with what was
// sent, and settles it. Only the same printer, not restarted since, speaking of
// the same job by number and name, is believed.
func (s *Station) judge(ctx context.Context, p *printer, j store.Job, a store.Attempt, job device.JobStatus) error {
	if err := s.sameRun(ctx, p, j, a); err != nil {
		return err
	}
	switch {
	case job.State == device.Completed && job.Impressions == a.Impressions:
		return s.progress(ctx, j, wire.EventDeviceDone, store.Sent, store.DeviceDone, func(e *wire.Event) { e.Impressions = &job.Impressions })
	case job.State == device.Aborted && job.Impressions == 0:
		return s.aborted(ctx, j, job)
	}
	err := fmt.Errorf("the printer ended the job as %s with %d of %d impressions: %q", job.State, job.Impressions, a.Impressions, job.Reasons)
	if job.State == device.Canceled {
		err = &Fault{Code: Cancelled, Err: err}
	}
	return s.uncertain(ctx, j, err)
}

// aborted takes back a letter of which the printer has printed nothing.
func (s *Station) aborted(ctx context.Context, j store.Job, job device.JobStatus) error {
	why := &Fault{Code: PrinterRefused, Err: fmt.Errorf("the printer aborted the job: %q", job.Reasons)}
	err := s.move(ctx, store.Move{Job: j.ID, From: []store.State{store.Sent}, To: store.Ready, Hold: string(PrinterRefused), Destroyed: true})
	if errors.Is(err, store.ErrOrdered) {
		err = s.setAside(ctx, j.ID, store.Sent)
	}
	return errors.Join(why, err)
}
