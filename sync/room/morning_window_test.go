//go:build window

package room

import (
	"bytes"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"espero-soft.com/printroom/vault/store"
)

// TestWindow is a person's morning in the demo room, as its terminal says:
// unlock, fetch, print.
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
			printroom := program
			if flags != nil {
				printroom = compile(t, filepath.Join(dir, "printroom"), "espero-soft.com/printroom", flags)
			}
			demo := compile(t, filepath.Join(dir, "printroom-demo"), "espero-soft.com/printroom/sync/room/demo", nil)
			m := startDemo(t, demo, "-program", printroom, "-letters", "3", "-out", filepath.Join(dir, "out"))
			pin := m.says(regexp.MustCompile(`Anna Claes .*PIN (\d+)`))
			m.desk = sitDown(t, m.text)
			m.unlock("1", pin)
			m.scanUnknown()
			r := m.room()
			m.try("three letters are here", func() bool { return len(keptLetters(t, r)) == 3 }, "F5")
			for done := 1; done <= 3; done++ { // three products, three batches
				m.try("the next letter is printed", func() bool { return len(inState(t, r, store.DeviceDone)) == done }, "ctrl+p")
			}
			m.comeBack(pin)
			said := m.leave()
			if !strings.Contains(said, "3 paid, 3 printed") || !strings.Contains(said, "0 not fetched") {
				t.Error("three letters were paid, and not all were printed")
			}
			for _, fault := range []string{"Error in Fyne call thread", "DATA RACE", "panic:"} {
				if strings.Contains(said, fault) {
					t.Error(fault)
				}
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

// A demo is the demo room's terminal, and the desk in it.
type demo struct {
	*desk
	t        *testing.T
	cmd      *exec.Cmd
	terminal string // the file that the terminal goes to
	ended    chan error
	rooms    string // the folder that the room's lies in
}

func startDemo(t *testing.T, program string, args ...string) *demo {
	t.Helper()
	rooms, err := os.MkdirTemp("", "w") // the path of a socket has to be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(rooms) })
	d := &demo{t: t, terminal: filepath.Join(t.TempDir(), "terminal"), ended: make(chan error, 1), rooms: rooms}
	terminal, err := os.Create(d.terminal)
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

// room is the demo's, as far as its files tell.
func (d *demo) room() *Room {
	d.t.Helper()
	return &Room{Data: filepath.Join(only(d.t, d.rooms, "printroom-demo-*"), "data")}
}

// text is all that the terminal said.
func (d *demo) text() string {
	text, err := os.ReadFile(d.terminal)
	if err != nil {
		d.t.Error(err)
	}
	return string(text)
}

// says returns what the terminal says in the pattern's group.
func (d *demo) says(pattern *regexp.Regexp) string {
	d.t.Helper()
	var found []string
	await(d.t, "the terminal says "+pattern.String(), func() bool {
		found = pattern.FindStringSubmatch(d.text())
		return found != nil
	})
	return found[1]
}

// The parts of the window that are looked at, as the toolkit lays them out in
// one of 1280 × 800.
var (
	filterField = image.Rect(324, 80, 764, 108)
	titleOfPage = image.Rect(96, 8, 396, 56)
)

// scanUnknown scans a code of no letter: the window says so over the filter, and
// then the filter is as it was.
func (d *desk) scanUnknown() {
	d.t.Helper()
	before := d.part(filterField)
	d.do("type", "--delay", "4", "54:12345:6789012")
	d.do("key", "Return")
	d.changes("the window says that the code is unknown", filterField, before)
	d.until("the filter is as it was before the scan", filterField, before)
}

// comeBack leaves the press in sight, locks, and finds the press again.
func (d *demo) comeBack(pin string) {
	d.t.Helper()
	d.press("ctrl+2")
	press := d.part(titleOfPage)
	d.press("ctrl+l")
	if bytes.Equal(press, d.part(titleOfPage)) {
		d.t.Error("the window did not lock")
	}
	d.unlock("1", pin)
	d.until("the press is in sight again", titleOfPage, press)
	files, err := filepath.Glob(filepath.Join(d.rooms, "printroom-demo-*", "config", "printroom", "people", "*.json"))
	if err != nil || len(files) != 1 {
		d.t.Fatalf("the window remembers %d people, %v", len(files), err)
	}
	if text, err := os.ReadFile(files[0]); err != nil || !bytes.Contains(text, []byte(`"screen":"press"`)) {
		d.t.Errorf("the window remembers %s, %v", text, err)
	}
}

// leave ends the day and returns all that the terminal said.
func (d *demo) leave() string {
	d.t.Helper()
	if err := d.cmd.Process.Signal(syscall.SIGINT); err != nil {
		d.t.Fatal(err)
	}
	select {
	case err := <-d.ended:
		if err != nil {
			d.t.Errorf("the demo room ended with %v", err)
		}
	case <-time.After(patience):
		d.t.Error("the demo room did not end")
	}
	return d.text()
}
