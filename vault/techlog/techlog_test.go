package techlog

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const canary = "Jan Janssens, Kerkstraat 1"

type state string

type letter struct{ Recipient string }

func (l letter) LogValue() slog.Value { return slog.GroupValue(slog.String("recipient", l.Recipient)) }

// record returns what one call writes, without its time.
func record(t *testing.T, say func(*slog.Logger)) map[string]any {
	t.Helper()
	var b bytes.Buffer
	say(slog.New(NewHandler(slog.NewJSONHandler(&b, nil), map[string]Form{"claims": Number})))
	if strings.Contains(b.String(), "Jan") || strings.Contains(b.String(), "Kerk") {
		t.Fatalf("personal text got in: %s", b.String())
	}
	var got map[string]any
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatalf("%v: %q", err, b.String())
	}
	delete(got, "time")
	return got
}

func TestWhatGetsIn(t *testing.T) {
	path := &fs.PathError{Op: "open", Path: canary, Err: syscall.ENOENT}
	type m = map[string]any
	for name, c := range map[string]struct {
		say  func(*slog.Logger)
		want map[string]any
	}{
		"allowed": {
			func(l *slog.Logger) {
				l.Info("push.sent", "job", "j-104", "state", state("SENT2"), "count", 3, "took", 2*time.Second, "claims", 1, "ok", true)
			},
			m{"level": "INFO", "msg": "push.sent", "job": "j-104", "count": 3.0, "took": 2e9, "claims": 1.0, "ok": true, "refused": 1.0},
		},
		"own string type": {
			func(l *slog.Logger) { l.Info("moved", "state", state("sent")) },
			m{"level": "INFO", "msg": "moved", "state": "sent"},
		},
		"ids and codes at their edges": {
			func(l *slog.Logger) {
				l.Info("a", "job", strings.Repeat("j", 63)+"1", "code", "x"+strings.Repeat("_", 47), "claim", strings.Repeat("j", 64)+"1",
					"reason", "x"+strings.Repeat("_", 48), "kind", "1a", "station", "s 1", "part", "a\x00")
			},
			m{"level": "INFO", "msg": "a", "job": strings.Repeat("j", 63) + "1", "code": "x" + strings.Repeat("_", 47), "refused": 5.0},
		},
		"nothing to say": {
			func(l *slog.Logger) {
				l.With("job", "").Info("part", "part", state("tpm"), "ok", true, "code", "", "reason", state(""), "error", nil)
			},
			m{"level": "INFO", "msg": "part", "part": "tpm", "ok": true},
		},
		"an unknown key with nothing in it": {
			func(l *slog.Logger) { l.Info("opened", "recipient", "", "address", nil) },
			m{"level": "INFO", "msg": "opened", "refused": 2.0},
		},
		"free message": {
			func(l *slog.Logger) { l.Warn("printed for " + canary) },
			m{"level": "WARN", "msg": "message_refused"},
		},
		"unknown key": {
			func(l *slog.Logger) { l.Info("opened", "recipient", canary) },
			m{"level": "INFO", "msg": "opened", "refused": 1.0},
		},
		"text under a known key": {
			func(l *slog.Logger) { l.Info("opened", "job", canary, "code", canary, "count", canary, "took", canary) },
			m{"level": "INFO", "msg": "opened", "refused": 4.0},
		},
		"name without a digit is no id": {
			func(l *slog.Logger) { l.Info("opened", "actor", "Jan") },
			m{"level": "INFO", "msg": "opened", "refused": 1.0},
		},
		"error without its text": {
			func(l *slog.Logger) { l.Error("failed", "error", fmt.Errorf("reading %s: %w", canary, path)) },
			m{"level": "ERROR", "msg": "failed", "error": "*fmt.wrapError *fs.PathError syscall.Errno errno=2"},
		},
		"an error's text": {
			func(l *slog.Logger) { l.Error("failed", "error", path.Error()) },
			m{"level": "ERROR", "msg": "failed", "refused": 1.0},
		},
		"groups and With": {
			func(l *slog.Logger) {
				l.With("name", canary, "job", "j1").WithGroup(canary).With("page", 2).
					Info("page.done", slog.Group(canary, "pages", 3, "address", canary))
			},
			m{"level": "INFO", "msg": "page.done", "job": "j1", "page": 2.0, "pages": 3.0, "refused": 2.0},
		},
		"values that resolve": {
			func(l *slog.Logger) { l.Info("opened", "job", letter{canary}) },
			m{"level": "INFO", "msg": "opened", "refused": 1.0},
		},
		"structures": {
			func(l *slog.Logger) { l.Info("opened", "job", []string{canary}, "kind", letter{canary}) },
			m{"level": "INFO", "msg": "opened", "refused": 2.0},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, record(t, c.say)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestFileIsPrivateAndGoesOn(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "log")
	for range 2 {
		l, err := Open(Config{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		l.Info("started")
		l.Debug("not.at.this.level")
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(dir, name)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v", info, err)
	}
	if data, err := os.ReadFile(path); err != nil || bytes.Count(data, []byte("\n")) != 2 {
		t.Fatalf("%s, %v", data, err)
	}
}

func TestEveryMonthItsFile(t *testing.T) {
	dir, now := t.TempDir(), time.Now()
	for _, month := range []int{0, 1, 1, 2} { // the log is opened anew each time
		l, err := Open(Config{Dir: dir, Now: func() time.Time { return now.AddDate(0, month, 1-now.Day()) }})
		if err != nil {
			t.Fatal(err)
		}
		r := slog.NewRecord(now.AddDate(0, month, 1-now.Day()), slog.LevelInfo, "tick", 0)
		if err := errors.Join(l.Handler().Handle(context.Background(), r), l.Close()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Millisecond) // a file set aside is named by its millisecond
	}
	if files, err := filepath.Glob(filepath.Join(dir, "printroom*.log")); err != nil || len(files) != 3 {
		t.Errorf("got %v, %v", files, err)
	}
}

func TestUnreadableLogIsSetAside(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, name), []byte("no JSON"), 0o644); err != nil {
		t.Fatal(err)
	}
	l, err := Open(Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	l.Info("started")
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "printroom*.log"))
	if err != nil || len(files) != 2 {
		t.Fatalf("got %v, %v", files, err)
	}
	for _, f := range files {
		if info, err := os.Stat(f); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", f, info.Mode(), err)
		}
	}
}
