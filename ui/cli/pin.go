package cli

import (
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/term"

	"espero-soft.com/printroom/vault/memory"
)

// maxPIN bounds a PIN in bytes; the TPM takes 32 for an authValue.
const maxPIN = 32

// readPIN reads a PIN from a file descriptor, or asks at the terminal when fd
// is negative. A PIN is never an argument or in the environment, where other
// processes see it.
func (p *Program) readPIN(fd int, prompt string) (*memory.Buffer, error) {
	var raw []byte
	var err error
	switch {
	case fd < 0:
		raw, err = p.askPIN(prompt)
	case fd <= 2:
		err = fmt.Errorf("file descriptor %d is for instructions and answers: give another one, from 3 on", fd)
	default:
		raw, err = readLine(os.NewFile(uintptr(fd), "pin"))
	}
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

func (p *Program) askPIN(prompt string) ([]byte, error) {
	terminal, ok := p.Stdin.(*os.File)
	if !ok || !term.IsTerminal(int(terminal.Fd())) {
		return nil, errors.New("there is no terminal to ask at: give a file descriptor with --pin-fd")
	}
	if _, err := fmt.Fprint(p.Stderr, prompt); err != nil {
		return nil, err
	}
	pin, err := term.ReadPassword(int(terminal.Fd()))
	_, _ = fmt.Fprintln(p.Stderr)
	if err == nil && len(pin) > maxPIN {
		memory.Wipe(pin)
		return nil, fmt.Errorf("a PIN has at most %d characters", maxPIN)
	}
	return pin, err
}

// readLine reads up to the first line end and closes f. It does not wait for
// more: whoever hands the PIN over may keep a pipe open.
func readLine(f *os.File) ([]byte, error) {
	if f == nil {
		return nil, errors.New("no such file descriptor")
	}
	raw, err := untilLineEnd(f)
	return raw, errors.Join(err, f.Close())
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
