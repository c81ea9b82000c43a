package techlog

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var today = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// folder is a log's, with files whose first line is of a time; the zero time is
// no line that can be read.
func folder(t *testing.T, files map[string]time.Time) string {
	t.Helper()
	dir := t.TempDir()
	for name, first := range files {
		text := "no JSON\n"
		if !first.IsZero() {
			text = fmt.Sprintf(`{"time":%q,"msg":"first"}`+"\n"+`{"time":%q,"msg":"last"}`+"\n", first.Format(time.RFC3339), first.AddDate(0, 0, 20).Format(time.RFC3339))
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func left(t *testing.T, dir string) (names []string) {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		names = append(names, f.Name())
	}
	return names
}

func openAt(t *testing.T, dir string, now *time.Time) *Log {
	t.Helper()
	l, err := Open(Config{Dir: dir, Now: func() time.Time { return *now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

// TestTooOldIsDeleted goes by what is in a file: one that was set aside late, as
// the program was not run for months, is as old as its first line.
func TestTooOldIsDeleted(t *testing.T) {
	year := today.AddDate(0, -12, 0)
	dir := folder(t, map[string]time.Time{
		"printroom-2025-12-01T00-00-00.000.log": year,
		"printroom-2026-06-01T00-00-00.000.log": year.Add(-time.Hour),
		"printroom-2025-11-30T00-00-00.000.log": year.Add(time.Hour),
		"printroom-2026-10-01T00-00-00.000.log": today.AddDate(0, -2, 0),
		"printroom-2026-09-01T00-00-00.000.log": {},
		"printroom-2024-01-01T00-00-00.000.log": {},
		"another.log":                           year.AddDate(-5, 0, 0),
		name:                                    today.AddDate(0, 0, -3),
	})
	for file, at := range map[string]time.Time{"printroom-2026-09-01T00-00-00.000.log": year.Add(time.Hour), "printroom-2024-01-01T00-00-00.000.log": year} {
		if err := os.Chtimes(filepath.Join(dir, file), at, at); err != nil {
			t.Fatal(err)
		}
	}
	now := today
	l := openAt(t, dir, &now)
	if n := len(left(t, dir)); n != 8 {
		t.Errorf("%d files are left before Expire, want 8", n)
	}
	if err := l.Expire(today); err != nil {
		t.Fatal(err)
	}
	want := []string{"another.log", "printroom-2025-11-30T00-00-00.000.log", "printroom-2026-09-01T00-00-00.000.log", "printroom-2026-10-01T00-00-00.000.log", name}
	if d := cmp.Diff(want, left(t, dir)); d != "" {
		t.Error(d)
	}
}

// TestNothingWrittenForAYear: the current file goes too, and the log goes on.
func TestNothingWrittenForAYear(t *testing.T) {
	dir := folder(t, map[string]time.Time{name: today.AddDate(-1, 0, -1)})
	now := today
	l := openAt(t, dir, &now)
	if err := l.Expire(today); err != nil {
		t.Fatal(err)
	}
	l.Info("started")
	if d := cmp.Diff([]string{name}, left(t, dir)); d != "" {
		t.Error(d)
	}
	if first, err := firstTime(filepath.Join(dir, name)); err != nil || time.Since(first) > time.Hour {
		t.Errorf("the first line is of %s: %v", first, err)
	}
}

// TestOneThatStaysKeepsNoOther: a file that can't be deleted is told, the next one goes.
func TestOneThatStaysKeepsNoOther(t *testing.T) {
	dir := folder(t, map[string]time.Time{"printroom-2025-02-01T00-00-00.000.log": today.AddDate(-2, 0, 0)})
	stubborn := filepath.Join(dir, "printroom-2025-01-01T00-00-00.000.log")
	if err := os.MkdirAll(filepath.Join(stubborn, "in the way"), 0o700); err != nil {
		t.Fatal(err)
	}
	now := today
	var path *fs.PathError
	if err := openAt(t, dir, &now).Expire(today); !errors.As(err, &path) {
		t.Errorf("got %v, want what stood in the way", err)
	}
	if slices.Contains(left(t, dir), "printroom-2025-02-01T00-00-00.000.log") {
		t.Error("the other one is still there")
	}
}
