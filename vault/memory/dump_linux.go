package memory

import (
	"fmt"
	"os"

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

// Harden makes the whole process leave no core dump (RLIMIT_CORE 0, an empty
// core dump filter), refuse being traced or read through /proc by other
// processes of the same user (PR_SET_DUMPABLE 0), and overwrite what the
// garbage collector frees. It is called once, first thing in main: what comes
// before it is done twice, for the program is started again in its process.
func Harden() error {
	if err := overwriteGarbage(); err != nil {
		return fmt.Errorf("memory: overwrite what is freed: %w", err)
	}
	// While the process is dumpable: afterwards the file is root's.
	if err := os.WriteFile("/proc/self/coredump_filter", []byte("0"), 0); err != nil {
		return fmt.Errorf("memory: empty core dumps: %w", err)
	}
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}); err != nil {
		return fmt.Errorf("memory: forbid core dumps: %w", err)
	}
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("memory: forbid tracing: %w", err)
	}
	return nil
}
