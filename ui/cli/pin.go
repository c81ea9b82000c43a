package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/term"

	"espero-soft.com/printroom/vault/memory"
	"espero-soft.com/printroom/vault/operators"
)

// maxPIN bounds a PIN in bytes.
const maxPIN = operators.MaxPIN

// readPIN reads a PIN from a file descriptor, or asks at the terminal when fd
// is negative. A PIN is never an argument or in the environment, where other
// processes see it.
func (p *Program) readPIN(ctx context.Context, fd int, prompt string) (*memory.Buffer, error) {
	raw, err := p.rawPIN(ctx, fd, prompt)
	defer memory.Wipe(raw)
	if err != nil {
		return nil, fmt.Errorf("read the PIN: %w", err)
	}
	if len(raw) == 0 {
		return nil, errors.New("no PIN was given")
	}
	pin, err := memory.New(len(raw))
	if err != nil {
		return nil, fmt.Errorf("set memory aside for the PIN: %w", err)
	}
	copy(pin.Bytes(), raw)
	return pin, nil
}

func (p *Program) rawPIN(ctx context.Context, fd int, prompt string) ([]byte, error) {
	if fd < 0 {
		return p.askPIN(ctx, prompt)
	}
	f, err := handed(fd, "pin")
	if err != nil {
		return nil, err
	}
	return await(ctx, func() ([]byte, error) {
		// It does not wait for more: whoever hands the PIN over may keep a pipe open.
		raw, err := untilLineEnd(f)
		return raw, errors.Join(err, f.Close())
	})
}

// handed is a file that whoever started the program handed over, and that
// nothing of the program's own has the number of.
func handed(fd int, name string) (*os.File, error) {
	if fd <= 2 {
		return nil, fmt.Errorf("file descriptor %d is for instructions and answers: give another one, from 3 on", fd)
	}
	if !inherited(fd) {
		return nil, fmt.Errorf("file descriptor %d: %w", fd, errNotHanded)
	}
	return os.NewFile(uintptr(fd), name), nil
}

var errNotHanded = errors.New("nothing was handed over under that number")

// await reads until ctx ends. A read that waits for somebody to type can't be
// broken off: what comes of it later is wiped.
func await(ctx context.Context, read func() ([]byte, error)) ([]byte, error) {
	type got struct {
		pin []byte
		err error
	}
	came := make(chan got)
	go func() {
		pin, err := read()
		select {
		case came <- got{pin, err}:
		case <-ctx.Done():
			memory.Wipe(pin)
		}
	}()
	select {
	case g := <-came:
		return g.pin, g.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *Program) askPIN(ctx context.Context, prompt string) ([]byte, error) {
	terminal, ok := p.Stdin.(*os.File)
	if !ok || !term.IsTerminal(int(terminal.Fd())) {
		return nil, errors.New("there is no terminal to ask at: give a file descriptor with --pin-fd")
	}
	before, err := term.GetState(int(terminal.Fd()))
	if err != nil {
		return nil, err
	}
	if _, err := fmt.Fprint(p.Stderr, prompt); err != nil {
		return nil, err
	}
	pin, err := await(ctx, func() ([]byte, error) { return term.ReadPassword(int(terminal.Fd())) })
	_, _ = fmt.Fprintln(p.Stderr)
	if err == nil && len(pin) > maxPIN {
		err = fmt.Errorf("a PIN has at most %d characters", maxPIN)
	}
	if err != nil {
		memory.Wipe(pin)
		return nil, errors.Join(err, term.Restore(int(terminal.Fd()), before)) // else it shows nothing that is typed
	}
	return pin, nil
}

func untilLineEnd(f *os.File) ([]byte, error) {
	raw := make([]byte, 0, maxPIN+1) // never grows, which would leave copies
	for {
		n, err := f.Read(raw[len(raw) : len(raw)+1])
		switch {
		case n == 1 && (raw[:len(raw)+1][len(raw)] == '\n' || raw[:len(raw)+1][len(raw)] == '\r'), errors.Is(err, io.EOF):
			return raw, nil
		case err != nil:
			return raw, err
		case len(raw)+n > maxPIN:
			return raw[:len(raw)+n], fmt.Errorf("a PIN has at most %d characters", maxPIN)
		}
		raw = raw[:len(raw)+n]
	}
}
