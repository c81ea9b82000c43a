package station

import (
	"context"
	"errors"
	"fmt"

	"espero-soft.com/printroom/printer/device"
	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/store"
)

// run is one batch at work.
type run struct {
	station *Station
	actor   string
	printer *printer
	can     device.Capabilities
}

// PrintBatch prints jobs one after the other and returns when the last has
// ended. A letter that can't be printed is held and the batch goes on; what
// concerns the room (the printer, the journal, the keys) stops it, and the
// letters that were not printed stay READY. One batch runs at a time. When ctx
// ends the letter that is on its way is sent whole, and no other is begun.
func (s *Station) PrintBatch(ctx context.Context, jobIDs []string) error {
	person, _, err := s.unlocked()
	if err != nil {
		return err
	}
	r := &run{station: s, actor: person.Pseudonym}
	running := false
	s.change(func() {
		if running = s.busy != nil; !running {
			r.printer = s.nextPrinter()
			s.batch, s.busy = &Batch{Printer: r.printer.setup.ID, Total: len(jobIDs)}, r.printer
		}
	})
	if running {
		return &Fault{Code: BatchRunning, Err: errors.New("a batch is being printed")}
	}
	defer s.endBatch()
	s.printing.Lock() // Recover may be asking the printer
	defer s.printing.Unlock()

	err = r.all(ctx, jobIDs)
	if err != nil {
		s.change(func() { s.batch.Stopped = code(err) })
	}
	return fault(err)
}

func (s *Station) endBatch() {
	s.change(func() {
		s.batch = nil
		s.busy.lamp = settled(s.busy.lamp)
		s.busy = nil
		if s.person == nil {
			s.wipeClaims()
		}
	})
}

func settled(l Lamp) Lamp {
	if l == LampBusy {
		return LampOK
	}
	return l
}

func (r *run) all(ctx context.Context, jobIDs []string) error {
	s := r.station
	if err := s.settle(ctx, r.printer); err != nil {
		return err
	}
	can, err := s.describe(ctx, r.printer)
	if err != nil {
		return err
	}
	r.can = can
	for _, id := range jobIDs {
		// With the claims' keys at hand the batch can end after a lock.
		j, err := s.cfg.Store.Job(ctx, id)
		if err != nil {
			return err
		}
		if _, err := s.claimKey(ctx, j.Claim); err != nil && !code(err).endsJob() {
			return err
		}
	}
	s.change(func() { r.printer.lamp = LampBusy })
	for _, id := range jobIDs {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := r.one(ctx, id)
		if errors.Is(err, store.ErrState) && r.setAside(ctx, id) {
			err = nil
		}
		if err != nil && !code(err).endsJob() && code(err) != MaybeOnPaper {
			return err
		}
		s.change(func() { s.batch.Done++ })
		if code(err) == MaybeOnPaper {
			return err // whatever befell this letter would befall the next
		}
	}
	return nil
}

// setAside tells whether central's word held a job while the batch had it: the
// letter is no longer ours to print, which is no reason to stop.
func (r *run) setAside(ctx context.Context, id string) bool {
	j, err := r.station.cfg.Store.Job(context.WithoutCancel(ctx), id)
	return err == nil && j.State == store.Held
}

// one prints one job: a new attempt, its pixels whole in memory, then the
// printer. Until data may have reached the printer, a failure leaves the job
// READY or HELD; after that, UNCERTAIN.
func (r *run) one(ctx context.Context, id string) error {
	s := r.station
	j, err := s.cfg.Store.Job(ctx, id)
	if err != nil {
		return err
	}
	last := j.Hold // why the attempt before this one came to nothing
	if j, err = r.begin(ctx, j); err != nil {
		return err
	}
	s.change(func() { s.batch.Current = postal.AttemptCode(j.Attempt) })
	ticket, raster, err := r.prepare(ctx, j)
	if err != nil {
		return errors.Join(err, s.giveUp(ctx, j, err))
	}
	defer raster.Destroy()
	return r.deliver(ctx, j, ticket, raster, last)
}

// begin makes a new attempt of the job durable.
func (r *run) begin(ctx context.Context, j store.Job) (store.Job, error) {
	s := r.station
	next, err := newAttemptCode()
	if err != nil {
		return j, err
	}
	a := store.Attempt{Code: j.NextAttempt, Job: j.ID, Printer: r.printer.setup.ID, Actor: r.actor, Started: s.cfg.Now()}
	if _, err := s.cfg.Store.BeginAttempt(ctx, a, []store.State{store.Ready}, string(next)); err != nil {
		return j, err
	}
	s.edge(j.ID, store.Intent)
	if err := s.refreshJob(ctx, j.ID); err != nil {
		return j, err
	}
	return s.cfg.Store.Job(ctx, j.ID)
}

// giveUp takes back an attempt of which nothing was sent: the letter is held
// for what is wrong with itself, and otherwise READY again with the reason.
func (s *Station) giveUp(ctx context.Context, j store.Job, why error) error {
	ctx = context.WithoutCancel(ctx)
	c := code(why)
	m := store.Move{Job: j.ID, From: []store.State{store.Intent, store.Created}, To: store.Ready, Hold: string(c)}
	if c.endsJob() {
		held, err := s.event(ctx, wire.EventHeld, j, func(e *wire.Event) { e.Reason, e.Attempt = string(c), "" })
		if err != nil {
			return err
		}
		m.To, m.Messages = store.Held, []store.Message{held}
	}
	if err := s.move(ctx, m); err != nil {
		return fmt.Errorf("take an attempt back: %w", err)
	}
	return nil
}

// StopBatch ends the running batch after its current letter.
func (s *Station) StopBatch() {
	s.change(func() {
		if s.batch != nil {
			s.batch.Stopping = true
		}
	})
}

// CancelLetter has the printer give up the letter that it is printing, which
// becomes UNCERTAIN, and ends the batch.
func (s *Station) CancelLetter(ctx context.Context) error {
	s.StopBatch()
	s.mu.Lock()
	busy, at := s.busy, s.batch
	s.mu.Unlock()
	if busy == nil || at == nil {
		return nil
	}
	a, err := s.cfg.Store.Attempt(ctx, string(at.Current))
	if err != nil {
		return fault(err)
	}
	return fault(busy.device.Cancel(ctx, a.DeviceJob))
}
