package swtpm

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// child is a process that does not outlive this one (where the system can
// promise it). One goroutine owns it: it starts it, waits for it and then
// closes done, after which err holds how it ended.
type child struct {
	cmd  *exec.Cmd
	done chan struct{}
	err  error
}

// start runs the program until terminate, kill or this process's end.
//
// The parent-death signal is sent when the thread that forked ends, not the
// process, so that thread is kept: the goroutine that starts the child is
// locked to it until the child has ended.
func start(program string, args []string) (*child, error) {
	c := &child{cmd: exec.Command(program, args...), done: make(chan struct{})}
	c.cmd.SysProcAttr = dieWithParent()
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer close(c.done)
		if err := c.cmd.Start(); err != nil {
			c.err = err
			started <- err
			return
		}
		started <- nil
		c.err = c.cmd.Wait()
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", program, err)
	}
	return c, nil
}

// terminate asks the process to end and, if it does not in 5 seconds, ends it.
// How it ended is no matter: a signal's exit is what was asked for.
func (c *child) terminate() error {
	if err := c.signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case <-c.done:
		return nil
	case <-time.After(5 * time.Second):
		return c.kill()
	}
}

// kill ends the process at once and waits for it.
func (c *child) kill() error {
	err := c.signal(os.Kill)
	<-c.done
	return err
}

// signal is not an error for a process that has ended.
func (c *child) signal(sig os.Signal) error {
	select {
	case <-c.done:
		return nil
	default:
	}
	if err := c.cmd.Process.Signal(sig); err != nil {
		select {
		case <-c.done:
			return nil
		case <-time.After(time.Second):
			return fmt.Errorf("signal %s: %w", c.cmd.Path, err)
		}
	}
	return nil
}
