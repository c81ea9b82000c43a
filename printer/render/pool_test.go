package render

import (
	"bytes"
	"context"
	"errors"
	"math"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestReport(t *testing.T) {
	pool := newPool(t, Config{})
	document := catalogued("/Names<</JavaScript<</Names[(a) 3 0 R]>>/EmbeddedFiles<</Names[(b) 3 0 R]>>>>/AcroForm<</XFA(x)/Fields[]>>", a4, someText)
	_, report := renderAll(t, pool, Request{Document: document, DPI: 72})
	if !report.JavaScript || !report.Attachments || !report.XFA || report.Repaired || report.Pages != 1 {
		t.Errorf("%+v", report)
	}
	if s := report.Sizes[0]; math.Abs(s.Width-595.28) > 0.01 || math.Abs(s.Height-841.89) > 0.01 {
		t.Errorf("size %v", s)
	}
	_, report = renderAll(t, pool, Request{Document: bytes.Replace(letter(t, 1), []byte("startxref"), []byte("startxxxx"), 1), DPI: 72})
	if !report.Repaired || report.JavaScript || report.Attachments || report.XFA {
		t.Errorf("broken: %+v", report)
	}
}

// TestPages: the pages asked for come, in that order, and match those of the
// whole document, whether one process draws or two.
func TestPages(t *testing.T) {
	document := letter(t, 45)
	one := newPool(t, Config{Workers: 1})
	two := newPool(t, Config{Workers: 2, Spares: 2})
	want, _ := renderAll(t, one, Request{Document: document, DPI: 40})
	got, report := renderAll(t, two, Request{Document: document, DPI: 40})
	if report.Pages != 45 || len(got) != 45 || len(want) != 45 {
		t.Fatalf("%d and %d pages, %+v", len(want), len(got), report)
	}
	for i := range want {
		if got[i].Index != i || want[i].Index != i || !bytes.Equal(got[i].Pix, want[i].Pix) {
			t.Errorf("page %d differs", i)
		}
		if i > 0 && bytes.Equal(want[i].Pix, want[i-1].Pix) {
			t.Errorf("page %d is page %d", i, i-1)
		}
	}
	some, _ := renderAll(t, two, Request{Document: document, DPI: 40, Pages: []int{44, 0, 7}})
	for i, index := range []int{44, 0, 7} {
		if some[i].Index != index || !bytes.Equal(some[i].Pix, want[index].Pix) {
			t.Errorf("page %d is not page %d", some[i].Index, index)
		}
	}
	for _, bad := range [][]int{{45}, {-1}, {}} {
		_, err := one.Render(t.Context(), Request{Document: document, DPI: 40, Pages: bad}, func(Page) error { return nil })
		if !errors.Is(err, ErrPage) {
			t.Errorf("pages %v: %v", bad, err)
		}
	}
}

func TestRefusedRequests(t *testing.T) {
	pool := newPool(t, Config{Limits: Limits{Bytes: 1000, Pages: 2}})
	for want, req := range map[string]Request{
		"limit bytes": {Document: make([]byte, 1001), DPI: 72},
		"limit pages": {Document: []byte("%PDF-"), DPI: 72, Pages: []int{0, 0, 0}},
		"corrupt":     {DPI: 72},
	} {
		_, err := pool.Render(t.Context(), req, nil)
		if got := verdict(err); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	for _, dpi := range []int{-1, 0, 17, 1201} {
		if _, err := pool.Render(t.Context(), Request{Document: []byte("%PDF-"), DPI: dpi}, nil); err == nil {
			t.Errorf("%d dots per inch were accepted", dpi)
		}
	}
}

func TestEmitError(t *testing.T) {
	pool := newPool(t, Config{Spares: 1})
	wanted := errors.New("printer is on fire")
	for _, n := range []int{3, 30} {
		calls := 0
		_, err := pool.Render(t.Context(), Request{Document: letter(t, n), DPI: 50}, func(Page) error {
			calls++
			if calls == 2 {
				return wanted
			}
			return nil
		})
		if err != wanted || calls != 2 {
			t.Errorf("%d pages: %v after %d calls", n, err, calls)
		}
	}
}

// TestSlowCaller: the time that emit takes is not the document's.
func TestSlowCaller(t *testing.T) {
	pool := newPool(t, Config{Limits: Limits{Time: time.Second, TimeFor: time.Millisecond}})
	_, err := pool.Render(t.Context(), Request{Document: letter(t, 5), DPI: 36}, func(Page) error {
		time.Sleep(400 * time.Millisecond)
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// TestWiped: a page's memory is blank once Render is back.
func TestWiped(t *testing.T) {
	pool := newPool(t, Config{})
	for _, failing := range []error{nil, errors.New("enough")} {
		var seen [][]byte
		_, err := pool.Render(t.Context(), Request{Document: letter(t, 4), DPI: 36}, func(p Page) error {
			if bytes.Count(p.Pix, []byte{0}) == len(p.Pix) {
				t.Error("a page is blank while it is emitted")
			}
			seen = append(seen, p.Pix)
			return failing
		})
		if err != failing {
			t.Fatal(err)
		}
		for i, pix := range seen {
			if bytes.Count(pix, []byte{0}) != len(pix) {
				t.Errorf("page %d is still in memory", i)
			}
		}
	}
}

// TestWipedAfterCrash: a page that was shown is gone even when the worker dies
// while its memory is to be used again.
func TestWipedAfterCrash(t *testing.T) {
	pool := newPool(t, Config{Arg: "fake-third-cut"})
	var seen [][]byte
	_, err := pool.Render(t.Context(), Request{Document: []byte("%PDF-1.7"), DPI: 72}, func(p Page) error {
		seen = append(seen, p.Pix)
		return nil
	})
	if err == nil || len(seen) != 2 {
		t.Fatalf("%d pages, %v", len(seen), err)
	}
	for i, pix := range seen {
		if bytes.Count(pix, []byte{0}) != len(pix) {
			t.Errorf("page %d is still in memory", i)
		}
	}
}

func TestCancel(t *testing.T) {
	pool := newPool(t, Config{Spares: 1})
	cause := errors.New("screen locked")
	ctx, cancel := context.WithCancelCause(t.Context())
	_, err := pool.Render(ctx, Request{Document: letter(t, 40), DPI: 100}, func(p Page) error {
		if p.Index == 1 {
			cancel(cause)
		}
		return nil
	})
	if !errors.Is(err, cause) {
		t.Errorf("got %v", err)
	}
	if _, err := pool.Render(ctx, Request{Document: letter(t, 1), DPI: 36}, nil); !errors.Is(err, cause) {
		t.Errorf("ended context: %v", err)
	}
	renderAll(t, pool, Request{Document: letter(t, 1), DPI: 36})
}

// TestDeadSpare: a spare that was killed while it waited costs nobody a letter.
func TestDeadSpare(t *testing.T) {
	pool := newPool(t, Config{Spares: 1})
	if err := pool.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	pool.mu.Lock()
	spare := pool.idle[0]
	pool.mu.Unlock()
	if err := unix.Kill(spare.cmd.Process.Pid, unix.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-spare.exited
	renderAll(t, pool, Request{Document: letter(t, 1), DPI: 36})
}

// TestDeadNewSpare: nor does one that died before anybody looked at it, with
// its word that it is ready still in the pipe.
func TestDeadNewSpare(t *testing.T) {
	pool := newPool(t, Config{Spares: 1})
	spare := awaitSpare(t, pool)
	conn, err := spare.out.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	for said := 0; said == 0; time.Sleep(time.Millisecond) {
		if err := conn.Control(func(fd uintptr) { said, err = unix.IoctlGetInt(int(fd), unix.TIOCINQ) }); err != nil {
			t.Fatal(err)
		}
	}
	if err := unix.Kill(spare.cmd.Process.Pid, unix.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-spare.exited
	renderAll(t, pool, Request{Document: letter(t, 1), DPI: 36})
}

// awaitSpare is the first spare of a pool that is being filled.
func awaitSpare(t *testing.T, pool *Pool) *process {
	t.Helper()
	for {
		pool.mu.Lock()
		idle := pool.idle
		pool.mu.Unlock()
		if len(idle) > 0 {
			return idle[0]
		}
		time.Sleep(time.Millisecond)
	}
}

// TestKilled: a worker that dies at work is a crash with its signal.
func TestKilled(t *testing.T) {
	pool := newPool(t, Config{Spares: 1})
	if err := pool.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	pool.mu.Lock()
	pid := pool.idle[0].cmd.Process.Pid
	pool.mu.Unlock()
	_, err := pool.Render(t.Context(), Request{Document: letter(t, 15), DPI: 150}, func(p Page) error {
		if p.Index == 0 {
			return unix.Kill(pid, unix.SIGSEGV)
		}
		return nil
	})
	var crash *CrashError
	if !errors.As(err, &crash) || crash.Signal != unix.SIGSEGV {
		t.Errorf("got %v", err)
	}
}

// TestConfined looks from outside at a process that says it is ready.
func TestConfined(t *testing.T) {
	ready, err := newPool(t, Config{}).take(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer ready.end()
	pid := ready.cmd.Process.Pid
	if group, err := unix.Getpgid(pid); err != nil || group != pid {
		t.Errorf("process group %d, %v", group, err)
	}
	for resource, want := range map[int]uint64{unix.RLIMIT_CORE: 0, unix.RLIMIT_FSIZE: 0, unix.RLIMIT_NOFILE: 3, unix.RLIMIT_CPU: 10} {
		var l unix.Rlimit
		if err := unix.Prlimit(pid, resource, nil, &l); err != nil || l.Cur != want {
			t.Errorf("resource %d: %+v, %v", resource, l, err)
		}
	}
	if env := procFile(t, pid, "environ"); strings.Contains(env, "HOME=") || strings.Contains(env, "PATH=") {
		t.Errorf("environment %q", env)
	}
	tasks, err := os.ReadDir(procPath(pid, "task"))
	if err != nil {
		t.Fatal(err)
	}
	for _, task := range tasks {
		status := procFile(t, pid, "task/"+task.Name()+"/status")
		if !strings.Contains(status, "Seccomp:\t2") || !strings.Contains(status, "NoNewPrivs:\t1") {
			t.Errorf("thread %s is not confined", task.Name())
		}
	}
}

func TestConcurrent(t *testing.T) {
	pool := newPool(t, Config{Spares: 2})
	document := letter(t, 2)
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			for range 3 {
				n := 0
				if _, err := pool.Render(t.Context(), Request{Document: document, DPI: 40}, func(Page) error { n++; return nil }); err != nil || n != 2 {
					t.Errorf("%d pages, %v", n, err)
				}
			}
		})
	}
	wg.Wait()
}

func TestClose(t *testing.T) {
	pool := newPool(t, Config{Spares: 2})
	started := make(chan struct{})
	ended := make(chan error)
	document := letter(t, 40)
	go func() {
		var once sync.Once
		_, err := pool.Render(context.Background(), Request{Document: document, DPI: 100}, func(Page) error {
			once.Do(func() { close(started) })
			time.Sleep(20 * time.Millisecond)
			return nil
		})
		ended <- err
	}()
	<-started
	if err := pool.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; !errors.Is(err, ErrClosed) {
		t.Errorf("the rendering under way: %v", err)
	}
	if _, err := pool.Render(t.Context(), Request{Document: document, DPI: 40}, nil); !errors.Is(err, ErrClosed) {
		t.Errorf("a rendering after: %v", err)
	}
	if err := pool.Check(t.Context()); !errors.Is(err, ErrClosed) {
		t.Errorf("a check after: %v", err)
	}
}

func TestNoExecutable(t *testing.T) {
	pool := newPool(t, Config{Executable: "/nonexistent/printroom", Spares: 1})
	if err := pool.Check(t.Context()); err == nil {
		t.Error("a program that does not exist was started")
	}
	if _, err := NewPool(Config{Workers: 3}); err == nil {
		t.Error("three workers were accepted")
	}
}
