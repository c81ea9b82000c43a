package techlog

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestMain lets the test binary be run again as a program that crashes.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && strings.HasPrefix(os.Args[1], "crash-") {
		crash(os.Args[1], os.Args[2])
	}
	os.Exit(m.Run())
}

func crash(how, dir string) {
	if err := CatchCrashes(dir, time.Now()); err != nil {
		os.Exit(3)
	}
	letter := []byte(canary)
	switch how {
	case "crash-panic":
		go carry(letter)
	case "crash-signal":
		_ = syscall.Kill(os.Getpid(), syscall.SIGSEGV)
	case "crash-none":
		os.Exit(0)
	}
	time.Sleep(time.Minute)
}

func carry(letter []byte) { _ = letter[len(letter)+len(os.Args)] }

// crashed runs a program that ends as it says, and returns the file it left.
func crashed(t *testing.T, how, dir string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], how, dir)
	var said bytes.Buffer
	cmd.Stderr = &said
	err := cmd.Run()
	if fails := how != "crash-none"; fails != (err != nil) {
		t.Fatalf("%s: %v: %s", how, err, said.String())
	}
	text, err := os.ReadFile(filepath.Join(dir, crashName))
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(filepath.Join(dir, crashName)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	return string(text)
}

func TestCrashIsWritten(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "log")
	for how, want := range map[string]string{"crash-panic": "index out of range", "crash-signal": "SIGSEGV", "crash-none": ""} {
		text := crashed(t, how, dir)
		if want == "" != (text == "") || !strings.Contains(text, want) || want != "" && !strings.Contains(text, "goroutine ") {
			t.Errorf("%s left %q", how, text)
		}
		if strings.Contains(text, "Jan") {
			t.Errorf("%s: memory is in it: %s", how, text)
		}
	}
	found, err := Crashes(dir)
	if err != nil || len(found) != 2 {
		t.Fatalf("%v, %v", found, err)
	}
	for _, c := range found {
		if age := time.Since(c.At); age < -time.Second || age > time.Minute {
			t.Errorf("%s is said to be of %v", c.Path, c.At)
		}
	}
}

func TestCrashesAreForgotten(t *testing.T) {
	dir := t.TempDir()
	set := func(age time.Duration) string {
		path := filepath.Join(dir, "crash-"+time.Now().UTC().Add(-age).Format(crashStamp)+".log")
		if err := os.WriteFile(path, []byte("panic: x\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	set(crashAge + time.Hour)
	kept, last := set(crashAge-time.Hour), set(time.Hour)
	if err := os.WriteFile(filepath.Join(dir, "crash-notes.log"), []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	crashed(t, "crash-none", dir)
	found, err := Crashes(dir)
	if err != nil || len(found) != 2 || found[0].Path != last || found[1].Path != kept {
		t.Errorf("%v, %v", found, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "crash-notes.log")); err != nil {
		t.Error(err)
	}
}

func TestNoCrashes(t *testing.T) {
	if found, err := Crashes(filepath.Join(t.TempDir(), "none")); err != nil || len(found) != 0 {
		t.Errorf("%v, %v", found, err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := CatchCrashes(file, time.Now()); err == nil {
		t.Error("a file was taken for the log's folder")
	}
}
