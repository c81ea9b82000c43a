//go:build !linux

package render

import (
	"syscall"
	"time"
)

// self is empty: the program is asked for its own path.
const self = ""

func attributes() *syscall.SysProcAttr { return nil }

func (w *process) prepare() error { return nil }

func (w *process) setCPU(time.Duration) error { return nil }

func (w *process) killGroup() { _ = w.cmd.Process.Kill() } // fails only when it is dead

// awaitZombie reaps too: here the process's handle, not its number, is killed.
func (w *process) awaitZombie() { w.cmd.ProcessState, _ = w.cmd.Process.Wait() }

func (w *process) explain() error {
	return &CrashError{Exit: w.cmd.ProcessState.ExitCode()}
}
