package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"espero-soft.com/printroom/sync/client"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/language"
)

func TestVersion(t *testing.T) {
	r := newRun(t, "en", "")
	r.wantExit(t, 0, "version")
	if r.out.String() != "printroom 1.2.3\n" || r.err.Len() != 0 {
		t.Errorf("%q, and on standard error %q", r.out.String(), r.err.String())
	}
}

func TestWindow(t *testing.T) {
	r := newRun(t, "en", "")
	r.wantExit(t, 0, "--config", "a.toml")
	if r.windows != 1 || r.config != "a.toml" {
		t.Errorf("%d windows with %q", r.windows, r.config)
	}
	r.fault = errors.New("no screen")
	r.wantExit(t, 1)
	r.wantSaid(t, "no screen")
}

// TestNotUnderstood: nothing happens, and the exit code says whose fault it is.
func TestNotUnderstood(t *testing.T) {
	for _, args := range [][]string{
		{"prnt"}, {"--colour"}, {"version", "now"}, {"work", "--pin-fd", "three"}, {"work", "p1"}, {"--config"},
		{"journal", "exprot"}, {"journal", "export"}, {"journal", "export", "a", "b"}, {"enrol", "--token", "x"},
		{"enrol", "--pin", pin}, {"enrol", "--pin=" + pin}, {"enrol", pin}, {"work", "--pin", pin}, {"work", "-p", pin},
	} {
		r := newRun(t, "en", "")
		r.wantExit(t, 2, args...)
		if r.err.Len() == 0 || r.windows != 0 || len(r.room.asked) != 0 || len(r.enrolled) != 0 {
			t.Errorf("%q: it said %q; windows %d, asked %q, enrolled %q", args, r.err.String(), r.windows, r.room.asked, r.enrolled)
		}
	}
}

func TestHelp(t *testing.T) {
	for _, args := range [][]string{{"--help"}, {"work", "--help"}, {"journal"}} {
		r := newRun(t, "en", "")
		r.wantExit(t, 0, args...)
		if !strings.Contains(r.out.String(), "printroom") || r.windows != 0 {
			t.Errorf("%q: %q", args, r.out.String())
		}
	}
}

// TestExplained: a fault is told in the person's language: what happened, what
// it means, what to do, and the cause.
func TestExplained(t *testing.T) {
	for _, tag := range language.Tags() {
		for _, code := range station.FaultCodes() {
			r := newRun(t, tag, "")
			r.fault = fmt.Errorf("open: %w", &station.Fault{Code: code, Err: client.ErrUnreachable})
			r.wantExit(t, 1, "journal", "export", t.TempDir())
			key := "fault." + string(code)
			want := fmt.Sprintf("printroom: %s\n%s\n%s\n(%s: %v)\n",
				r.Texts.Say(key+".what"), r.Texts.Say(key+".means"), r.Texts.Say(key+".do"), code, client.ErrUnreachable)
			if r.err.String() != want || strings.Contains(want, "fault.") {
				t.Errorf("%s, %s: %q, want %q", tag, code, r.err.String(), want)
			}
		}
	}
}

func TestExplainedWithoutACause(t *testing.T) {
	r := newRun(t, "nl", "")
	r.fault = &station.Fault{Code: station.Locked}
	r.wantExit(t, 1)
	if n := strings.Count(r.err.String(), "\n"); n != 3 || strings.Contains(r.err.String(), "nil") {
		t.Errorf("%q", r.err.String())
	}
}

func TestExport(t *testing.T) {
	r, dir := newRun(t, "en", ""), t.TempDir()
	// An older export that anybody could read.
	noError(t, os.WriteFile(filepath.Join(dir, "journal.jsonl"), []byte(strings.Repeat("old", 99)), 0o644))
	r.wantExit(t, 0, "journal", "export", dir)
	if r.err.Len() != 0 {
		t.Errorf("everything is in it, and it said %q", r.err.String())
	}
	r.room.unsealed = 7
	r.wantExit(t, 0, "journal", "export", dir)
	r.wantSaid(t, "7 entries", "left out")
	for name, want := range map[string]string{"journal.jsonl": "entries\n", "journal.vkey": "keys\n"} {
		path := filepath.Join(dir, name)
		info, err := os.Stat(path)
		noError(t, err)
		text, err := os.ReadFile(path)
		noError(t, err)
		if info.Mode().Perm() != 0o600 || string(text) != want {
			t.Errorf("%s has mode %v and holds %q", name, info.Mode(), text)
		}
	}
	if got := strings.Join(r.room.asked, ","); got != "export,close,export,close" {
		t.Errorf("the room was asked %s", got)
	}
}

func TestExportFails(t *testing.T) {
	r := newRun(t, "en", "")
	r.wantExit(t, 1, "journal", "export", filepath.Join(t.TempDir(), "no such folder"))
	r.wantSaid(t, "journal.jsonl")
	r.room.fail["export"] = &station.Fault{Code: station.JournalBroken, Err: errors.New("entry 3")}
	r.wantExit(t, 1, "journal", "export", t.TempDir())
	r.wantSaid(t, r.Texts.Say("fault.journal_broken.what"), "entry 3")
	r.room.fail = map[string]error{"close": errors.New("the store is busy")}
	r.wantExit(t, 1, "journal", "export", t.TempDir())
	r.wantSaid(t, "the store is busy")
	if got := strings.Join(r.room.asked, ","); got != "close,export,close,export,close" {
		t.Errorf("the room was asked %s", got)
	}
}
