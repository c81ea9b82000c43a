package room

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/sync/central"
	"espero-soft.com/printroom/vault/journal/verify"
)

// Count is what a day came to, read off central's ledger, the printer's output
// and the exported journal. The program is not asked.
type Count struct {
	Ledger  central.Ledger
	Printed int // letters of which a whole piece came out of the printer
	Twice   int // letters of which more than one piece came out
	Journal verify.Report
	Held    int64 // journal entries that central holds
	Signed  int64 // how many of them it countersigned
}

// Count counts a day whose journal was exported to out.
func (r *Room) Count(ctx context.Context, out string) (Count, error) {
	var c Count
	var err error
	if c.Ledger, err = r.Central.Ledger(ctx); err != nil {
		return c, err
	}
	pieces, err := r.Pieces(ctx, "")
	if err != nil {
		return c, err
	}
	c.Printed, c.Twice = whole(pieces)
	if c.Journal, err = readExport(out); err != nil {
		return c, err
	}
	log, err := r.Central.Log(ctx, Station)
	if err != nil {
		return c, err
	}
	kept, err := r.Central.Journal(ctx, log)
	c.Held, c.Signed = kept.Entries, kept.Countersigned
	return c, err
}

func whole(pieces []Piece) (printed, twice int) {
	seen := map[postal.AttemptCode]int{}
	for _, p := range pieces {
		if p.Whole {
			seen[p.Attempt]++
		}
	}
	for _, n := range seen {
		if n > 1 {
			twice++
		}
	}
	return len(seen), twice
}

func readExport(dir string) (verify.Report, error) {
	text, err := os.ReadFile(filepath.Join(dir, "journal.vkey"))
	if err != nil {
		return verify.Report{}, err
	}
	keys, err := verify.ParseKeys(text)
	if err != nil {
		return verify.Report{}, err
	}
	f, err := os.Open(filepath.Join(dir, "journal.jsonl"))
	if err != nil {
		return verify.Report{}, err
	}
	report, err := verify.Export(f, keys, verify.Options{})
	return report, errors.Join(err, f.Close())
}

// String is the day's last line.
func (c Count) String() string {
	l := c.Ledger
	verified, signed := "verified", "countersigned"
	if !c.Journal.OK {
		verified = "NOT verified"
	}
	if c.Signed != c.Journal.Entries {
		signed = fmt.Sprintf("%d countersigned", c.Signed)
	}
	return fmt.Sprintf("demo: %d paid, %d printed, %d dropped off, %d rejected, %d cancelled, %d lost, %d duplicated; journal: %d entries, %s, %s",
		l.Paid, c.Printed, l.DroppedOff, l.Rejected, l.Cancelled, c.Lost(), c.Duplicated(), c.Journal.Entries, verified, signed)
}

// Lost counts the letters that came to no end.
func (c Count) Lost() int {
	return c.Ledger.Paid - c.Ledger.DroppedOff - c.Ledger.Rejected - c.Ledger.Cancelled
}

// Duplicated counts the letters that were mailed, or came out under one code,
// more than once.
func (c Count) Duplicated() int { return max(c.Ledger.Duplicated, c.Twice) }

// Check finds what does not fit together.
func (c Count) Check() error {
	var errs []error
	expect := func(what string, got, want int64) {
		if got != want {
			errs = append(errs, fmt.Errorf("%s: %d, expected %d", what, got, want))
		}
	}
	expect("letters lost", int64(c.Lost()), 0)
	expect("letters duplicated", int64(c.Duplicated()), 0)
	expect("letters out of the printer, by central's ledger of printings", int64(c.Printed), int64(c.Ledger.Printed))
	expect("letters dropped off that no whole piece came out for", max(int64(c.Ledger.DroppedOff-c.Printed), 0), 0)
	expect("journal entries at central", c.Held, c.Journal.Entries)
	expect("journal entries countersigned", c.Signed, c.Journal.Entries)
	expect("journal intents, by their results", c.Journal.Counts.Intents, c.Journal.Counts.Results)
	return errors.Join(errs...)
}
