package techlog

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"time"
)

const (
	crashName  = "crash.log"
	crashStamp = "2006-01-02T15-04-05.000" // as in the names of logs set aside
	crashAge   = 365 * 24 * time.Hour
)

// CatchCrashes has the runtime write to dir/crash.log why the program ended,
// when it ends without a word of its own: a panic that nobody caught, a fatal
// error, a signal in C code. That is the reason, the stack of every goroutine
// and, after a signal, the registers: no memory is written. A file that an
// earlier end left is set aside under its time, and deleted after 12 months.
func CatchCrashes(dir string, now time.Time) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("techlog: %w", err)
	}
	path := filepath.Join(dir, crashName)
	if err := errors.Join(setAside(dir, path), forget(dir, now)); err != nil {
		return fmt.Errorf("techlog: %w", err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("techlog: %w", err)
	}
	debug.SetTraceback("all")
	err = errors.Join(f.Chmod(0o600), debug.SetCrashOutput(f, debug.CrashOptions{}), f.Close()) // the runtime has a copy
	if err != nil {
		return fmt.Errorf("techlog: %w", err)
	}
	return nil
}

// setAside names a crash by the time it was written. An empty file is none.
func setAside(dir, path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && info.Mode().IsRegular() && info.Size() == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	return os.Rename(path, filepath.Join(dir, "crash-"+info.ModTime().UTC().Format(crashStamp)+".log"))
}

// forget deletes the crashes that are too old.
func forget(dir string, now time.Time) error {
	old, err := filepath.Glob(filepath.Join(dir, "crash-*.log"))
	if err != nil {
		return err
	}
	for _, path := range old {
		if at, ok := crashTime(path); ok && now.Sub(at) > crashAge {
			err = errors.Join(err, os.Remove(path))
		}
	}
	return err
}

func crashTime(path string) (at time.Time, ok bool) {
	at, err := time.Parse("crash-"+crashStamp+".log", filepath.Base(path))
	return at, err == nil
}

// A Crash is an end of the program that left a file.
type Crash struct {
	Path string
	At   time.Time
}

// Crashes lists those in a log's folder, the latest first. A program that runs
// has an empty file, which is none.
func Crashes(dir string) ([]Crash, error) {
	var found []Crash
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("techlog: %w", err)
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if at, ok := crashTime(path); ok {
			found = append(found, Crash{path, at})
		} else if info, err := e.Info(); e.Name() == crashName && err == nil && info.Size() > 0 {
			found = append(found, Crash{path, info.ModTime()})
		}
	}
	slices.SortFunc(found, func(a, b Crash) int { return b.At.Compare(a.At) })
	return found, nil
}
