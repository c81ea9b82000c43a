package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"espero-soft.com/printroom/sync/station"
)

const longWork = `Reads one instruction a line from standard input and answers each with one
line of JSON: {"ok":true,…} or {"ok":false,"fault":CODE,"cause":TEXT}.

    claim                   lease letters and fetch them
    print                   print the next batch
    CODE                    a piece's code from the hand scanner
    printer ID              the next batches go to this printer
    deposit DIRECTORY       close a deposit; its slip is written there
    deposits                the closed deposits and their proofs
    receipt NUMBER FILE     attach a receipt's picture to a deposit
    push                    report everything to central now
    status                  the station's state
    quit                    stop`

func (p *Program) work(config *string) *cobra.Command {
	var person string
	var pinFD int
	cmd := &cobra.Command{
		Use:   "work",
		Short: "Work without a window: a hand scanner or a program says what to do",
		Long:  longWork,
		Args:  cobra.NoArgs,
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
		if line == "" {
			continue
		}
		if line == "quit" {
			return w.answer(nil, nil)
		}
		result, err := w.obey(ctx, line)
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
