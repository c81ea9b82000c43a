package cli

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"espero-soft.com/printroom/sync/client"
	"espero-soft.com/printroom/sync/enrolment"
	"espero-soft.com/printroom/sync/settings"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/vault/store"
)

func TestVersion(t *testing.T) {
	r := newRun(t, "en", "")
	r.wantExit(t, 0, "version")
	if r.out.String() != "printroom 1.2.3\n" || r.err.Len() != 0 {
		t.Errorf("%q, and on standard error %q", r.out.String(), r.err.String())
	}
	got := r.json(t, 0, "version", "--json")
	if got["version"] != "1.2.3" || got["go"] != runtime.Version() || got["system"] == "" || len(got) != 3 {
		t.Errorf("%v", got)
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

// TestCannotStart: what keeps the window from opening is told at the terminal
// and in a window of its own, and another copy has an exit code of its own.
func TestCannotStart(t *testing.T) {
	for _, c := range []struct {
		err  error
		code station.FaultCode
		exit int
	}{
		{fmt.Errorf("open: %w", store.ErrInUse), station.AlreadyRunning, 3},
		{fmt.Errorf("load: %w", enrolment.ErrNotEnrolled), station.NotEnrolled, 1},
		{fmt.Errorf("load: %w", settings.ErrSettings), station.BadSettings, 1},
		{fmt.Errorf("load: %w", settings.ErrDataFolder), station.DataFolder, 1},
		{&station.Fault{Code: station.JournalBroken, Err: errors.New("no disk")}, station.JournalBroken, 1},
	} {
		r := newRun(t, "nl", "")
		r.fault = &StartError{Err: c.err}
		r.wantExit(t, c.exit)
		r.wantSaid(t, r.Texts.Say("fault."+string(c.code)+".what"), r.Texts.Say("fault."+string(c.code)+".do"))
		var shown *station.Fault
		if len(r.failed) != 1 || !errors.As(r.failed[0], &shown) || shown.Code != c.code {
			t.Errorf("%v: shown %v", c.err, r.failed)
		}
		// Another command only tells it.
		r = newRun(t, "nl", "")
		r.fault = c.err
		r.wantExit(t, c.exit, "work", "--person", "p1", "--pin-fd", pipe(t, pin))
		if len(r.failed) != 0 {
			t.Errorf("%v: shown %v", c.err, r.failed)
		}
	}
}

// TestShownInstead: the copy that runs came to the front, so nothing is wrong.
func TestShownInstead(t *testing.T) {
	r := newRun(t, "de", "")
	r.fault = &StartError{Err: store.ErrInUse, Shown: true}
	r.wantExit(t, 3)
	if r.err.String() != r.Texts.Say("cli.shown")+"\n" || len(r.failed) != 0 {
		t.Errorf("it said %q, shown %v", r.err.String(), r.failed)
	}
}

// TestWithoutADisplay: then the terminal is told, and that is all.
func TestWithoutADisplay(t *testing.T) {
	r := newRun(t, "en", "")
	r.Fail, r.fault = nil, &StartError{Err: enrolment.ErrNotEnrolled}
	r.wantExit(t, 1)
	r.wantSaid(t, "printroom enrol --token-file")
}

// TestCompletions: each shell gets its script.
func TestCompletions(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		r := newRun(t, "en", "")
		r.wantExit(t, 0, "completion", shell)
		if !strings.Contains(r.out.String(), "printroom") {
			t.Errorf("%s: %q", shell, r.out.String())
		}
	}
}

// TestNotUnderstood: nothing happens, and the exit code says whose fault it is.
func TestNotUnderstood(t *testing.T) {
	for _, args := range [][]string{
		{"prnt"}, {"--colour"}, {"version", "now"}, {"work", "--pin-fd", "three"}, {"work", "p1"}, {"--config"},
		{"journal", "exprot"}, {"journal", "export"}, {"journal", "export", "a", "b"}, {"enrol", "--token", "x"},
		{"status", "now"}, {"doctor", "--fix"}, {"preflight"}, {"journal", "verify", "a"}, {"version", "--yaml"}, {"status", "--pin", pin},
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
