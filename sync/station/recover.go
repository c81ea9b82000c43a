package station

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"

	"espero-soft.com/printroom/printer/device"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/store"
)

// Recover settles with the printer what a stop in mid-print left behind. It
// prints nothing:
//
//	INTENT, CREATED  nothing was sent: any job of that name is cancelled, READY
//	SENDING          UNCERTAIN, whatever the printer says: printers report
//	                 truncated documents as completed
//	SENT             asked at the printer; see judge
//
// Each letter is asked for at the printer that it went to. What a printer that
// can't be reached leaves open, its next batch settles.
func (s *Station) Recover(ctx context.Context) error {
	if err := s.printing.Lock(ctx); err != nil {
		return err
	}
	defer s.printing.Unlock()
	s.mu.Lock()
	all := s.printers
	s.mu.Unlock()
	return s.settle(ctx, all...)
}

// doubt makes every SENDING job UNCERTAIN. It is for the start alone, when no
// batch can be sending.
func (s *Station) doubt(ctx context.Context) error {
	jobs, err := s.cfg.Store.JobsIn(ctx, store.Sending)
	if err != nil {
		return fault(err)
	}
	for _, j := range jobs {
		err := s.uncertain(ctx, j, &Fault{Code: Interrupted, Err: errors.New("the program was stopped while the letter was being sent")})
		if code(err) != MaybeOnPaper {
			return err
		}
	}
	return nil
}

// settle brings the jobs that wait for the word of one of these printers to
// rest, and those whose printer is gone. What one printer leaves open does not
// keep it from asking the others. Callers hold printing.
func (s *Station) settle(ctx context.Context, asked ...*printer) error {
	jobs, err := s.cfg.Store.JobsIn(ctx, store.Intent, store.Created, store.Sending, store.Sent)
	if err != nil {
		return fault(err)
	}
	failed := map[*printer]error{}
	for _, j := range jobs {
		a, err := s.cfg.Store.Attempt(ctx, j.Attempt)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return fault(err)
		}
		p := s.printerByID(a.Printer)
		if p != nil && (!slices.Contains(asked, p) || failed[p] != nil) {
			continue
		}
		if err := s.rest(ctx, p, j, a); err != nil && code(err) != MaybeOnPaper {
			failed[p] = err
		}
	}
	return fault(errors.Join(slices.Collect(maps.Values(failed))...))
}

// rest settles one job with the printer that it went to, nil for one that is
// gone.
func (s *Station) rest(ctx context.Context, p *printer, j store.Job, a store.Attempt) error {
	switch {
	case j.State == store.Sending: // its batch ended without a word: the answer could not be kept
		return s.uncertain(ctx, j, &Fault{Code: Interrupted, Err: errors.New("what the printer answered to the letter was not kept")})
	case p == nil && j.State == store.Sent:
		return s.uncertain(ctx, j, errors.New("the printer that the letter was sent to is no longer set up"))
	case p == nil:
		return s.ready(ctx, j)
	case j.State == store.Sent:
		return s.ask(ctx, p, j, a)
	}
	return s.withdraw(ctx, p, j, a)
}

// withdraw cancels whatever the printer has under the attempt's name, although
// nothing was sent for it, and makes the job READY.
func (s *Station) withdraw(ctx context.Context, p *printer, j store.Job, a store.Attempt) error {
	known, err := p.device.Jobs(ctx)
	s.reportPrinter(p, err)
	if err != nil {
		return err
	}
	for _, d := range known {
		if d.Name != j.Attempt || d.State.Ended() {
			continue
		}
		if err := p.device.Cancel(ctx, d.ID); err != nil {
			return err
		}
	}
	// Ended under our name although nothing was sent: somebody printed it.
	for _, d := range known {
		if d.Name == j.Attempt && d.State == device.Completed {
			return s.suspect(ctx, j, a)
		}
	}
	return s.ready(ctx, j)
}

// ready takes a job back of which nothing was sent.
func (s *Station) ready(ctx context.Context, j store.Job) error {
	err := s.move(ctx, store.Move{Job: j.ID, From: []store.State{j.State}, To: store.Ready, Hold: cmp.Or(j.Hold, string(Interrupted))})
	if errors.Is(err, store.ErrOrdered) {
		return s.setAside(ctx, j.ID, j.State)
	}
	return err
}

// suspect tells central of the attempt first: it must not lease a letter that
// may be on paper. An order about the letter changes nothing about that.
func (s *Station) suspect(ctx context.Context, j store.Job, a store.Attempt) error {
	attempt, err := s.event(ctx, wire.EventAttempt, j, announced(j, a))
	if err != nil {
		return err
	}
	why := errors.New("the printer completed a job of this name that was never sent")
	return s.doubted(ctx, j, why, []store.State{j.State}, attempt)
}
