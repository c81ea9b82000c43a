package station

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"espero-soft.com/printroom/printer/device"
	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/vault/store"
)

// run is one batch at work.
type run struct {
	station *Station
	printer *printer
	can     device.Capabilities

	// Guarded by the station's mu:
	actor     string             // who is answerable for it now
	coming    *ahead             // the letter that is being prepared, or was and waits for its turn; nil for none
	claims    map[string]bool    // whose keys it needs until its end
	cancelled bool               // by CancelLetter
	letter    string             // the job at hand
	atDevice  int                // the printer's number of the letter that is there, 0 for none
	breakOff  context.CancelFunc // ends the sending of that letter
}

// PrintBatch prints jobs one after the other and returns when the last has
// ended. While one is delivered the next is opened and drawn. A letter that
// can't be printed is held and the batch goes on; what concerns the room (the
// printer, the journal, the keys) stops it, and the letters that were not
// printed stay READY. One batch runs at a time. When ctx ends the letter that is
// on its way is sent whole, and no other is begun. Letters that are all of one
// batch that was stopped go on with it.
func (s *Station) PrintBatch(ctx context.Context, jobIDs []string) error {
	person, _, err := s.unlocked()
	if err != nil {
		return err
	}
	r := &run{station: s, actor: person.Pseudonym, claims: map[string]bool{}}
	running := false
	s.change(func() {
		if running = s.busy != nil; !running {
			r.printer = s.nextPrinter()
			s.batch, s.busy, s.run = &Batch{Printer: r.printer.setup.ID, Total: len(jobIDs)}, r.printer, r
		}
	})
	if running {
		return &Fault{Code: BatchRunning, Err: errors.New("a batch is being printed")}
	}
	defer s.endBatch()
	if err := s.printing.Lock(ctx); err != nil { // Recover may be asking the printer
		return err
	}
	defer s.printing.Unlock()

	err = r.all(ctx, jobIDs)
	if err != nil {
		s.change(func() { s.batch.Stopped = code(err) })
	}
	return fault(err)
}

