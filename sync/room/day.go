package room

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"espero-soft.com/printroom/sync/room/mail"
)

// Day is what a day leaves in its folder: pages, slips, receipts, the journal
// and its keys.
type Day struct {
	Room *Room
	Out  string    // the folder
	Log  io.Writer // a line for each thing done
}

// Work plays the day of an operator, by the program without its window: claim
// and print until nothing is left, scan each piece, hand the pieces in, attach
// the receipt, report. It believes nothing the program says: codes come off
// the paper, numbers from central.
func (d Day) Work(ctx context.Context) (err error) {
	for _, dir := range []string{"pages", "slips", "receipts"} {
		if err := os.MkdirAll(filepath.Join(d.Out, dir), 0o700); err != nil {
			return err
		}
	}
	operator := d.Room.People()[0]
	w, err := d.Room.Work(ctx, operator.Pseudonym, PIN)
	if err != nil {
		return err
	}
	d.say("%s unlocked the station", operator.Name)
	defer func() {
		if err != nil {
			err = errors.Join(err, w.Kill())
		}
	}()
	for _, step := range []func(context.Context, *Worker) error{d.print, d.envelope, d.dropOff} {
		if err := step(ctx, w); err != nil {
			return err
		}
	}
	if err := w.Quit(); err != nil {
		return err
	}
	return d.seal(ctx)
}

func (d Day) say(format string, args ...any) {
	_, _ = fmt.Fprintf(d.Log, format+"\n", args...)
}

// print claims and prints until central has nothing more.
func (d Day) print(_ context.Context, w *Worker) error {
	for {
		a, err := w.Do("claim")
		if err != nil {
			return err
		}
		if a.Ready == 0 {
			return nil
		}
		d.say("claimed %d letters", a.Ready)
		for left := a.Ready; left > 0; {
			if _, err := w.Do("print"); err != nil {
				return err
			}
			s, err := w.Do("status")
			if err != nil {
				return err
			}
			before := left
			left = 0
			for _, j := range s.Jobs {
				if j.State == "READY" {
					left++
				}
			}
			if left == before {
				return errors.New("a batch ended without printing anything")
			}
			d.say("printed a batch of %d", before-left)
		}
	}
}

// envelope scans each piece that came out of the printer and waits until
// central has judged every scan.
func (d Day) envelope(ctx context.Context, w *Worker) error {
	pieces, err := d.Room.Pieces(ctx, filepath.Join(d.Out, "pages"))
	if err != nil {
		return err
	}
	for _, p := range pieces {
		if _, err := w.Do("%s", p.Attempt); err != nil {
			return err
		}
	}
	d.say("enveloped and scanned %d pieces", len(pieces))
	_, err = w.Do("push")
	return err
}

// dropOff hands the pieces in and attaches the counter's receipt.
func (d Day) dropOff(ctx context.Context, w *Worker) error {
	a, err := w.Do("deposit %s", filepath.Join(d.Out, "slips"))
	if err != nil {
		return err
	}
	d.say("deposit %s: %d pieces", a.Deposit, a.Pieces)
	if _, err := w.Do("push"); err != nil {
		return err
	}
	ledger, err := d.Room.Central.Ledger(ctx)
	if err != nil {
		return err
	}
	var numbers []string
	for _, j := range ledger.Jobs {
		if j.Dropped > 0 && j.Tracking != "" {
			numbers = append(numbers, j.Tracking)
		}
	}
	picture, err := mail.ReceiptImage(d.Room.Options.Seed, a.Deposit, numbers)
	if err != nil {
		return err
	}
	path := filepath.Join(d.Out, "receipts", a.Deposit+".jpg")
	if err := os.WriteFile(path, picture, 0o600); err != nil {
		return err
	}
	r, err := w.Do("receipt %s %s", a.Deposit, path)
	if err != nil {
		return err
	}
	if r.Matched != len(numbers) || len(r.Missing) > 0 {
		return fmt.Errorf("%d of %d registered numbers were found on the receipt", r.Matched, len(numbers))
	}
	d.say("receipt attached, %d registered numbers matched", r.Matched)
	_, err = w.Do("push")
	return err
}

// seal waits for the last countersignature and exports the journal.
func (d Day) seal(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	return d.Room.Export(ctx, d.Out)
}
