//go:build window

package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A person's morning in the real window, on a real display, in a demo room:
// unlock, fetch, print. Run it by make test-window, which brings the display.
//
// The program runs as it is shipped, and once watched: with the race detector,
// and without the tag that keeps Fyne from reporting calls from a goroutine
// other than the window's.
func TestWindow(t *testing.T) {
	if os.Getenv("DISPLAY") == "" {
		t.Fatal("no display: run make test-window")
	}
	for name, flags := range map[string][]string{
		"as shipped": nil,
		"watched":    {"-race", "-tags=no_metadata"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			program := compile(t, filepath.Join(dir, "printroom"), ".", flags)
			demo := compile(t, filepath.Join(dir, "printroom-demo"), "./sync/room/demo", nil)
			d := startDesk(t, demo, "-program", program, "-letters", "3", "-out", filepath.Join(dir, "out"))
			pin := d.await(t, regexp.MustCompile(`Anna Claes .*PIN (\d+)`))
			d.focus(t)
			d.press(t, "1") // Anna is the first
			d.do(t, "type", "--delay", "100", pin)
			d.press(t, "Return")
			// Each turn prints a batch of one of the three products, or does nothing
			// while one is printed; when all are, the window stands still.
			for same, turn := 0, 0; same < 3 && turn < 40; turn++ {
				before := d.picture
				d.press(t, "F5")
				d.press(t, "ctrl+p")
				if same++; !bytes.Equal(before, d.picture) {
					same = 0
				}
			}
			said := d.leave(t)
			if !strings.Contains(said, "3 paid, 3 printed") || !strings.Contains(said, "0 not fetched") {
				t.Error("three letters were paid, and not all were printed")
			}
			for _, fault := range []string{"Error in Fyne call thread", "DATA RACE", "panic:"} {
				if strings.Contains(said, fault) {
					t.Error(fault)
				}
			}
			if t.Failed() {
				t.Log(said)
			}
		})
	}
}

func compile(t *testing.T, out, pkg string, flags []string) string {
	t.Helper()
	args := append([]string{"build", "-o", out}, append(flags, pkg)...)
	if said, err := exec.CommandContext(t.Context(), "go", args...).CombinedOutput(); err != nil {
		t.Fatalf("go build %s: %v\n%s", pkg, err, said)
	}
	return out
}

// A desk is the demo room's terminal and its window.
type desk struct {
	cmd     *exec.Cmd
	said    string // the file that the terminal goes to
	ended   chan error
	window  string
	picture []byte // the last one taken of it
}

func startDesk(t *testing.T, program string, args ...string) *desk {
	t.Helper()
	d := &desk{said: filepath.Join(t.TempDir(), "terminal"), ended: make(chan error, 1)}
	terminal, err := os.Create(d.said)
	if err != nil {
		t.Fatal(err)
	}
	d.cmd = exec.Command(program, args...)
	d.cmd.Env = append(os.Environ(), "WAYLAND_DISPLAY=")
	d.cmd.Stdout, d.cmd.Stderr = terminal, terminal
	if err := d.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { d.ended <- d.cmd.Wait() }()
	t.Cleanup(func() {
		_ = d.cmd.Process.Kill() // when it has not ended, the test has failed
		if err := terminal.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

func (d *desk) text(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(d.said)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// await returns what the terminal says in the pattern's group.
func (d *desk) await(t *testing.T, pattern *regexp.Regexp) string {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if found := pattern.FindStringSubmatch(d.text(t)); found != nil {
			return found[1]
		}
	}
	t.Fatalf("the terminal never said %s:\n%s", pattern, d.text(t))
	return ""
}

// focus waits for the window and gives it the keyboard; no window manager does.
func (d *desk) focus(t *testing.T) {
	t.Helper()
	d.window = d.do(t, "search", "--sync", "--onlyvisible", "--name", "Bjet24 Print Room")
	d.window, _, _ = strings.Cut(d.window, "\n")
	d.do(t, "windowfocus", "--sync", d.window)
	d.settle(t)
}

func (d *desk) press(t *testing.T, key string) {
	t.Helper()
	d.do(t, "key", key)
	d.settle(t)
}

// do runs xdotool, for a minute at most.
func (d *desk) do(t *testing.T, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, "xdotool", args...).Output()
	if err != nil {
		t.Fatalf("xdotool %v: %v\n%s", args, err, d.text(t))
	}
	return strings.TrimSpace(string(out))
}

// settle waits until the picture has stood still for a moment, or for four
// seconds: something may always move.
func (d *desk) settle(t *testing.T) {
	t.Helper()
	d.picture = nil
	for end := time.Now().Add(4 * time.Second); time.Now().Before(end); time.Sleep(400 * time.Millisecond) {
		shot, err := exec.CommandContext(t.Context(), "import", "-silent", "-window", d.window, "xwd:-").Output()
		if err != nil {
			t.Fatalf("take a picture of the window: %v\n%s", err, d.text(t))
		}
		same := bytes.Equal(d.picture, shot)
		if d.picture = shot; same {
			return
		}
	}
}

// leave ends the day and returns all that the terminal said.
func (d *desk) leave(t *testing.T) string {
	t.Helper()
	if err := d.cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-d.ended:
		if err != nil {
			t.Errorf("the demo room ended with %v", err)
		}
	case <-time.After(time.Minute):
		t.Error("the demo room did not end")
	}
	return d.text(t)
}
