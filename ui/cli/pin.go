package cli

import (
	"bytes"
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
	if fd >= 0 {
		raw, err = readLine(os.NewFile(uintptr(fd), "pin"))
	} else {
		raw, err = p.askPIN(prompt)
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

// readLine reads up to the first line end and closes f.
func readLine(f *os.File) ([]byte, error) {
	if f == nil {
		return nil, errors.New("no such file descriptor")
	}
	raw, err := io.ReadAll(io.LimitReader(f, maxPIN+2))
	if err = errors.Join(err, f.Close()); err != nil {
		return raw, err
	}
	if i := bytes.IndexAny(raw, "\r\n"); i >= 0 {
		memory.Wipe(raw[i:])
		raw = raw[:i]
	}
	if len(raw) > maxPIN {
		return raw, fmt.Errorf("a PIN has at most %d characters", maxPIN)
	}
	return raw, nil
}
