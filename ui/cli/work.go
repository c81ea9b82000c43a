package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"espero-soft.com/printroom/printer/receipt"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/vault/store"
)

func (p *Program) work(config *string) *cobra.Command {
	var person string
	var pinFD int
	cmd := &cobra.Command{
		Use:   "work",
		Short: "Work without a window: a hand scanner or a program says what to do",
		Long: `Reads one instruction a line from standard input and answers each with one
line of JSON: {"ok":true,…} or {"ok":false,"fault":CODE,"cause":TEXT}.

  claim                   lease letters and fetch them
  print                   print the next batch
  CODE                    a piece's code from the hand scanner
  deposit DIRECTORY       close a deposit; its slip is written there
  receipt NUMBER FILE     attach a receipt's picture to a deposit
  push                    report everything to central now
  status                  the station's state
  quit                    stop`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			pin, err := p.readPIN(pinFD, "PIN: ")
			if err != nil {
				return err
			}
			defer pin.Destroy()
			room, err := p.Open(cmd.Context(), *config)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, room.Close()) }()
			w := &worker{room: room, out: json.NewEncoder(cmd.OutOrStdout())}
			if err := room.Unlock(cmd.Context(), person, pin.Bytes()); err != nil {
				return err
			}
			pin.Destroy()
			if err := w.answer(map[string]any{"unlocked": person}, nil); err != nil {
				return err
			}
			return w.run(cmd.Context(), cmd.InOrStdin())
		},
	}
	cmd.Flags().StringVar(&person, "person", "", "pseudonym of the person at work")
	cmd.Flags().IntVar(&pinFD, "pin-fd", -1, "file descriptor to read the PIN from (default: ask at the terminal)")
	return cmd
}

// worker carries out instructions, one after the other.
type worker struct {
	room Room
	out  *json.Encoder
}

// run ends at "quit", at the end of the instructions, with ctx, or when an
// answer can't be written.
func (w *worker) run(ctx context.Context, instructions io.Reader) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	lines, ended := read(ctx, instructions)
	for {
		var line string
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-ended:
			return err
		case line = <-lines:
		}
		verb, rest, _ := strings.Cut(line, " ")
		if verb == "" {
			continue
		}
		if line == "quit" {
			return w.answer(nil, nil)
		}
		result, err := w.obey(ctx, line, verb, strings.TrimSpace(rest))
		if err := errors.Join(w.answer(result, err), ctx.Err()); err != nil {
			return err
		}
	}
}

// read reads lines until the end, or until ctx ends; then ended gets a value. A
// read that waits for somebody to type can't be broken off: the goroutine ends
// after it, or with the program.
func read(ctx context.Context, r io.Reader) (lines <-chan string, ended <-chan error) {
	out, end := make(chan string), make(chan error, 1)
	go func() {
		s := bufio.NewScanner(r)
		for s.Scan() {
			select {
			case <-ctx.Done():
				return
			case out <- strings.TrimSpace(s.Text()):
			}
		}
		end <- s.Err()
	}()
	return out, end
}

func (w *worker) obey(ctx context.Context, line, verb, rest string) (map[string]any, error) {
	switch verb {
	case "deposit":
		return w.deposit(ctx, rest)
	case "receipt":
		return w.receipt(ctx, rest)
	}
	switch line {
	case "claim":
		err := w.room.Claim(ctx)
		return map[string]any{"ready": len(station.InState(w.room.Snapshot().Jobs, store.Ready))}, err
	case "print":
		return nil, w.print(ctx)
	case "push":
		return nil, w.room.Push(ctx)
	case "status":
		return w.status(), nil
	}
	job, err := w.room.Scan(ctx, line)
	var f *station.Fault
	if errors.As(err, &f) && f.Code == station.CodeUnknown {
		err = fmt.Errorf("%q is no instruction, nor a code that this station knows: %w", line, err)
	}
	if err != nil && job.ID == "" {
		return nil, err
	}
	return map[string]any{"job": job.ID, "state": job.State}, err
}

func (w *worker) print(ctx context.Context) error {
	var ids []string
	for _, j := range station.NextBatch(w.room.Snapshot().Jobs) {
		ids = append(ids, j.ID)
	}
	if len(ids) == 0 {
		return nil
	}
	return w.room.PrintBatch(ctx, ids)
}

func (w *worker) deposit(ctx context.Context, dir string) (map[string]any, error) {
	// A deposit that is closed stays so: its slip must have a place first.
	if at, err := os.Stat(dir); err != nil || !at.IsDir() {
		return nil, errors.Join(errors.New("say which directory the slip goes to: deposit DIRECTORY"), err)
	}
	d, err := w.room.Deposit(ctx)
	if err != nil {
		return nil, err
	}
	slip := filepath.Join(dir, d.Number+".pdf")
	if err := os.WriteFile(slip, d.Slip, 0o600); err != nil {
		return nil, fmt.Errorf("deposit %s is closed, but its slip was not written: %w", d.Number, err)
	}
	return map[string]any{"deposit": d.Number, "pieces": len(d.Attempts), "slip": slip}, nil
}

func (w *worker) receipt(ctx context.Context, rest string) (map[string]any, error) {
	number, path, ok := strings.Cut(rest, " ")
	if !ok {
		return nil, errors.New("say which deposit and which file: receipt NUMBER FILE")
	}
	file, err := readBounded(path, receipt.MaxBytes)
	if err != nil {
		return nil, fmt.Errorf("read the receipt: %w", err)
	}
	r, err := w.room.AttachReceipt(ctx, number, file)
	matched := 0
	for _, c := range r.Codes {
		if c.Finding == station.FindingMatched {
			matched++
		}
	}
	return map[string]any{"receipt": r.ID, "matched": matched, "missing": r.Missing}, err
}

func (w *worker) status() map[string]any {
	s := w.room.Snapshot()
	jobs := []map[string]any{}
	for _, j := range s.Jobs {
		jobs = append(jobs, map[string]any{"job": j.ID, "product": j.Product, "state": j.State, "attempt": j.Attempt, "hold": j.Hold})
	}
	return map[string]any{"jobs": jobs, "central": s.Central, "tpm": s.TPM, "journal": s.Journal, "printer": s.Printer}
}

func (w *worker) answer(result map[string]any, err error) error {
	line := map[string]any{"ok": err == nil}
	for k, v := range result {
		line[k] = v
	}
	var f *station.Fault
	if errors.As(err, &f) {
		line["fault"] = f.Code
	}
	if err != nil {
		line["cause"] = err.Error()
	}
	return w.out.Encode(line)
}
