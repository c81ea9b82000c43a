package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/vault/memory"
)

// decision reads what a person decided: CODE, for a reprint and a pull a reason,
// then in any order the words "destroyed" and "second PSEUDONYM". Whoever pulls
// a letter has destroyed it.
func (w *worker) decision(verdict station.Verdict, rest string) (d station.Decision, second string, err error) {
	words := strings.Fields(rest)
	if len(words) == 0 {
		return d, "", fmt.Errorf("say which letter: %s CODE", verdict)
	}
	job, ok := w.room.Find(words[0])
	if !ok {
		return d, "", &station.Fault{Code: station.CodeUnknown, Err: fmt.Errorf("%q is no code that this station knows", words[0])}
	}
	d = station.Decision{Job: job.ID, Verdict: verdict, Destroyed: verdict == station.VerdictPull}
	words = words[1:]
	if verdict != station.VerdictOK {
		if len(words) == 0 {
			return d, "", &station.Fault{Code: station.ReasonMissing, Err: fmt.Errorf("say why: %s CODE REASON", verdict)}
		}
		d.Reason, words = station.ReasonCode(words[0]), words[1:]
	}
	for len(words) > 0 {
		switch {
		case words[0] == "destroyed" && verdict == station.VerdictReprint:
			d.Destroyed, words = true, words[1:]
		case words[0] == "second" && verdict == station.VerdictReprint && len(words) > 1:
			second, words = words[1], words[2:]
		default:
			return d, "", fmt.Errorf("%q is not understood after %s", words[0], verdict)
		}
	}
	return d, second, nil
}

func (w *worker) decide(ctx context.Context, verdict station.Verdict, rest string) (map[string]any, error) {
	d, second, err := w.decision(verdict, rest)
	if err != nil {
		return nil, err
	}
	if d.Second, err = w.second(ctx, second); err != nil {
		return nil, err
	}
	defer wipe(d.Second)
	err = w.room.Decide(ctx, d)
	return w.after(d.Job), err
}

// after is a letter as it is after an instruction.
func (w *worker) after(id string) map[string]any {
	jobs := w.room.Snapshot().Jobs
	if i := slices.IndexFunc(jobs, func(j station.Job) bool { return j.ID == id }); i >= 0 {
		return map[string]any{"job": id, "state": jobs[i].State, "hold": jobs[i].Hold}
	}
	return map[string]any{"job": id}
}

// takeBack takes a piece out of its deposit, or keeps it out of the next.
func (w *worker) takeBack(ctx context.Context, rest string) (map[string]any, error) {
	code, reason, ok := strings.Cut(rest, " ")
	if !ok {
		return nil, &station.Fault{Code: station.ReasonMissing, Err: errors.New("say which piece and why: takeback CODE REASON")}
	}
	job, ok := w.room.Find(code)
	if !ok {
		return nil, &station.Fault{Code: station.CodeUnknown, Err: fmt.Errorf("%q is no code that this station knows", code)}
	}
	err := w.room.TakeBack(ctx, job.Attempt, station.ReturnReason(strings.TrimSpace(reason)))
	return w.after(job.ID), err
}

func (w *worker) retry(ctx context.Context, code string) (map[string]any, error) {
	job, ok := w.room.Find(code)
	if !ok {
		return nil, &station.Fault{Code: station.CodeUnknown, Err: fmt.Errorf("%q is no code that this station knows", code)}
	}
	err := w.room.Retry(ctx, job.ID)
	return w.after(job.ID), err
}

// handOver lets another person go on, without a pause for what is being printed.
func (w *worker) handOver(ctx context.Context, pseudonym string) (map[string]any, error) {
	pin, err := w.pins.next(ctx)
	if err != nil {
		return nil, err
	}
	defer memory.Wipe(pin)
	if err := w.room.Unlock(ctx, pseudonym, pin); err != nil {
		return nil, err
	}
	return map[string]any{"unlocked": pseudonym}, nil
}

// pins hands over one PIN a line, for as long as the work lasts. The zero value
// has none.
type pins struct{ file *os.File }

func openPINs(fd int) (pins, error) {
	if fd < 0 {
		return pins{}, nil
	}
	file, err := handed(fd, "second pin")
	if err != nil {
		return pins{}, fmt.Errorf("read the second PIN: %w", err)
	}
	return pins{file}, nil
}

func (p pins) close() error {
	if p.file == nil {
		return nil
	}
	return p.file.Close()
}

// next reads the next line; the caller wipes it. A PIN never comes with an
// instruction, whose text others may keep.
func (p pins) next(ctx context.Context) ([]byte, error) {
	if p.file == nil {
		return nil, errors.New("there is nowhere to read the PIN from: give a file descriptor with --second-pin-fd")
	}
	pin, err := await(ctx, func() ([]byte, error) {
		pin, err := untilLineEnd(p.file)
		if err == nil && len(pin) == 0 {
			pin, err = untilLineEnd(p.file) // the rest of the last line's end
		}
		return pin, err
	})
	if err == nil && len(pin) == 0 {
		err = errors.New("no PIN was given")
	}
	if err != nil {
		memory.Wipe(pin)
		return nil, fmt.Errorf("read the second PIN: %w", err)
	}
	return pin, nil
}
