package room

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// said runs a command of the program beside whatever runs, and returns its exit
// code and what it wrote.
func said(t *testing.T, r *Room, pin string, args ...string) (code int, out, complaint string) {
	t.Helper()
	cmd, err := r.command(t.Context(), pin, args...)
	if err != nil {
		t.Fatal(err)
	}
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.Env = append(cmd.Env, "DISPLAY=", "WAYLAND_DISPLAY=", "LANGUAGE=nl")
	err = errors.Join(cmd.Run(), closePIN(cmd))
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()
}

func decoded(t *testing.T, text string) (answer map[string]any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return answer
}

// TestSecondCopy: while one copy has the station, another says so and changes
// nothing; looking is allowed.
func TestSecondCopy(t *testing.T) {
	r, _ := openRoom(t, Options{Letters: 1})
	w := work(t, r)
	do(t, w, "claim")
	for _, args := range [][]string{nil, {"work", "--person", "p1", "--pin-fd", "3"}, {"journal", "export", t.TempDir()}} {
		pin := ""
		if len(args) > 0 && args[0] == "work" {
			pin = PIN("p1")
		}
		code, _, complaint := said(t, r, pin, args...)
		if code != 3 || !strings.Contains(complaint, "Het programma loopt al") {
			t.Errorf("%q ended with %d and said %s", args, code, complaint)
		}
	}
	code, out, complaint := said(t, r, "", "status", "--json")
	status := decoded(t, out)
	running, _ := status["running"].(map[string]any)
	if code != 0 || running["unlocked"] != true || status["jobs"].(map[string]any)["READY"] != 1.0 {
		t.Errorf("status ended with %d: %s%s", code, out, complaint)
	}
	code, out, complaint = said(t, r, "", "journal", "verify", "--json")
	if v := decoded(t, out); code != 0 || v["ok"] != true || v["entries"].(float64) < 1 {
		t.Errorf("verify ended with %d: %s%s", code, out, complaint)
	}
	code, out, complaint = said(t, r, "", "doctor", "--json")
	if code != 0 || decoded(t, out)["ok"] != true {
		t.Errorf("the doctor ended with %d: %s%s", code, out, complaint)
	}
	do(t, w, "print")
	if err := w.Quit(); err != nil {
		t.Error(err)
	}
	if _, out, _ = said(t, r, "", "status", "--json"); decoded(t, out)["running"] != nil {
		t.Errorf("nothing runs, and the status is %s", out)
	}
}

// TestCrash: a signal that ends the program leaves the reason, for its owner
// alone, and no word of a letter; the next start sets it aside.
func TestCrash(t *testing.T) {
	r, _ := openRoom(t, Options{Letters: 1})
	w := work(t, r)
	do(t, w, "claim")
	do(t, w, "print")
	if err := syscall.Kill(w.PID(), syscall.SIGSEGV); err != nil {
		t.Fatal(err)
	}
	_ = w.cmd.Wait() // it ends with status 2, which is what was asked for
	logs := filepath.Join(r.Data, "log")
	path := filepath.Join(logs, "crash.log")
	text, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(text), "SIGSEGV") || !strings.Contains(string(text), "goroutine ") {
		t.Fatalf("%v: %s", err, text)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	time.Sleep(10 * time.Millisecond) // it is set aside under the time it was written
	w = work(t, r)
	if err := w.Quit(); err != nil {
		t.Error(err)
	}
	if found, err := filepath.Glob(filepath.Join(logs, "crash-*.log")); err != nil || len(found) != 1 {
		t.Errorf("%v, %v", found, err)
	}
	_, out, _ := said(t, r, "", "doctor")
	if !strings.Contains(out, "crash-") {
		t.Errorf("the doctor says nothing of it: %s", out)
	}
}
