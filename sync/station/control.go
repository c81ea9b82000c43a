package station

import (
	"context"
	"errors"

	"espero-soft.com/printroom/printer/ipp"
	"espero-soft.com/printroom/vault/journal"
)

// StopBatch ends the running batch after its current letter. The rest stays
// READY; printing it goes on with the batch.
func (s *Station) StopBatch() {
	s.change(func() {
		if s.batch != nil {
			s.batch.Stopping = true
			s.wake()
		}
	})
}

func (s *Station) stopping() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.batch.Stopping
}

// CancelLetter has the printer give up the letter that it is printing, and ends
// the batch. What of it is on paper nobody knows: it becomes UNCERTAIN, unless
// the printer was done with it; a letter that was not sent yet stays READY. The
// letter after it, if it has come to that, is the last one.
func (s *Station) CancelLetter(ctx context.Context) error {
	s.mu.Lock()
	r := s.run
	if r == nil {
		s.mu.Unlock()
		return &Fault{Code: CodeState, Err: errors.New("no letter is being printed")}
	}
	letter := r.letter
	access := journal.Access{Action: journal.ActionCancel, Object: letter, Attempt: string(s.batch.Current)}
	s.mu.Unlock()
	if err := s.record(ctx, access); err != nil {
		return err
	}
	var job int
	breakOff := func() {}
	s.change(func() {
		if s.run != r {
			return // it ended meanwhile
		}
		s.wake()
		if s.batch.Stopping = true; r.letter != letter {
			return // it came out meanwhile, and the next one is not meant
		}
		r.cancelled = true
		if job = r.atDevice; job != 0 {
			breakOff = r.breakOff
		}
	})
	if job == 0 {
		return nil
	}
	err := r.printer.device.Cancel(ctx, job)
	breakOff()
	var refused *ipp.StatusError
	if errors.As(err, &refused) && (refused.NotPossible() || refused.NotFound()) {
		return nil // it has ended
	}
	return fault(err)
}

// sendable is the context to send a letter with, which CancelLetter ends; nil
// when that was asked for already.
func (r *run) sendable(ctx context.Context, job int) context.Context {
	r.station.mu.Lock()
	defer r.station.mu.Unlock()
	if r.cancelled {
		return nil
	}
	ctx, r.breakOff = context.WithCancel(ctx)
	r.atDevice = job
	return ctx
}

// sent ends what sendable began.
func (r *run) sent() {
	r.station.mu.Lock()
	defer r.station.mu.Unlock()
	r.breakOff()
	r.atDevice = 0
}
