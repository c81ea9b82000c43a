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

    claim                      lease letters and fetch them
    print                      print the next batch; answered when it has ended
    CODE                       a piece's code from the hand scanner
    ok CODE                    every sheet of the letter is there and good
    reprint CODE REASON [destroyed] [second PSEUDONYM]
                               print it once more; the old sheets are destroyed
    pull CODE REASON           it was destroyed and is set aside
    retry CODE                 a letter that was held may be printed
    override CODE [second PSEUDONYM]
                               a letter held for what the check found is printed
    keep CODE longer|usual [second PSEUDONYM]
                               keep it 12 months as proof, or as long as others
    printer ID                 the next batches go to this printer
    deposit DIRECTORY          close a deposit; its slip is written there
    takeback CODE REASON       the counter refuses a piece, or it goes another day
    deposits                   the closed deposits and their proofs
    receipt NUMBER FILE        attach a receipt's picture to a deposit
    push                       report everything to central now
    status                     the station's state
    quit                       stop
    stop                       end the batch after the letter in print
    cancel                     cancel the letter in print
    person PSEUDONYM           another person goes on

REASON of a reprint: jam, damaged, print_quality, incomplete, wrong_paper, lost;
of a pull: content, address, damaged, order; of a takeback: damaged, address,
franking, format, number, later.

The PIN of the second person, and of the one who goes on, is a line of the file
descriptor that --second-pin-fd names; it is never part of an instruction.

An instruction is carried out when the one before has ended. While a batch
prints, stop, cancel and person are answered at once, with "to" naming the
instruction, before the answer to print.`

func (p *Program) work(config *string) *cobra.Command {
	var person string
	var pinFD, secondFD int
	cmd := &cobra.Command{
		Use:   "work",
		Short: "Work without a window: a hand scanner or a program says what to do",
		Long:  longWork,
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			second, err := openPINs(secondFD)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, second.close()) }()
			if pinFD >= 0 && pinFD == secondFD {
				return errOneForBoth
			}
			pin, err := p.readPIN(cmd.Context(), pinFD, "PIN: ")
			if err != nil {
				return err
			}
			defer pin.Destroy()
			room, err := p.Open(cmd.Context(), *config)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, room.Close()) }()
			w := &worker{room: room, pins: second, out: json.NewEncoder(cmd.OutOrStdout())}
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
	cmd.Flags().IntVar(&secondFD, "second-pin-fd", -1, "file descriptor to read other people's PINs from, a line each time one is needed")
	return cmd
}

var errOneForBoth = errors.New("--pin-fd is read once and closed: --second-pin-fd needs another file descriptor")

// worker carries out instructions, one after the other. Only the goroutine of
// run answers.
type worker struct {
	room Room
	pins pins
	out  *json.Encoder
}

// run ends at "quit", at the end of the instructions, with ctx, or when an
// answer can't be written; but not while a batch prints.
func (w *worker) run(ctx context.Context, instructions io.Reader) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	lines, ended := read(ctx, instructions)
	waiting := "" // given while a batch was printed
	for {
		line := waiting
		if waiting = ""; line == "" {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case err := <-ended:
				return err
			case line = <-lines:
			}
		}
		var err error
		switch line {
		case "":
			continue
		case "quit":
			return w.answer(nil, nil)
		case "print":
			waiting, err = w.printing(ctx, lines)
		default:
			var result map[string]any
			result, err = w.obey(ctx, line)
			err = w.answer(result, err)
		}
		if err := errors.Join(err, ctx.Err()); err != nil {
			return err
		}
	}
}

// printing prints the next batch and answers when it has ended. Meanwhile it
// carries out what can't wait; the first instruction that can is returned.
func (w *worker) printing(ctx context.Context, lines <-chan string) (waiting string, err error) {
	printed := make(chan error, 1)
	go func() { printed <- w.print(ctx) }()
	for {
		select {
		case failed := <-printed:
			return waiting, errors.Join(err, w.answer(nil, failed))
		case line := <-lines:
			result, did, failed := w.meanwhile(ctx, line)
			switch {
			case did:
				err = errors.Join(err, w.answer(result, failed))
			case line != "":
				waiting, lines = line, nil // what follows waits too
			}
		}
	}
}

// meanwhile carries out an instruction that may be given while a batch prints.
func (w *worker) meanwhile(ctx context.Context, line string) (result map[string]any, did bool, err error) {
	verb, rest, _ := strings.Cut(line, " ")
	switch {
	case line == "stop", line == "cancel", verb == "person" && rest != "":
		result, err = w.obey(ctx, line)
		if result == nil {
			result = map[string]any{}
		}
		result["to"] = verb
		return result, true, err
	}
	return nil, false, nil
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
