package render

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"espero-soft.com/printroom/printer/render/frame"
)

// process is one worker. One goroutine at a time reads from and writes to it;
// kill may be called from any.
type process struct {
	cmd    *exec.Cmd
	in     *os.File // its standard input
	out    *os.File // its standard output
	limits Limits
	ready  bool
	cpu    time.Duration // the CPU limit in force; set before the goroutine that reads starts
	exited chan struct{} // closed when it is gone; cmd.ProcessState is then set

	mu    sync.Mutex // guards what follows
	gone  bool
	cause error // why it was killed, nil when it was not
}

// watch waits for the end of the process; it is its only reaper.
func (w *process) watch() {
	w.awaitZombie()
	w.mu.Lock()
	defer w.mu.Unlock()
	_ = w.cmd.Wait() // ProcessState says more than the error
	w.gone = true
	close(w.exited)
}

// kill ends the process group at once; the reader then sees the end of the
// stream, and result gives cause. Only the first cause counts.
func (w *process) kill(cause error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.gone {
		return // its number may be another's by now
	}
	if w.cause == nil {
		w.cause = cause
	}
	w.killGroup()
}

// end kills the process if it still runs, waits for it and frees its pipes.
func (w *process) end() {
	w.kill(errEnded)
	<-w.exited
	_ = w.in.Close() // nothing is buffered in a pipe's end
	_ = w.out.Close()
}

// errEnded is the cause when nobody wants the process any more.
var errEnded = errors.New("no longer needed")

// guard kills the process when ctx ends or after d. stop ends the watch.
func (w *process) guard(ctx context.Context, d time.Duration) (stop func()) {
	forget := context.AfterFunc(ctx, func() { w.kill(context.Cause(ctx)) })
	timer := time.AfterFunc(d, func() {
		w.kill(&LimitError{What: LimitTime, Have: 0, Max: d.Milliseconds()})
	})
	return func() {
		timer.Stop()
		forget()
	}
}

// awaitReady waits until the process is confined.
func (w *process) awaitReady(ctx context.Context, d time.Duration) error {
	if !w.ready {
		defer w.guard(ctx, d)()
		record, err := frame.Read(w.out)
		if err != nil {
			return w.result(err)
		}
		if _, ok := record.(frame.Ready); !ok {
			return w.refuse(record)
		}
		w.ready = true
	}
	// Its word may have waited in the pipe longer than it lived.
	select {
	case <-w.exited:
		return w.result(io.EOF)
	default:
		return nil
	}
}

// refuse turns a record that is not the one awaited into an error.
func (w *process) refuse(record any) error {
	f, ok := record.(frame.Failure)
	if !ok {
		return w.babble()
	}
	switch f.Code {
	case frame.CodeCorrupt:
		return ErrCorrupt
	case frame.CodeEncrypted:
		return ErrEncrypted
	case frame.CodeSandbox:
		return ErrSandbox
	}
	have := int64(min(f.Have, 1<<62))
	switch f.What {
	case frame.WhatPages:
		return &LimitError{What: LimitPages, Have: have, Max: int64(w.limits.Pages)}
	case frame.WhatPixels:
		return &LimitError{What: LimitPixels, Have: have, Max: w.limits.Pixels}
	}
	return &LimitError{What: LimitMemory, Max: memory}
}

func (w *process) babble() error {
	w.kill(errEnded)
	return &CrashError{Babble: true}
}

// result explains an error of reading from the process or writing to it.
func (w *process) result(err error) error {
	if errors.Is(err, frame.ErrFormat) {
		return w.babble()
	}
	if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, syscall.EPIPE) {
		w.kill(err)
	}
	// The stream has ended, so the process has, or should have.
	late := time.AfterFunc(time.Second, func() { w.kill(&CrashError{Babble: true}) })
	defer late.Stop()
	<-w.exited
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.cause != nil {
		return w.cause
	}
	return w.explain()
}
