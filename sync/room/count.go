package room

import (
	"bytes"
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
	Agreed  int64 // journal entries that central exports as the station does
	Alarms  int   // central's, about the journal
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
	if err != nil {
		return c, err
	}
	c.Held, c.Signed = kept.Entries, kept.Countersigned
	alarms, err := r.Central.Alarms(ctx, central.AlarmFilter{})
	if err != nil {
		return c, err
	}
	c.Alarms = len(alarms)
	if agreed, err := r.Agree(ctx, out); err == nil { // that they don't is for Check to say
		c.Agreed = agreed
	}
	return c, nil
}

// Agree exports the station's logs as central holds them to the folder central in
// out, checks them as printroom-verify does, and compares the last one with the
// station's own export in out: they must be the same up to its checkpoint, byte by
// byte. It gives the number of entries up to there.
func (r *Room) Agree(ctx context.Context, out string) (int64, error) {
	dir := filepath.Join(out, "central")
	if err := os.RemoveAll(dir); err != nil {
		return 0, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return 0, err
	}
	exports, keys, _, err := r.Central.ExportStation(ctx, Station, dir, false)
	if err != nil {
		return 0, err
	}
	if len(exports) == 0 {
		return 0, errors.New("central exports nothing")
	}
	if result, err := verifyAll(exports, keys); err != nil || !result.OK {
		return 0, fmt.Errorf("central's exports: %+v, %w", result, err)
	}
	theirs, err := os.ReadFile(exports[len(exports)-1])
	if err != nil {
		return 0, err
	}
	ours, err := os.ReadFile(filepath.Join(out, "journal.jsonl"))
	if err != nil {
		return 0, err
	}
	entries, _, sealed := bytes.Cut(ours, []byte(`{"checkpoint":`))
	if !sealed || !bytes.HasPrefix(theirs, entries) {
		return 0, fmt.Errorf("of the %d bytes that the station exports, central's are not the same", len(entries))
	}
	return int64(bytes.Count(entries, []byte("\n"))), nil
}

// verifyAll reads exports in order, with the key file of each.
func verifyAll(exports, keys []string) (verify.Result, error) {
	var all []verify.Keys
	for _, name := range keys {
		text, err := os.ReadFile(name)
		if err != nil {
			return verify.Result{}, err
		}
		k, err := verify.ParseKeys(text)
		if err != nil {
			return verify.Result{}, err
		}
		all = append(all, k)
	}
	x, err := verify.NewExports(all, verify.Options{})
	if err != nil {
		return verify.Result{}, err
	}
	for _, name := range exports {
		f, err := os.Open(name)
		if err != nil {
			return verify.Result{}, err
		}
		if err := errors.Join(x.Read(filepath.Base(name), f), f.Close()); err != nil {
			return verify.Result{}, err
		}
	}
	return x.Result()
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
	if c.Signed < c.Journal.Entries {
		signed = fmt.Sprintf("%d countersigned", c.Signed)
	}
	agreed := "the same at central"
	if c.Agreed != c.Journal.Entries {
		agreed = "NOT the same at central"
	}
	return fmt.Sprintf("demo: %d paid, %d printed, %d dropped off, %d rejected, %d cancelled, %d lost, %d duplicated; journal: %d entries, %s, %s, %s",
		l.Paid, c.Printed, l.DroppedOff, l.Rejected, l.Cancelled, c.Lost(), c.Duplicated(), c.Journal.Entries, verified, signed, agreed)
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
	expect("journal entries at central after the export, but for the program's end", max(c.Held-c.Journal.Entries-1, 0), 0)
	expect("journal entries countersigned", c.Signed, c.Held)
	expect("journal entries that central exports as the station does", c.Agreed, c.Journal.Entries)
	expect("alarms about the journal", int64(c.Alarms), 0)
	expect("journal intents, by their results", c.Journal.Counts.Intents, c.Journal.Counts.Results)
	return errors.Join(errs...)
}
