// Package files writes files that their owner alone may read, whole or not at
// all: what had the name before stays until all of the new is on the disk.
package files

import (
	"errors"
	"io"
	"os"
	"path/filepath"
)

// Replace gives path the content that write writes, with mode 0600 whatever was
// there before. A link there is replaced, not followed. After an error there is
// what there was.
func Replace(path string, write func(io.Writer) error) error {
	next, err := os.CreateTemp(filepath.Dir(path), ".next-*") // 0600
	if err != nil {
		return err
	}
	if err = write(next); err == nil {
		err = next.Sync()
	}
	if err = errors.Join(err, next.Close()); err == nil {
		err = os.Rename(next.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(next.Name()))
	}
	return nil
}

// Bytes is what Replace needs to write data.
func Bytes(data []byte) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	}
}
