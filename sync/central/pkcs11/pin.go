package pkcs11

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
)

// maxPIN bounds a PIN's length in bytes.
const maxPIN = 256

// readPIN reads a PIN from a regular file that nobody but its owner may touch. One line end after it is
// not part of it. The library wants a string, so the PIN stays in memory until the collector takes it.
func readPIN(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrPINFile, err)
	}
	defer func() { _ = f.Close() }() // read only
	info, err := f.Stat()
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrPINFile, err)
	}
	if !info.Mode().IsRegular() || info.Mode().Perm()&0o077 != 0 {
		return "", fmt.Errorf("%w: %s must be a file of mode 0600, not %v", ErrPINFile, path, info.Mode())
	}
	text, err := io.ReadAll(io.LimitReader(f, maxPIN+2))
	defer clear(text)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrPINFile, err)
	}
	pin := bytes.TrimSuffix(bytes.TrimSuffix(text, []byte("\n")), []byte("\r"))
	if len(pin) == 0 || len(pin) > maxPIN || bytes.ContainsAny(pin, "\r\n\x00") {
		return "", errors.Join(ErrPINFile, fmt.Errorf("%s must hold one line of 1 to %d bytes", path, maxPIN))
	}
	return string(pin), nil
}
