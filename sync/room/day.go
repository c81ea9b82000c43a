package room

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/sync/room/mail"
	"espero-soft.com/printroom/vault/store"
)

// Day is a day of work and what it leaves in a folder: pages, slips, receipts,
// the journal and its keys. On a whole day the printer jams, a customer cancels
// the letter that is being printed, and a connection breaks in mid-letter.
type Day struct {
	Room *Room
	Out  string    // the folder
	Log  io.Writer // a line for each thing done

	waiting []incident // still to come
	seen    []string   // jobs that were on paper before the batch began
	pulled  []string   // attempts whose paper was destroyed
}

// Work plays the day of an operator, by the program without its window: claim
// and print until nothing is left, settle what is open, scan each piece, hand the
// pieces in, attach the receipts, report. It believes nothing the program says:
// codes come off the paper, numbers from central.
func (d *Day) Work(ctx context.Context) (err error) {
	for _, dir := range []string{"pages", "slips", "receipts"} {
		if err := os.MkdirAll(filepath.Join(d.Out, dir), 0o700); err != nil {
			return err
		}
	}
	if d.Room.Options.WholeDay {
		d.waiting = d.incidents()
	}
	operator := d.Room.People()[0]
	w, err := d.Room.Work(ctx, operator.Pseudonym, PIN(operator.Pseudonym))
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
	if len(d.waiting) > 0 {
		return fmt.Errorf("%d incidents found no batch to befall", len(d.waiting))
	}
	return d.seal(ctx)
}

func (d *Day) say(format string, args ...any) {
	_, _ = fmt.Fprintf(d.Log, format+"\n", args...)
}

// print claims and prints until central has nothing more.
func (d *Day) print(ctx context.Context, w *Worker) error {
	began := time.Now()
	letters, err := d.claim(w)
	if err != nil {
		return err
	}
	for left := letters; left > 0; {
		before, destroyed := left, len(d.pulled)
		if left, err = d.batch(ctx, w); err != nil {
			return err
		}
		if left == before && len(d.pulled) == destroyed { // one that is printed again is left, too
			return errors.New("a batch ended without printing anything")
		}
		d.say("printed a batch of %d", before-left)
	}
	took := time.Since(began)
	d.say("%d letters from paid to printed in %.1f s: %.0f a minute", letters, took.Seconds(), float64(letters)/took.Minutes())
	return nil
}

// claim fetches all that central has, so that letters of a kind share batches,
// and counts those that can be printed.
func (d *Day) claim(w *Worker) (ready int, err error) {
	for {
		a, err := w.Do("claim")
		if err != nil || a.Ready == ready {
			return ready, err
		}
		ready = a.Ready
		d.say("claimed: %d letters are ready", ready)
	}
}

// batch prints the next batch, with whatever befalls it, settles what it left,
// and counts the letters that are still to be printed.
func (d *Day) batch(ctx context.Context, w *Worker) (left int, err error) {
	over, err := d.befall(ctx, w)
	if err != nil {
		return 0, err
	}
	_, err = w.Do("print")
	if err := over(err); err != nil && !unsure(err) { // what nobody can be sure of is looked for in the tray
		return 0, err
	}
	if err := d.settle(ctx, w); err != nil {
		return 0, err
	}
	s, err := w.Do("status")
	if err != nil {
		return 0, err
	}
	for _, j := range s.Jobs {
		if store.State(j.State) == store.Ready {
			left++
		}
	}
	return left, nil
}

// befall begins the next incident, if any is left. Registered letters are spared:
// printing one again would need a second person.
func (d *Day) befall(ctx context.Context, w *Worker) (over func(error) error, err error) {
	s, err := w.Do("status")
	if err != nil {
		return nil, err
	}
	next := ""
	d.seen = nil
	for _, j := range s.Jobs {
		if store.State(j.State) != store.Ready {
			d.seen = append(d.seen, j.Job)
		} else if next == "" {
			next = j.Product
		}
	}
	if len(d.waiting) == 0 || next == string(postal.Registered) {
		return func(err error) error { return err }, nil
	}
	befallen := d.waiting[0]
	d.waiting = d.waiting[1:]
	return befallen(ctx), nil
}

// envelope scans each piece that came out of the printer, was not destroyed, and
// waits until central has judged every scan.
func (d *Day) envelope(ctx context.Context, w *Worker) error {
	pieces, err := d.Room.Pieces(ctx, filepath.Join(d.Out, "pages"))
	if err != nil {
		return err
	}
	scanned := 0
	for _, p := range pieces {
		if p.Attempt == "" || slices.Contains(d.pulled, string(p.Attempt)) {
			continue
		}
		if _, err := w.Do("%s", p.Attempt); err != nil {
			return err
		}
		scanned++
	}
	d.say("enveloped and scanned %d pieces", scanned)
	_, err = w.Do("push")
	return err
}

// dropOff hands the pieces in and attaches the counter's receipt.
func (d *Day) dropOff(ctx context.Context, w *Worker) error {
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
	receipts := 0
	var numbers []string
	for _, j := range ledger.Jobs {
		if j.Dropped > 0 && j.Tracking != "" {
			numbers = append(numbers, j.Tracking)
		}
	}
	for part := range slices.Chunk(numbers, mail.MaxReceiptNumbers) {
		receipts++
		if err := d.receipt(w, a.Deposit, receipts, part); err != nil {
			return err
		}
	}
	if len(numbers) == 0 {
		if err := d.receipt(w, a.Deposit, 1, nil); err != nil {
			return err
		}
	}
	d.say("%d registered numbers matched on the receipts", len(numbers))
	_, err = w.Do("push")
	return err
}

// receipt is one sheet from the counter's printer, scanned and attached.
func (d *Day) receipt(w *Worker, deposit string, n int, numbers []string) error {
	picture, err := mail.ReceiptImage(d.Room.Options.Seed+int64(n)-1, deposit, numbers)
	if err != nil {
		return err
	}
	path := filepath.Join(d.Out, "receipts", fmt.Sprintf("%s-%d.jpg", deposit, n))
	if err := os.WriteFile(path, picture, 0o600); err != nil {
		return err
	}
	r, err := w.Do("receipt %s %s", deposit, path)
	if err == nil && r.Matched != len(numbers) {
		err = fmt.Errorf("%d of %d registered numbers were found on the receipt", r.Matched, len(numbers))
	}
	return err
}

// seal waits for the last countersignature and exports the journal.
func (d *Day) seal(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	return d.Room.Export(ctx, d.Out)
}
