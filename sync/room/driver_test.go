//go:build window

package room

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// patience is how long anything may take that happens by itself.
const patience = time.Minute

// await waits until something is so.
func await(t *testing.T, what string, so func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if so() {
			return
		}
	}
	t.Fatalf("waited in vain until %s", what)
}

// A desk is the program's window on a real display, with a person before it who
// has a keyboard, a hand scanner and eyes. It knows nothing of the program but
// what is in the picture.
type desk struct {
	t       *testing.T
	said    func() string // what the program wrote so far
	window  string        // the display's number for it
	eyes    *eyes
	picture []byte // the last one taken of the window
	shots   int
}

// sitDown waits for the window and gives it the keyboard; no window manager does.
func sitDown(t *testing.T, said func() string) *desk {
	t.Helper()
	d := &desk{t: t, said: said}
	d.window, _, _ = strings.Cut(d.do("search", "--sync", "--onlyvisible", "--name", "^Bjet24 Print Room$"), "\n")
	d.do("windowfocus", "--sync", d.window)
	var err error
	if d.eyes, err = openEyes(d.window); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			d.keepPicture(filepath.Join("..", "..", "bin", "tests"), "failed")
			t.Log(said())
		}
		d.eyes.close()
	})
	d.settle()
	return d
}

// do runs xdotool.
func (d *desk) do(args ...string) string {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(d.t.Context()), patience)
	defer cancel()
	out, err := exec.CommandContext(ctx, "xdotool", args...).Output()
	if err != nil {
		d.t.Fatalf("xdotool %v: %v\n%s", args, err, d.said())
	}
	return strings.TrimSpace(string(out))
}

// press presses keys one after the other, by their X names, and looks each time
// until the picture stands still.
func (d *desk) press(keys ...string) {
	d.t.Helper()
	for _, key := range keys {
		d.do("key", key)
		d.settle()
		if dir := os.Getenv("PRINTROOM_SHOTS"); dir != "" { // to see what a test sees
			d.shots++
			d.keepPicture(dir, fmt.Sprintf("%03d-%s", d.shots, key))
		}
	}
}

// try presses keys until something is so. What is pressed while the window is
// still at something else has no effect, and is pressed again after a while.
func (d *desk) try(what string, so func() bool, keys ...string) {
	d.t.Helper()
	var again time.Time
	await(d.t, what, func() bool {
		if time.Now().After(again) {
			d.press(keys...)
			again = time.Now().Add(6 * time.Second)
		}
		return so()
	})
}

// write types as a person does.
func (d *desk) write(text string) {
	d.t.Helper()
	d.do("type", "--delay", "100", text)
	d.settle()
}

// scan types as a hand scanner does.
func (d *desk) scan(code string) {
	d.t.Helper()
	d.do("type", "--delay", "4", code)
	d.press("Return")
}

// unlock lets a person in, by the digit of their tile and their PIN.
func (d *desk) unlock(tile, pin string) {
	d.t.Helper()
	d.press(tile)
	d.write(pin)
	d.press("Return")
}

// settle waits until the picture has stood still for a moment, or for four
// seconds: something may always move.
func (d *desk) settle() {
	d.t.Helper()
	d.picture = nil
	for end := time.Now().Add(4 * time.Second); time.Now().Before(end); time.Sleep(250 * time.Millisecond) {
		shot := d.part(image.Rectangle{})
		same := bytes.Equal(d.picture, shot)
		if d.picture = shot; same {
			return
		}
	}
}

// part takes a picture of a part of the window.
func (d *desk) part(of image.Rectangle) []byte {
	d.t.Helper()
	dots, _, err := d.eyes.look(of)
	if err != nil {
		d.t.Fatalf("take a picture of the window: %v\n%s", err, d.said())
	}
	return dots
}

// until waits until a part of the window is as it was in a picture of it.
func (d *desk) until(what string, where image.Rectangle, picture []byte) {
	d.t.Helper()
	await(d.t, what, func() bool { return bytes.Equal(picture, d.part(where)) })
}

// changes waits until a part of the window is not as it was.
func (d *desk) changes(what string, where image.Rectangle, picture []byte) {
	d.t.Helper()
	await(d.t, what, func() bool { return !bytes.Equal(picture, d.part(where)) })
}

// keepPicture writes what the window shows to a folder, under the test's name.
func (d *desk) keepPicture(dir, name string) {
	shot, err := d.eyes.see()
	if err == nil {
		err = os.MkdirAll(dir, 0o755)
	}
	if err == nil {
		err = save(filepath.Join(dir, strings.ReplaceAll(d.t.Name(), "/", "-")+"-"+name+".png"), shot)
	}
	if err != nil {
		d.t.Logf("the picture of the window is lost: %v", err)
	}
}

// A window is the program at work in a room, with its window.
type window struct {
	*desk
	stop   context.CancelFunc
	closed chan error
	locked []byte // what the corner of the locked window looked like
}

// openWindow starts the program and sits down before its window.
func openWindow(t *testing.T, r *Room, heard *complaints) *window {
	t.Helper()
	t.Setenv("WAYLAND_DISPLAY", "")
	if os.Getenv("DISPLAY") == "" {
		t.Fatal("no display: run make test-window")
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	w := &window{stop: stop, closed: make(chan error, 1)}
	go func() { w.closed <- r.Window(ctx) }()
	t.Cleanup(func() {
		stop()
		if w.closed != nil {
			t.Log("the window ended:", <-w.closed)
		}
	})
	await(t, "the station is open in a window", func() bool {
		_, out, _ := said(t, r, "", "status", "--json")
		return strings.Contains(out, `"lamps"`)
	})
	w.desk = sitDown(t, heard.String)
	return w
}

// quit closes the window by its key and wants the program to end well.
func (w *window) quit() {
	w.t.Helper()
	w.do("key", "ctrl+q")
	select {
	case err := <-w.closed:
		w.closed = nil
		if err != nil {
			w.t.Errorf("the program ended with %v\n%s", err, w.said())
		}
	case <-time.After(patience):
		w.t.Errorf("Ctrl+Q did not close the window\n%s", w.said())
	}
}
