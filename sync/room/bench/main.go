// Command bench measures the print room beside its peers: the same work, on
// the same machine, in turn. It prints a table and writes bench.json. Only the
// ratios mean something; what could not be measured is left out.
//
// Nothing of ours is switched off: the renderer is the built product's sandboxed
// worker, the journal is durable, letters are sealed to a TPM's key.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// options of one measurement.
type options struct {
	product  string // the built program, which is the renderer's worker too
	runs     int    // measured runs of each side
	dir      string // for what the rows leave behind; removed at the end
	journal  string // folder of the journal's fixture, "" for one in the user's cache
	entries  int64  // how many that has
	accesses int    // of one side in a run that appends
}

func run() (err error) {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	o := options{accesses: accessesARun}
	var wanted, out string
	flag.StringVar(&wanted, "rows", "", "`numbers` of the rows to measure, such as 1,5; all when empty")
	flag.StringVar(&out, "out", "bench.json", "`file` for the figures")
	flag.StringVar(&o.product, "printroom", filepath.Join(filepath.Dir(self), "printroom"), "the built `program`")
	flag.IntVar(&o.runs, "runs", 5, "measured runs of each side, at least 5")
	flag.StringVar(&o.journal, "journal", "", "`folder` of the big journal, made when it is missing (about 8 minutes, 10 GB); in the user's cache when empty")
	flag.Int64Var(&o.entries, "entries", usualEntries, "`number` of the big journal's entries")
	only := flag.Bool("make-journal", false, "make the big journal and measure nothing")
	flag.Parse()
	if flag.NArg() > 0 || o.runs < 5 {
		return errors.New("usage: bench [-rows 1,2] [-runs n] [-out file] [-printroom program]")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if *only {
		_, err := bigFixture(ctx, o)
		return err
	}
	if o.product, err = filepath.Abs(o.product); err != nil {
		return err
	}
	if _, err := os.Stat(o.product); err != nil {
		return fmt.Errorf("the program is not built (make build): %w", err)
	}
	chosen, err := choose(rows(), wanted)
	if err != nil {
		return err
	}
	if o.dir, err = os.MkdirTemp("", "printroom-bench-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(o.dir)) }()

	var figures []figure
	var failed []error
	for _, r := range chosen {
		fmt.Printf("measuring row %s: %s\n", r.id, r.name)
		f, err := measure(ctx, r, o)
		if err != nil {
			failed = append(failed, fmt.Errorf("row %s: %w", r.id, err))
			continue
		}
		figures = append(figures, f)
	}
	machine := thisMachine()
	fmt.Print(table(machine, figures))
	return errors.Join(append(failed, writeJSON(out, machine, figures))...)
}

// choose returns the rows asked for; "1" asks for "1-two-workers" as well.
func choose(all []row, wanted string) ([]row, error) {
	if wanted == "" {
		return all, nil
	}
	var chosen []row
	for id := range strings.SplitSeq(wanted, ",") {
		before := len(chosen)
		for _, r := range all {
			if main, _, _ := strings.Cut(r.id, "-"); (r.id == id || main == id) && !slices.ContainsFunc(chosen, func(c row) bool { return c.id == r.id }) {
				chosen = append(chosen, r)
			}
		}
		if len(chosen) == before {
			return nil, fmt.Errorf("row %q is not measured by this program, or was named twice", id)
		}
	}
	return chosen, nil
}
