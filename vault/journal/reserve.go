package journal

import (
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

// hold makes the reserve whole unless it is; ErrFull where there is no room.
func (r reserve) hold() error {
	if f, err := os.Lstat(r.path); err == nil && f.Mode().IsRegular() && f.Size() == r.size {
		return nil
	}
	part := r.path + ".new" // the name is the whole one's
	err := fill(part, r.size)
	if err == nil {
		err = os.Rename(part, r.path)
	}
	if err == nil {
		err = syncDir(filepath.Dir(r.path))
	} else {
		_ = os.Remove(part) // the next try begins with it
	}
	if err != nil {
		return fmt.Errorf("%w: hold the reserve: %w", fileError(err), err)
	}
	return nil
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
