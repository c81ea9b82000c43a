package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"espero-soft.com/printroom/sync/room"
)

// startRow is row 9: from the start of the program, on an enrolled station whose
// central answers, to the first picture of its window; the peer is a small
// desktop program's window on the same display.
func startRow(ctx context.Context, o options) (*sides, error) {
	d, err := startDisplay(ctx, o.dir)
	if err != nil {
		return nil, err
	}
	r, err := enrolledRoom(ctx, o)
	if err != nil {
		return nil, errors.Join(err, d.stop())
	}
	rest := 0
	return &sides{
		ours: func(ctx context.Context) (time.Duration, error) {
			cmd := exec.CommandContext(ctx, o.product, "--config", r.Config)
			took, err := d.firstPicture(cmd, func() error {
				time.Sleep(2 * time.Second) // at rest
				kib, err := anonymous(cmd.Process.Pid)
				rest = max(rest, kib)
				return err
			})
			return took, err
		},
		peer: func(ctx context.Context) (time.Duration, error) {
			return d.firstPicture(exec.CommandContext(ctx, "dbus-run-session", "--", "simple-scan"), nil)
		},
		note:  func() string { return fmt.Sprintf("RssAnon at rest: %.0f MiB, goal 120", float64(rest)/1024) },
		close: func() error { return errors.Join(r.Close(), d.stop()) },
	}, nil
}

// enrolledRoom is a room with a station, in a folder of its own.
func enrolledRoom(ctx context.Context, o options) (*room.Room, error) {
	dir, err := os.MkdirTemp(o.dir, "room-")
	if err != nil {
		return nil, err
	}
	return room.Open(ctx, room.Options{Program: o.product, Dir: dir, Seed: 1, Errors: io.Discard})
}

// display is an X server without a screen.
type display struct {
	cmd  *exec.Cmd
	name string
	home string // an empty home for the programs on it
}

func startDisplay(ctx context.Context, dir string) (*display, error) {
	read, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer func() { _ = read.Close() }()
	cmd := exec.CommandContext(ctx, "Xvfb", "-displayfd", "3", "-screen", "0", "1280x800x24", "-nolisten", "tcp", "-noreset")
	cmd.ExtraFiles = []*os.File{write}
	if err := errors.Join(cmd.Start(), write.Close()); err != nil {
		return nil, fmt.Errorf("start a display: %w", err)
	}
	number := make([]byte, 16)
	n, err := read.Read(number)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start a display: %w", err), cmd.Process.Kill())
	}
	d := &display{cmd: cmd, name: ":" + strings.TrimSpace(string(number[:n])), home: filepath.Join(dir, "home")}
	return d, os.MkdirAll(d.home, 0o700)
}

func (d *display) stop() error {
	err := d.cmd.Process.Signal(syscall.SIGTERM)
	_ = d.cmd.Wait() // it says that it was ended
	return err
}

// firstPicture starts a program and returns how long it took until something
// with more colours than a bare window was on the display. rest, if any, is done
// before the program is ended.
func (d *display) firstPicture(cmd *exec.Cmd, rest func() error) (took time.Duration, err error) {
	cmd.Env = append(os.Environ(), "DISPLAY="+d.name, "WAYLAND_DISPLAY=", "HOME="+d.home, "XDG_CONFIG_HOME="+d.home)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	defer func() {
		err = errors.Join(err, syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM))
		_ = cmd.Wait() // ended by the signal
		err = errors.Join(err, d.clear())
	}()
	for time.Since(began) < 30*time.Second {
		colours, err := d.colours()
		if err != nil {
			return 0, err
		}
		if took = time.Since(began); colours >= painted {
			if rest != nil {
				err = rest()
			}
			return took, err
		}
	}
	return 0, fmt.Errorf("%s showed nothing in %s", cmd.Path, time.Since(began).Round(time.Second))
}

// painted is more colours than an empty window has, and fewer than any text.
const painted = 24

// clear waits until the program's window is gone.
func (d *display) clear() error {
	for range 200 {
		if n, err := d.colours(); err != nil || n < painted {
			return err
		}
		time.Sleep(20 * time.Millisecond)
	}
	return errors.New("a window stayed after its program's end")
}

// colours counts the colours on the display, painted at most.
func (d *display) colours() (int, error) {
	picture, err := exec.Command("xwd", "-root", "-silent", "-display", d.name).Output()
	var moved *exec.ExitError
	if errors.As(err, &moved) {
		return 0, nil // a window came or went while it looked
	}
	if err != nil {
		return 0, fmt.Errorf("look at the display: %w", err)
	}
	const bytesOfPixels = 1280 * 800 * 4
	if len(picture) < bytesOfPixels {
		return 0, errors.New("the display's picture is too small")
	}
	seen := map[[4]byte]bool{}
	for pixels := picture[len(picture)-bytesOfPixels:]; len(pixels) > 0 && len(seen) < painted; pixels = pixels[4:] {
		seen[[4]byte(pixels)] = true
	}
	return len(seen), nil
}

// anonymous is a process's RssAnon in KiB.
func anonymous(pid int) (int, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	_, after, ok := bytes.Cut(status, []byte("RssAnon:"))
	if !ok {
		return 0, errors.New("the kernel does not tell RssAnon")
	}
	return strconv.Atoi(strings.Fields(string(after))[0])
}
