//go:build unix && !linux

package memory

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// excludeFromDumps has no call of its own here; Harden forbids dumps for the
// whole process.
func excludeFromDumps([]byte) error { return nil }

// mayLockAll knows of no exception to the limit on locked memory.
func mayLockAll() bool { return false }

// Harden makes the process leave no core dump (RLIMIT_CORE 0). It is called
// once, first thing in main. What the garbage collector frees stays until it is
// used again.
func Harden() error {
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}); err != nil {
		return fmt.Errorf("memory: forbid core dumps: %w", err)
	}
	return nil
}
