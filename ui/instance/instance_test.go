package instance

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func noError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// folder is a data folder with a path that a socket can have.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "room")
	noError(t, err)
	t.Cleanup(func() { noError(t, os.RemoveAll(dir)) })
	return dir
}

type state struct{ Jobs int }

func listen(t *testing.T, dir string, window bool) (shown *int) {
	t.Helper()
	shown = new(int) // written before the answer, read after it
	s, err := Listen(dir, Serve{
		Show:   func() bool { *shown++; return window },
		Status: func() any { return state{3} },
	})
	noError(t, err)
	t.Cleanup(func() { noError(t, s.Close()) })
	return shown
}

func TestShow(t *testing.T) {
	for _, window := range []bool{true, false} {
		dir := folder(t)
		n := listen(t, dir, window)
		shown, err := Show(t.Context(), dir)
		noError(t, err)
		if shown != window || *n != 1 {
			t.Errorf("shown %v, asked %d times", shown, *n)
		}
		var s state
		noError(t, Status(t.Context(), dir, &s))
		if s.Jobs != 3 {
			t.Errorf("the status is %v", s)
		}
		if info, err := os.Stat(filepath.Join(dir, socketName)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("the socket: %v, %v", info.Mode(), err)
		}
	}
}

func TestNobody(t *testing.T) {
	left := folder(t) // by a crash: a socket without anybody behind it
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(left, socketName)})
	noError(t, err)
	l.SetUnlinkOnClose(false)
	noError(t, l.Close())
	for _, dir := range []string{folder(t), left, filepath.Join("/", strings.Repeat("long", 40))} {
		if _, err := Show(t.Context(), dir); !errors.Is(err, ErrNobody) {
			t.Errorf("%s: %v", dir, err)
		}
	}
	listen(t, left, true)
	if shown, err := Show(t.Context(), left); err != nil || !shown {
		t.Errorf("after a crash: %v, %v", shown, err)
	}
	if _, err := Listen(strings.Repeat("/long", 30), Serve{}); err == nil {
		t.Error("a socket was made under a path that is too long")
	}
}

// TestNonsense: whoever asks something else, or nothing, holds up nobody.
func TestNonsense(t *testing.T) {
	dir := folder(t)
	n := listen(t, dir, true)
	for _, question := range []string{"open\n", "show", strings.Repeat("show\n", 900)} {
		conn, err := net.Dial("unix", filepath.Join(dir, socketName))
		noError(t, err)
		noError(t, conn.SetDeadline(time.Now().Add(2*patience)))
		_, _ = io.WriteString(conn, question) // it may have hung up before all of it
		if answer, _ := io.ReadAll(conn); len(answer) != 0 {
			t.Errorf("%.10q: it answered %q", question, answer)
		}
		noError(t, conn.Close())
	}
	silent, err := net.Dial("unix", filepath.Join(dir, socketName))
	noError(t, err)
	noError(t, silent.Close())
	if shown, err := Show(t.Context(), dir); err != nil || !shown || *n != 1 {
		t.Errorf("afterwards: %v, %v, asked %d times", shown, err, *n)
	}
}

func TestGivenUp(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	dir := folder(t)
	listen(t, dir, true)
	if _, err := Show(ctx, dir); !errors.Is(err, ErrNobody) {
		t.Errorf("%v", err)
	}
}

func TestClosed(t *testing.T) {
	dir := folder(t)
	s, err := Listen(dir, Serve{})
	noError(t, err)
	noError(t, s.Close())
	if _, err := os.Lstat(filepath.Join(dir, socketName)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket is left: %v", err)
	}
}
