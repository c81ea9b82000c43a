package render

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"sync"
)

// starter starts processes from one thread that lives as long as it does: a
// process that shall die with its parent dies with the thread that started it,
// and Go ends threads as it likes.
type starter struct {
	executable, arg string
	work            chan func()
	once            sync.Once
	stopped         chan struct{}
}

func newStarter(executable, arg string) (*starter, error) {
	if executable == "" {
		executable = self
	}
	if executable == "" {
		path, err := os.Executable()
		if err != nil {
			return nil, fmt.Errorf("render: this program's path: %w", err)
		}
		executable = path
	}
	s := &starter{executable: executable, arg: arg, work: make(chan func()), stopped: make(chan struct{})}
	go s.run()
	return s, nil
}

func (s *starter) run() {
	defer close(s.stopped)
	// Never unlocked: the thread ends with this goroutine, after the last process.
	runtime.LockOSThread()
	for f := range s.work {
		f()
	}
}

// close ends the thread. No start may follow or be under way.
func (s *starter) close() {
	s.once.Do(func() { close(s.work) })
	<-s.stopped
}

// start starts a process; it confines itself while the caller goes on.
func (s *starter) start(l Limits) (*process, error) {
	type result struct {
		w   *process
		err error
	}
	done := make(chan result, 1)
	s.work <- func() {
		w, err := s.spawn(l)
		done <- result{w, err}
	}
	r := <-done
	return r.w, r.err
}

func (s *starter) spawn(l Limits) (*process, error) {
	inRead, inWrite, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("render: pipe: %w", err)
	}
	outRead, outWrite, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("render: pipe: %w", err), inRead.Close(), inWrite.Close())
	}
	cmd := &exec.Cmd{
		Path: s.executable, Args: []string{s.executable, s.arg}, Dir: "/",
		// No variable of ours; one allocation arena, for address space is limited.
		Env:   []string{"GOTRACEBACK=none", "MALLOC_ARENA_MAX=1"},
		Stdin: inRead, Stdout: outWrite, // and no Stderr: it is discarded
		SysProcAttr: attributes(),
	}
	err = errors.Join(cmd.Start(), inRead.Close(), outWrite.Close())
	w := &process{cmd: cmd, in: inWrite, out: outRead, limits: l, exited: make(chan struct{})}
	if cmd.Process == nil {
		return nil, errors.Join(fmt.Errorf("render: start the renderer: %w", err), inWrite.Close(), outRead.Close())
	}
	go w.watch()
	if err == nil {
		err = w.prepare()
	}
	if err != nil {
		w.end()
		return nil, fmt.Errorf("render: start the renderer: %w", err)
	}
	return w, nil
}
