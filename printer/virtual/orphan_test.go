package virtual

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// orphanage makes the test binary a program that starts a printer and waits.
const orphanage = "VIRTUAL_PRINTER_ORPHANAGE"

func TestMain(m *testing.M) {
	if os.Getenv(orphanage) == "" {
		os.Exit(m.Run())
	}
	p, err := Start(context.Background(), Options{})
	if err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
	fmt.Println(p.state)
	time.Sleep(time.Minute) // killed long before
}

// TestKilledProgramLeavesNoProcess kills the program that owns a printer.
func TestKilledProgramLeavesNoProcess(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), orphanage+"=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	state, err := bufio.NewReader(out).ReadString('\n')
	state = strings.TrimSpace(state)
	if err != nil || !strings.HasPrefix(state, os.TempDir()) {
		t.Fatalf("%q, %v", state, err)
	}
	defer func() { _ = os.RemoveAll(state) }() // what a killed program cannot remove
	if running(state) == "" {
		t.Error("nothing was running")
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // killed, so an error
	for deadline := time.Now().Add(5 * time.Second); running(state) != ""; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("still running:\n%s", running(state))
		}
	}
}

// running are the processes that have state on their command line.
func running(state string) string {
	var found strings.Builder
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline") // the pattern is good
	for _, file := range files {
		line, err := os.ReadFile(file)
		if err == nil && bytes.Contains(line, []byte(state)) {
			fmt.Fprintf(&found, "%s: %q\n", file, line)
		}
	}
	return found.String()
}