func (s *Station) endBatch() {
	s.change(func() {
		s.busy.lamp = settled(s.busy.lamp)
		s.batch, s.busy, s.run = nil, nil, nil
		if s.person == nil {
			s.wipeClaims(nil)
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
	s.clear(ctx, r.printer)
	can, err := s.describe(ctx, r.printer)
	if err != nil {
		return err
	}
	r.can = can
	jobs, err := r.take(ctx, jobIDs)
	if err != nil {
		return err
	}
	s.change(func() { r.printer.lamp = LampBusy })
	err = r.letters(ctx, jobs)
	if code(err) == Cancelled && ctx.Err() == nil {
		return errors.Join(err, s.settle(ctx, r.printer)) // an empty job may be left there
	}
	return err
}

// take puts the letters in one batch. Those that are held meanwhile are left
// out. With the keys of all claims at hand the batch can end after a lock.
func (r *run) take(ctx context.Context, jobIDs []string) ([]store.Job, error) {
	s := r.station
	var jobs []store.Job
	var ids []string
	for _, id := range jobIDs {
		j, err := s.cfg.Store.Job(ctx, id)
		if err != nil {
			return nil, err
		}
		if j.State == store.Held {
			s.change(func() { s.batch.Done++ })
			continue
		}
		if _, err := r.claimKey(ctx, j.Claim); err != nil && !code(err).endsJob() {
			return nil, err
		}
		jobs, ids = append(jobs, j), append(ids, id)
	}
	batch, err := batchID(jobs)
	if err != nil {
		return nil, err
	}
	s.change(func() { s.batch.ID = batch })
	if err := s.cfg.Store.BeginBatch(ctx, batch, ids); err != nil {
		return nil, err
	}
	return jobs, s.refresh(ctx)
}

// batchID is the batch that all letters are of, else a new one, which begins
// with the time.
func batchID(jobs []store.Job) (string, error) {
	one := len(jobs) > 0 && jobs[0].Batch != ""
	for _, j := range jobs {
		one = one && j.Batch == jobs[0].Batch
	}
	if one {
		return jobs[0].Batch, nil
	}
	id, err := uuid.NewV7()
	if err != nil {
		return "", fmt.Errorf("name a batch: %w", err)
	}
	return id.String(), nil
}

// letters prints each, with the next one being prepared.
func (r *run) letters(ctx context.Context, jobs []store.Job) error {
	s := r.station
	var next *ahead
	defer func() { next.discard(context.WithoutCancel(ctx)) }()
	var skipped error
	for i, j := range jobs {
		if err := ctx.Err(); err != nil {
			return errors.Join(err, skipped)
		}
		if s.stopping() {
			break
		}
		s.change(func() {
			r.letter = j.ID
			s.batch.Current, s.batch.Impressions, s.batch.Sides = postal.AttemptCode(j.NextAttempt), 0, impressions(j)
		})
		if next == nil {
			next = r.ahead(ctx, j.ID)
		}
		letter := r.turn(next)
		next = nil
		if i+1 < len(jobs) && !s.stopping() {
			next = r.ahead(ctx, jobs[i+1].ID)
		}
		err := r.one(ctx, letter)
		stop, skip := r.verdict(ctx, j.ID, err)
		skipped = errors.Join(skipped, skip)
		if !stop || code(err) == MaybeOnPaper {
			s.change(func() { s.batch.Done++ })
		}
		if stop {
			return err // whatever befell this letter would befall the next
		}
		if err := s.doneWith(ctx, j.Claim); err != nil {
			return err
		}
	}
	return skipped
}

// verdict tells whether what befell a letter stops its batch. skip is what a
// person must hear at the end about one that was left out.
func (r *run) verdict(ctx context.Context, id string, err error) (stop bool, skip error) {
	switch c := code(err); {
	case err == nil, c.endsJob(), c == Preflight, ofThisPrinter(err), c == OrderCancelled:
		return false, nil
	case c == LeaseLost:
		return false, err
	case errors.Is(err, store.ErrState):
		// Central's word held the letter while the batch had it: it is no longer
		// ours to print.
		j, jerr := r.station.cfg.Store.Job(context.WithoutCancel(ctx), id)
		return jerr != nil || j.State != store.Held, nil //nolint:nilerr // the batch stops, or nobody has to hear of it
	}
	return true, nil
}

// one prints one letter that was prepared: a new attempt, then the printer.
// Until data may have reached the printer, a failure leaves the job READY or
// HELD; after that, UNCERTAIN.
func (r *run) one(ctx context.Context, p *prepared) error {
	defer p.raster.Destroy()
	if p.err != nil && code(p.err) == Cancelled && ctx.Err() == nil {
		return store.ErrState // it was let go: central's word held it meanwhile
	}
	if p.err != nil {
		return errors.Join(p.err, r.station.spoilt(ctx, p.job, p.err))
	}
	j, err := r.begin(ctx, p.job)
	if err != nil {
		return errors.Join(err, p.unused(ctx))
	}
	if err := p.used(ctx); err != nil {
		return errors.Join(err, r.station.giveUp(ctx, j, err))
	}
	return r.deliver(ctx, j, p.ticket, p.raster)
}

// begin makes a new attempt of the job durable.
func (r *run) begin(ctx context.Context, j store.Job) (store.Job, error) {
	s := r.station
	next, err := newAttemptCode()
	if err != nil {
		return j, err
	}
	a := store.Attempt{Code: j.NextAttempt, Job: j.ID, Printer: r.printer.setup.ID, Actor: r.who(), Started: s.cfg.Now()}
	if _, err := s.cfg.Store.BeginAttempt(ctx, a, []store.State{store.Ready}, string(next)); err != nil {
		return j, err
	}
	s.edge(j.ID, store.Intent)
	if err := s.refreshJob(ctx, j.ID); err != nil {
		return j, err
	}
	return s.cfg.Store.Job(ctx, j.ID)
}

// who is answerable for the batch: the person at work, or after a lock the last
// one.
func (r *run) who() string {
	r.station.mu.Lock()
	defer r.station.mu.Unlock()
	return r.actor
}
