package room

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"espero-soft.com/printroom/printer/virtual"
	"espero-soft.com/printroom/sync/room/mail"
	"espero-soft.com/printroom/vault/store"
)

// An incident befalls the batch that is about to be printed. It returns what
// must be called when the batch has ended, with its error: nil or the error
// that the incident does not explain.
type incident func(ctx context.Context) (over func(error) error)

// WholeDay is the smallest number of letters of a day on which everything
// happens that happens in a print room; on a smaller one nothing does.
const WholeDay = 12

// defects are the letters of a whole day that can't be mailed.
func defects() []mail.Defect { return []mail.Defect{mail.PageCount, mail.Corrupt, mail.CheckDigit} }

// incidents of a whole day, in the order in which they come.
func (d *Day) incidents() []incident {
	return []incident{d.jam, d.cancellation, d.cut}
}

// sendDocument is RFC 8011's operation Send-Document.
const sendDocument = 0x0006

// jam stops the printer in the middle of a letter until somebody clears it.
func (d *Day) jam(ctx context.Context) func(error) error {
	d.Room.Printer.Trouble("media-jam", 1)
	cleared := make(chan struct{})
	go func() {
		defer close(cleared)
		wait(ctx, 1500*time.Millisecond)
		d.Room.Printer.Clear()
	}()
	return func(err error) error {
		<-cleared
		d.say("the printer jammed, somebody cleared it, and it went on by itself")
		return err
	}
}

// cancellation is a customer who takes a letter back while it is being printed.
// Its paper is found by its order afterwards; see takeOut.
func (d *Day) cancellation(ctx context.Context) func(error) error {
	// The printer's answer is kept back long enough for the order to overtake it.
	d.Room.Proxy.Break(&virtual.Fault{Operation: sendDocument, Times: 1, Delay: 3 * time.Second})
	done := make(chan error, 1)
	go func() { done <- d.cancelOne(ctx) }()
	return func(err error) error { return errors.Join(err, <-done) }
}

func (d *Day) cancelOne(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, time.Minute, errors.New("no letter was being printed to be cancelled"))
	defer cancel()
	if err := errors.Join(d.Room.cancelInPrint(ctx, d.seen), context.Cause(ctx)); err != nil {
		return err
	}
	d.say("a customer cancelled the letter that was being printed")
	return nil
}

// CancelInPrint cancels, once, a letter that is being printed, on a whole day.
// It returns when that is done, or without an error when ctx ends.
func (r *Room) CancelInPrint(ctx context.Context) error {
	if !r.Options.WholeDay {
		return nil
	}
	return r.cancelInPrint(ctx, nil)
}

func (r *Room) cancelInPrint(ctx context.Context, spared []string) error {
	for ; ctx.Err() == nil; wait(ctx, 50*time.Millisecond) {
		ledger, err := r.Central.Ledger(ctx)
		switch {
		case ctx.Err() != nil:
			continue
		case err != nil:
			return err
		}
		for _, j := range ledger.Jobs {
			if j.State == "paper" && j.Printed == 0 && j.Accepted == "" && !slices.Contains(spared, j.ID) {
				return r.Central.Cancel(ctx, j.ID)
			}
		}
	}
	return nil
}

// cut breaks the connection in the middle of a letter: nobody can know what is
// on paper.
func (d *Day) cut(context.Context) func(error) error {
	d.Room.Proxy.Break(&virtual.Fault{Operation: sendDocument, Times: 1, CutAfter: 20_000})
	return func(err error) error {
		if unsure(err) {
			d.say("the connection to the printer broke in the middle of a letter")
			return nil
		}
		return fmt.Errorf("the connection was cut, and the batch ended with %w", err)
	}
}

// unsure tells whether a batch stopped at a letter that may be on paper.
func unsure(err error) bool {
	var refused *Refused
	return errors.As(err, &refused) && refused.Fault == "uncertain"
}

// settle ends what printing left open: a letter that was taken back goes out of
// the tray, and one that nobody can be sure of is looked for there.
func (d *Day) settle(ctx context.Context, w *Worker) error {
	s, err := w.Do("status")
	if err != nil {
		return err
	}
	for _, j := range s.Jobs {
		switch {
		case j.Order != "" && store.State(j.State) != store.Held:
			if _, err := w.Do("pull %s order", j.Attempt); err != nil {
				return err
			}
			d.pulled = append(d.pulled, j.Attempt)
			d.say("%s was taken back: taken out of the tray and destroyed", j.Attempt)
		case store.State(j.State) == store.Uncertain:
			if err := d.lookInTray(ctx, w, j.Attempt); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *Day) lookInTray(ctx context.Context, w *Worker, attempt string) error {
	pieces, err := d.Room.Pieces(ctx, "")
	if err != nil {
		return err
	}
	for _, p := range pieces {
		if string(p.Attempt) == attempt && p.Whole {
			d.say("%s was uncertain: it lies in the tray, whole", attempt)
			_, err := w.Do("ok %s", attempt)
			return err
		}
	}
	d.say("%s was uncertain: it is not whole; what came out was destroyed, and it is printed again", attempt)
	_, err = w.Do("reprint %s incomplete destroyed", attempt)
	d.pulled = append(d.pulled, attempt)
	return err
}

// wait waits for a time, or until ctx ends.
func wait(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
