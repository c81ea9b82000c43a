package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/vault/store"
)

func decisive(t *testing.T) *run {
	r := newRun(t, "en", "")
	r.room.scanned = station.Job{ID: "j1", Attempt: code}
	r.room.snapshot.Jobs = []station.Job{{ID: "j1", State: store.Confirmed}}
	return r
}

func TestDecisions(t *testing.T) {
	r := decisive(t)
	done := map[string]any{"ok": true, "job": "j1", "state": "CONFIRMED", "hold": ""}
	for line, want := range map[string]string{
		"ok " + string(code):                           "j1 ok  false",
		"reprint " + string(code) + " jam destroyed":   "j1 reprint jam true",
		"reprint " + string(code) + "  print_quality ": "j1 reprint print_quality false",
		"pull " + string(code) + " order":              "j1 pull order true",
	} {
		r.room.decided = nil
		r.wantAnswer(t, line, done, "decide")
		if d := cmp.Diff([]string{want}, r.room.decided); d != "" {
			t.Errorf("%s: %s", line, d)
		}
	}
	r.wantAnswer(t, "retry "+string(code), done, "retry j1")
	r.wantAnswer(t, "takeback "+string(code)+" franking", done, "takeback "+string(code)+" franking")
	r.room.fail["decide"] = &station.Fault{Code: station.NotDestroyed}
	r.wantAnswer(t, "reprint "+string(code)+" jam", map[string]any{
		"ok": false, "fault": "not_destroyed", "cause": "not_destroyed", "job": "j1", "state": "CONFIRMED", "hold": "",
	}, "decide")
}

// TestDecisionsNotUnderstood: nothing is decided by half.
func TestDecisionsNotUnderstood(t *testing.T) {
	r := decisive(t)
	for line, fault := range map[string]string{
		"ok": "", "ok nothing": "code_unknown", "ok " + string(code) + " jam": "", "reprint " + string(code): "reason_missing",
		"pull " + string(code): "reason_missing", "reprint " + string(code) + " jam maybe": "", "pull " + string(code) + " content destroyed": "",
		"reprint " + string(code) + " jam second": "", "retry": "code_unknown", "takeback " + string(code): "reason_missing", "takeback nothing damaged": "code_unknown", "retry nothing": "code_unknown",
		"reprint " + string(code) + " jam second p2": "", "person p2": "", // there is nowhere to read a PIN from
	} {
		a := r.work(t, line)[0]
		if got, _ := a["fault"].(string); a["ok"] != false || a["cause"] == "" || got != fault {
			t.Errorf("%s: %v", line, a)
		}
		if len(r.room.asked) != 0 || len(r.room.decided) != 0 {
			t.Errorf("%s: the room was asked %q", line, r.room.asked)
		}
		r.room.asked = nil
	}
}

// TestSecondPIN: each use takes a line, and no PIN stands in an instruction.
func TestSecondPIN(t *testing.T) {
	r := decisive(t)
	line := "reprint " + string(code) + " jam destroyed second p2"
	r.Stdin = strings.NewReader(line + "\nperson p3\n" + line + "\n" + line + "\n")
	r.wantExit(t, 0, "work", "--person", "p1", "--pin-fd", pipe(t, pin), "--second-pin-fd", pipe(t, "112233\r\n445566\n778899\n"))
	want := []string{"j1 reprint jam true p2 112233", "j1 reprint jam true p2 778899"}
	if d := cmp.Diff(want, r.room.decided); d != "" {
		t.Error(d)
	}
	if r.room.pin != "445566" {
		t.Errorf("the next person's PIN was %q", r.room.pin)
	}
	if out := r.out.String() + r.err.String(); !strings.Contains(out, "no PIN was given") || strings.Contains(out, "112233") {
		t.Errorf("it said %q", out)
	}
	for _, fd := range []string{"0", "2"} {
		r := decisive(t)
		r.wantExit(t, 1, "work", "--person", "p1", "--pin-fd", pipe(t, pin), "--second-pin-fd", fd)
		r.wantSaid(t, "from 3 on")
	}
}

// TestWhileItPrints: stop, cancel and the next person are heard at once, others
// wait for the end.
func TestWhileItPrints(t *testing.T) {
	r := newRun(t, "en", "")
	r.room.snapshot.Jobs = []station.Job{{ID: "1", State: store.Ready}}
	r.room.stopped = make(chan struct{})
	r.room.fail["print"] = errors.New("stopped")
	answers, typist := io.Pipe()
	r.Stdout = typist
	instructions, hand := io.Pipe()
	r.Stdin = instructions
	fd, second := pipe(t, pin), pipe(t, "445566\n")
	ended := make(chan int, 1)
	go func() {
		ended <- r.Run(t.Context(), []string{"work", "--person", "p1", "--pin-fd", fd, "--second-pin-fd", second})
		_ = typist.Close()
	}()
	d := json.NewDecoder(answers)
	next := func() (a map[string]any) {
		t.Helper()
		noError(t, d.Decode(&a))
		return a
	}
	say := func(line string) {
		t.Helper()
		_, err := fmt.Fprintln(hand, line)
		noError(t, err)
	}
	next() // unlocked
	say("print")
	say("cancel")
	if d := cmp.Diff(map[string]any{"ok": true, "to": "cancel"}, next()); d != "" {
		t.Error(d)
	}
	say("person p2")
	if d := cmp.Diff(map[string]any{"ok": true, "to": "person", "unlocked": "p2"}, next()); d != "" {
		t.Error(d)
	}
	say("stop")
	if d := cmp.Diff(map[string]any{"ok": true, "to": "stop"}, next()); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(map[string]any{"ok": false, "cause": "stopped"}, next()); d != "" {
		t.Error(d)
	}
	say("quit")
	next()
	if n := <-ended; n != 0 {
		t.Errorf("it ended with %d: %s", n, r.err.String())
	}
}

// TestOthersWait: what is given while a batch prints and can wait is carried out
// in order, after it; so is the end.
func TestOthersWait(t *testing.T) {
	r := newRun(t, "en", "print\npush\nstatus\nclaim\n")
	r.room.snapshot.Jobs = []station.Job{{ID: "1", State: store.Ready}}
	r.wantExit(t, 0, "work", "--person", "p1", "--pin-fd", pipe(t, pin))
	if d := cmp.Diff([]string{"unlock p1", "print 1", "push", "claim", "close"}, r.room.asked); d != "" {
		t.Error(d)
	}
	if n := strings.Count(r.out.String(), "\n"); n != 5 {
		t.Errorf("%d answers: %s", n, r.out.String())
	}
}

// TestPINsAreNotInTheEnvironment: no flag takes one, no variable is read.
func TestPINsAreNotInTheEnvironment(t *testing.T) {
	for _, name := range []string{"PIN", "PRINTROOM_PIN", "SECOND_PIN"} {
		t.Setenv(name, pin)
	}
	r := decisive(t)
	r.Stdin = strings.NewReader("person p2\n")
	r.wantExit(t, 0, "work", "--person", "p1", "--pin-fd", pipe(t, pin))
	if !strings.Contains(r.out.String(), "--second-pin-fd") || r.room.pin != pin {
		t.Errorf("it said %q", r.out.String())
	}
	for _, cmd := range []string{"work", "enrol", "status", "doctor"} {
		r := newRun(t, "en", "")
		r.wantExit(t, 0, cmd, "--help")
		for _, flag := range []string{"--pin ", "--pin=", "--second-pin ", "--password"} {
			if strings.Contains(r.out.String(), flag) {
				t.Errorf("%s has %s", cmd, flag)
			}
		}
	}
}
