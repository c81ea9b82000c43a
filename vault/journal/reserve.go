package journal

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
)

const (
	reserveFile  = "reserve"
	usualReserve = 8 << 20
	reserveChunk = 1 << 20
)

// reserve is a file of real bytes beside the log. When the disk is full it is
// given back for what tells of the end: results and records. No intent is taken
// while it is not whole, so the disk's last bytes never go to a new access.
// Several programs share it; Journal's mu is held while it is used.
type reserve struct {
	path string
	size int64
}

// whole tells whether it is there.
func (r reserve) whole() bool {
	f, err := os.Lstat(r.path)
	return err == nil && f.Mode().IsRegular() && f.Size() == r.size
}

// hold makes the reserve whole unless it is; ErrFull where there is no room. One
// program does so at a time, and no other one writes to d then.
func (r reserve) hold(ctx context.Context, d *database) error {
	if r.whole() {
		return nil
	}
	turn, err := d.writer.BeginTx(ctx, nil)
	if err != nil {
		return storageError("hold the reserve", err)
	}
	defer func() { _ = turn.Rollback() }() // nothing was written
	if r.whole() {
		return nil
	}
	part := r.path + ".new" // the name is the whole one's
	if err = fill(part, r.size); err == nil {
		err = os.Rename(part, r.path)
	}
	if err != nil {
		_ = os.Remove(part) // the next try begins with it
		return fmt.Errorf("%w: hold the reserve: %w", fileError(err), err)
	}
	return syncDir(filepath.Dir(r.path))
}

// give takes the reserve, or what there is of it, away and tells whether there
// was any.
func (r reserve) give() bool {
	given := false
	for _, name := range []string{r.path, r.path + ".new"} {
		given = os.Remove(name) == nil || given
	}
	if given {
		_ = syncDir(filepath.Dir(r.path)) // some file systems free the room only then
	}
	return given
}

// fill writes a file of bytes that no file system can keep in less, durably.
func fill(path string, size int64) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	chunk := make([]byte, reserveChunk)
	for ; size > 0; size -= int64(len(chunk)) {
		chunk = chunk[:min(size, reserveChunk)]
		_, _ = rand.Read(chunk) // never fails
		if _, err := f.Write(chunk); err != nil {
			return err
		}
	}
	return f.Sync()
}

// fileError tells what kind of failure the system reports.
func fileError(err error) error {
	const windowsDiskFull = syscall.Errno(112)
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT),
		runtime.GOOS == "windows" && errors.Is(err, windowsDiskFull):
		return ErrFull
	case errors.Is(err, syscall.EROFS), errors.Is(err, fs.ErrPermission):
		return ErrReadOnly
	}
	return ErrIO
}
