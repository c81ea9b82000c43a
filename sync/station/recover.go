package station

import (
	"cmp"
	"context"
	"errors"

	"espero-soft.com/printroom/printer/device"
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
// What a printer that can't be reached leaves open, the next batch settles.
func (s *Station) Recover(ctx context.Context) error {
	s.printing.Lock()
	defer s.printing.Unlock()
	return s.settle(ctx)
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

// settle brings the jobs that wait for a printer's word to rest. Callers hold
// printing.
func (s *Station) settle(ctx context.Context) error {
	jobs, err := s.cfg.Store.JobsIn(ctx, store.Intent, store.Created, store.Sending, store.Sent)
	if err != nil {
		return fault(err)
	}
	for _, j := range jobs {
		var err error
		switch j.State {
		case store.Intent, store.Created:
			err = s.withdraw(ctx, j)
		case store.Sending: // its batch ended without a word: the answer could not be kept
			err = s.uncertain(ctx, j, &Fault{Code: Interrupted, Err: errors.New("what the printer answered to the letter was not kept")})
		case store.Sent:
			err = s.ask(ctx, j)
		}
		if err != nil && code(err) != MaybeOnPaper {
			return fault(err)
		}
	}
	return nil
}

// ask settles a SENT job if the printer has ended it.
func (s *Station) ask(ctx context.Context, j store.Job) error {
	a, err := s.cfg.Store.Attempt(ctx, j.Attempt)
	if err != nil {
		return err
	}
	_, err = s.judge(ctx, j, a)
	return err
}

// withdraw cancels whatever the printer has under the attempt's name, although
// nothing was sent for it, and makes the job READY.
func (s *Station) withdraw(ctx context.Context, j store.Job) error {
	known, err := s.cfg.Printer.Jobs(ctx)
	s.report(partPrinter, err)
	if err != nil {
		return err
	}
	for _, d := range known {
		if d.Name != j.Attempt || d.State.Ended() {
			continue
		}
		if err := s.cfg.Printer.Cancel(ctx, d.ID); err != nil {
			return err
		}
	}
	// Ended under our name although nothing was sent: somebody printed it.
	for _, d := range known {
		if d.Name == j.Attempt && d.State == device.Completed {
			return s.suspect(ctx, j)
		}
	}
	return s.move(ctx, store.Move{Job: j.ID, From: []store.State{j.State}, To: store.Ready, Hold: cmp.Or(j.Hold, string(Interrupted))})
}

// suspect tells central of the attempt first: it must not lease a letter that
// may be on paper.
func (s *Station) suspect(ctx context.Context, j store.Job) error {
	a, err := s.cfg.Store.Attempt(ctx, j.Attempt)
	if err != nil {
		return err
	}
	if err := s.sending(ctx, j, a, j.State, j.Hold); err != nil {
		return err
	}
	return s.uncertain(ctx, j, errors.New("the printer completed a job of this name that was never sent"))
}
