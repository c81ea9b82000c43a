//go:build linux && cgo

package worker

// #include "mupdf.h"
import "C"

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	seccomp "github.com/elastic/go-seccomp-bpf"
	"github.com/landlock-lsm/go-landlock/landlock"
	"golang.org/x/sys/unix"
)

// confine takes from the process what a hostile document could use: files,
// network, other processes, new code, core dumps. It either succeeds wholly or
// the process must not read a document.
func confine() error {
	if err := closeInherited(); err != nil {
		return fmt.Errorf("inherited files: %w", err)
	}
	startPoller()
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("not dumpable: %w", err)
	}
	memory, err := addressSpace()
	if err != nil {
		return fmt.Errorf("address space: %w", err)
	}
	if err := noFiles(); err != nil {
		return fmt.Errorf("landlock: %w", err)
	}
	if err := limit(memory); err != nil {
		return err
	}
	if err := fewCalls(); err != nil {
		return fmt.Errorf("seccomp: %w", err)
	}
	C.pr_default_signals()
	return check()
}

// noFiles forbids every file, on all threads, and every TCP port where the
// kernel's Landlock knows ports (version 4, Linux 6.7). Strictly: a kernel
// before version 2 (Linux 5.19) is refused and not half used. What version 2
// lacks beside version 4, truncation and TCP, the system call filter denies by
// itself; see docs/decisions/landlock.md.
func noFiles() error {
	if landlock.V4.Restrict() == nil {
		return nil
	}
	return landlock.V2.Restrict()
}

// fewCalls installs the list of allowed system calls on all threads.
func fewCalls() error {
	return seccomp.LoadFilter(seccomp.Filter{
		NoNewPrivs: true,
		// Without TSYNC_ESRCH a thread that cannot follow makes the call
		// return that thread's id, which is no error to the library.
		Flag:   seccomp.FilterFlagTSync | unix.SECCOMP_FILTER_FLAG_TSYNC_ESRCH,
		Policy: policy(os.Getpid()),
	})
}

// check tries what must be denied.
func check() error {
	if fd, err := unix.Open("/", unix.O_RDONLY|unix.O_CLOEXEC, 0); err == nil {
		return errors.Join(errors.New("sandbox: a file could be opened"), unix.Close(fd))
	}
	if _, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0); !errors.Is(err, unix.EPERM) {
		return fmt.Errorf("sandbox: socket answered %w", err)
	}
	return nil
}

// closeInherited closes what the parent's libraries left open across exec; the
// runtime's own poller stays.
func closeInherited() error {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return err
	}
	for _, e := range entries {
		fd, err := strconv.Atoi(e.Name())
		if err != nil {
			return err
		}
		target, err := os.Readlink("/proc/self/fd/" + e.Name())
		if err != nil || fd <= unix.Stderr {
			continue // the directory just read is gone again
		}
		if strings.HasPrefix(target, "anon_inode:[event") {
			continue // [eventpoll] and [eventfd]
		}
		if err := unix.Close(fd); err != nil && !errors.Is(err, unix.EBADF) {
			return err
		}
	}
	return nil
}

// startPoller makes the runtime open its poller now: it does so with the first
// timer, and later it could not.
func startPoller() {
	time.NewTimer(time.Hour).Stop()
}
