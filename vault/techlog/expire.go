package techlog

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Expire deletes crashes, and the files whose oldest line is 12 months old at that
// time, the current one too: a log of which nothing was written for a year goes on empty. A
// file without a line that can be read counts from when it was last written to.
// One that can't be deleted keeps no other.
func (l *Log) Expire(now time.Time) error { return l.file.expire(now) }

func (f *file) expire(now time.Time) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	limit := now.AddDate(0, -maxMonths, 0)
	errs := []error{forget(f.dir, now)} // crashes
	old, err := tooOld(filepath.Join(f.dir, name), limit)
	if old {
		f.month = ""
		err = f.out.Rotate() // among those that were set aside it is deleted below
	}
	errs = append(errs, err)
	aside, err := filepath.Glob(filepath.Join(f.dir, "printroom-*.log"))
	errs = append(errs, err)
	for _, path := range aside {
		old, err := tooOld(path, limit)
		if old {
			err = os.Remove(path)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("techlog: delete what is too old: %w", err)
	}
	return nil
}

// tooOld tells whether a file's oldest line is from before the limit, or at it.
func tooOld(path string, limit time.Time) (bool, error) {
	first, err := firstTime(path)
	if errors.Is(err, errUnreadable) {
		info, serr := os.Stat(path)
		if serr != nil {
			return false, serr
		}
		first, err = info.ModTime(), nil
	}
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, errEmpty) {
		return false, nil
	}
	return err == nil && !first.After(limit), err
}
