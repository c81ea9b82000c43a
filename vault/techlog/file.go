package techlog

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"gopkg.in/natefinch/lumberjack.v2"
)

const (
	name    = "printroom.log"
	maxSize = 10 // MiB of one file
	// No line gets older than this (the published privacy policy). A file holds at
	// most a month, and goes with its oldest line.
	maxMonths = 12
	// With maxSize it bounds the whole at half a gibibyte.
	maxFiles = 50
)

// A file is lumberjack's, which rotates by size and bounds the number of files,
// with a new start every month. Lumberjack does that on a goroutine of its own
// that lasts as long as the process; it has no way to be ended.
type file struct {
	dir string
	now func() time.Time
	out *lumberjack.Logger

	mu    sync.Mutex
	month string // "2026-11" of the lines in the current file, "" for none; guarded by mu
}

func openFile(dir string, now func() time.Time) (*file, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("techlog: %w", err)
	}
	path := filepath.Join(dir, name)
	if err := os.Chmod(path, 0o600); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("techlog: %w", err)
	}
	month, err := firstMonth(path)
	if err != nil {
		return nil, fmt.Errorf("techlog: %w", err)
	}
	out := &lumberjack.Logger{Filename: path, MaxSize: maxSize, MaxBackups: maxFiles}
	return &file{dir: dir, now: now, out: out, month: month}, nil
}

// Write appends one line. The first line of a month starts a new file.
func (f *file) Write(line []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if month := f.now().UTC().Format("2006-01"); month != f.month {
		if f.month != "" {
			if err := f.out.Rotate(); err != nil {
				return 0, fmt.Errorf("techlog: %w", err)
			}
		}
		f.month = month
	}
	return f.out.Write(line)
}

// Close closes the current file.
func (f *file) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.out.Close()
}

// firstMonth tells the month of the file's first line: "" when there is no
// file or it is empty, "unknown" when the line cannot be read, so that it is
// set aside.
func firstMonth(path string) (month string, err error) {
	first, err := firstTime(path)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, errEmpty):
		return "", nil
	case errors.Is(err, errUnreadable):
		return "unknown", nil
	}
	return first.UTC().Format("2006-01"), err
}

var (
	errEmpty      = errors.New("it has no line")
	errUnreadable = errors.New("its first line can't be read")
)

// firstTime is the time of a file's first line, which is its oldest.
func firstTime(path string) (_ time.Time, err error) {
	f, err := os.Open(path)
	if err != nil {
		return time.Time{}, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	line, err := bufio.NewReader(io.LimitReader(f, 64<<10)).ReadBytes('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return time.Time{}, err
	}
	var first struct {
		Time time.Time `json:"time"`
	}
	switch {
	case len(line) == 0:
		return time.Time{}, errEmpty
	case json.Unmarshal(line, &first) != nil, first.Time.IsZero():
		return time.Time{}, errUnreadable
	}
	return first.Time, nil
}
