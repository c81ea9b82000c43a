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
			d.unlock(t, pin)
			d.scanUnknown(t)
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
			d.comeBack(t, pin)
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
	rooms   string // the folder that the room's lies in
}

func startDesk(t *testing.T, program string, args ...string) *desk {
	t.Helper()
	rooms, err := os.MkdirTemp("", "w") // the path of a socket has to be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(rooms) })
	d := &desk{said: filepath.Join(t.TempDir(), "terminal"), ended: make(chan error, 1), rooms: rooms}
	terminal, err := os.Create(d.said)
	if err != nil {
		t.Fatal(err)
	}
	d.cmd = exec.Command(program, args...)
	d.cmd.Env = append(os.Environ(), "WAYLAND_DISPLAY=", "TMPDIR="+rooms)
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

// unlock lets Anna in, who is the first.
func (d *desk) unlock(t *testing.T, pin string) {
	t.Helper()
	d.press(t, "1")
	d.do(t, "type", "--delay", "100", pin)
	d.press(t, "Return")
}

// The parts of the window that are looked at, as the toolkit lays them out in
// one of 1280 × 800.
const (
	filterField = "440x28+324+80"
	titleOfPage = "300x48+96+8"
)

// scanUnknown scans a code of no letter, as fast as a hand scanner: the window
// says so over the filter, and then the filter is as it was.
func (d *desk) scanUnknown(t *testing.T) {
	t.Helper()
	before := d.part(t, filterField)
	d.do(t, "type", "--delay", "4", "54:12345:6789012")
	d.do(t, "key", "Return")
	d.until(t, "the window says that the code is unknown", func() bool { return !bytes.Equal(before, d.part(t, filterField)) })
	d.until(t, "the filter is as it was before the scan", func() bool { return bytes.Equal(before, d.part(t, filterField)) })
}

// comeBack leaves the press in sight, locks, and finds the press again.
func (d *desk) comeBack(t *testing.T, pin string) {
	t.Helper()
	d.press(t, "ctrl+2")
	press := d.part(t, titleOfPage)
	d.press(t, "ctrl+l")
	if bytes.Equal(press, d.part(t, titleOfPage)) {
		t.Error("the window did not lock")
	}
	d.unlock(t, pin)
	d.until(t, "the press is in sight again", func() bool { return bytes.Equal(press, d.part(t, titleOfPage)) })
	files, err := filepath.Glob(filepath.Join(d.rooms, "printroom-demo-*", "config", "printroom", "people", "*.json"))
	if err != nil || len(files) != 1 {
		t.Fatalf("the window remembers %d people, %v", len(files), err)
	}
	if text, err := os.ReadFile(files[0]); err != nil || !bytes.Contains(text, []byte(`"screen":"press"`)) {
		t.Errorf("the window remembers %s, %v", text, err)
	}
}

// part takes a picture of a part of the window.
func (d *desk) part(t *testing.T, geometry string) []byte {
	t.Helper()
	shot, err := exec.CommandContext(t.Context(), "import", "-silent", "-window", d.window, "-crop", geometry, "+repage", "rgb:-").Output()
	if err != nil {
		t.Fatalf("take a picture of the window: %v\n%s", err, d.text(t))
	}
	return shot
}

// until waits for something, for half a minute.
func (d *desk) until(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		if done() {
			return
		}
	}
	t.Errorf("waited in vain until %s", what)
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
