// Command demo is the demo room: everything real around the real application.
// With a display it opens the window and says in the terminal what to do next;
// headless, it works a day by itself and counts what came of it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"espero-soft.com/printroom/sync/room"
)

type options struct {
	headless bool
	letters  int
	out      string
	seed     int64
	language string
	program  string
}

func main() {
	var o options
	flag.BoolVar(&o.headless, "headless", false, "work a day without a window")
	flag.IntVar(&o.letters, "letters", 3, "letters to pay for")
	flag.StringVar(&o.out, "out", "out", "folder for what the day leaves")
	flag.Int64Var(&o.seed, "seed", 1, "makes other letters")
	flag.StringVar(&o.language, "lang", "en", "language of the people: fr, nl, de, en")
	flag.StringVar(&o.program, "program", besides("printroom"), "the application")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, o)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// besides is a program in the folder of this one.
func besides(name string) string {
	self, err := os.Executable()
	if err != nil {
		return name
	}
	return filepath.Join(filepath.Dir(self), name)
}

func run(ctx context.Context, o options) (err error) {
	dir, err := os.MkdirTemp("", "printroom-demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := os.MkdirAll(o.out, 0o700); err != nil {
		return err
	}
	if o.out, err = filepath.Abs(o.out); err != nil {
		return err
	}
	options := room.Options{
		Program: o.program, Dir: dir, Seed: o.seed, Letters: o.letters, Language: o.language,
		WholeDay: o.letters >= room.WholeDay, PINs: room.Everybody(),
	}
	if !o.headless {
		options.Printer.PageTime = 500 * time.Millisecond
	}
	r, err := room.Open(ctx, options)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	if o.headless {
		return headless(ctx, r, o.out)
	}
	return window(ctx, r)
}

func headless(ctx context.Context, r *room.Room, out string) error {
	if err := (&room.Day{Room: r, Out: out, Log: os.Stdout}).Work(ctx); err != nil {
		return err
	}
	count, err := r.Count(ctx, out)
	if err != nil {
		return err
	}
	fmt.Println(count)
	return count.Check()
}

func window(ctx context.Context, r *room.Room) error {
	fmt.Printf("The room is open: %d letters are paid, station %s is enrolled.\n\n", r.Options.Letters+len(r.Options.Defects), room.Station)
	for _, p := range r.People() {
		fmt.Printf("  %-14s %-11s PIN %s\n", p.Name, p.Role, room.PIN(p.Pseudonym))
	}
	fmt.Print("\nNext: choose Anna Claes in the window, type her PIN, press Enter.\n" +
		"Then F5 fetches the letters, Space shows the chosen one, Ctrl+P prints the next batch.\n" +
		"Close the window to end the day.\n\n")
	customer, gone := context.WithCancel(ctx)
	cancelled := make(chan error, 1)
	go func() { cancelled <- r.CancelInPrint(customer) }()
	err := r.Window(ctx)
	gone()
	if err := errors.Join(err, <-cancelled); err != nil && ctx.Err() == nil {
		return err
	}
	ledger, err := r.Central.Ledger(context.WithoutCancel(ctx))
	if err != nil {
		return err
	}
	fmt.Printf("central's ledger: %d paid, %d printed, %d at the station, %d not fetched\n",
		ledger.Paid, ledger.Printed, ledger.Working, ledger.Waiting)
	return nil
}
