package memory

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// excludeFromDumps marks pages so that neither a core dump nor a forked child
// holds them.
func excludeFromDumps(pages []byte) error {
	if err := unix.Madvise(pages, unix.MADV_DONTDUMP); err != nil {
		return fmt.Errorf("exclude from core dumps: %w", err)
	}
	if err := unix.Madvise(pages, unix.MADV_WIPEONFORK); err != nil {
		return fmt.Errorf("exclude from children: %w", err)
	}
	return nil
}

// Harden makes the whole process leave no core dump (RLIMIT_CORE 0) and
// refuse being traced or read through /proc by other processes of the same
// user (PR_SET_DUMPABLE 0). It is called once, first thing in main.
func Harden() error {
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}); err != nil {
		return fmt.Errorf("memory: forbid core dumps: %w", err)
	}
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("memory: forbid tracing: %w", err)
	}
	return nil
}
