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
	// A file set aside holds at most a month, so its youngest line may be this
	// many days old before its oldest one is a year old.
	maxAge = 365 - 31
	// With maxSize it bounds the whole at half a gibibyte.
	maxFiles = 50
)

// A file is lumberjack's, which rotates by size and deletes by age, with a new
// start every month. Lumberjack deletes on a goroutine of its own that lasts as
// long as the process; it has no way to be ended.
type file struct {
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
	out := &lumberjack.Logger{Filename: path, MaxSize: maxSize, MaxAge: maxAge, MaxBackups: maxFiles}
	return &file{now: now, out: out, month: month}, nil
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
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	line, err := bufio.NewReader(io.LimitReader(f, 64<<10)).ReadBytes('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	var first struct {
		Time time.Time `json:"time"`
	}
	switch {
	case len(line) == 0:
		return "", nil
	case json.Unmarshal(line, &first) != nil:
		return "unknown", nil
	}
	return first.Time.UTC().Format("2006-01"), nil
}
