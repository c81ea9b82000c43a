package render

import (
	"errors"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// self is this program even after an update replaced its file.
const self = "/proc/self/exe"

// pipeSize is what the pipes are enlarged to: fewer turns for each page.
const pipeSize = 1 << 20

// attributes put the process in a group of its own that dies with the thread
// which started it (the starter's, kept for that).
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// prepare sets the first CPU limit and widens the pipes. A pipe that stays
// narrow is slower and no fault.
func (w *process) prepare() error {
	for _, f := range []*os.File{w.in, w.out} {
		conn, err := f.SyscallConn() // Fd would take it from the poller
		if err != nil {
			return err
		}
		err = conn.Control(func(fd uintptr) { _, _ = unix.FcntlInt(fd, unix.F_SETPIPE_SZ, pipeSize) })
		if err != nil {
			return err
		}
	}
	return w.setCPU(w.limits.cpu(0))
}

// setCPU sets the CPU limit to d from the process's start, rounded up to
// seconds. Only the parent does: the process itself may not call this.
func (w *process) setCPU(d time.Duration) error {
	w.cpu = d
	seconds := func(d time.Duration) uint64 { return uint64((d + time.Second - 1) / time.Second) }
	// SIGXCPU at the first, SIGKILL at the second, which cannot be raised again.
	limit := unix.Rlimit{Cur: seconds(d), Max: seconds(w.limits.cpu(w.limits.Pages)) + 1}
	err := unix.Prlimit(w.cmd.Process.Pid, unix.RLIMIT_CPU, &limit, nil)
	if errors.Is(err, unix.ESRCH) {
		return nil // it is gone, and reading from it will say why
	}
	return err
}

func (w *process) killGroup() {
	_ = syscall.Kill(-w.cmd.Process.Pid, syscall.SIGKILL) // fails only when it is dead
}

// awaitZombie returns when the process has ended, and leaves it to be reaped.
func (w *process) awaitZombie() {
	for {
		err := unix.Waitid(unix.P_PID, w.cmd.Process.Pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
		if !errors.Is(err, unix.EINTR) {
			return
		}
	}
}

// explain says what ended a process that nobody killed.
func (w *process) explain() error {
	status, ok := w.cmd.ProcessState.Sys().(syscall.WaitStatus)
	if !ok || !status.Signaled() {
		return &CrashError{Exit: w.cmd.ProcessState.ExitCode()}
	}
	if status.Signal() == syscall.SIGXCPU {
		used := w.cmd.ProcessState.UserTime() + w.cmd.ProcessState.SystemTime()
		return &LimitError{What: LimitCPU, Have: used.Milliseconds(), Max: w.cpu.Milliseconds()}
	}
	return &CrashError{Signal: status.Signal()}
}
