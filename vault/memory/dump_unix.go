//go:build unix && !linux

package memory

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// excludeFromDumps has no call of its own here; Harden forbids dumps for the
// whole process.
func excludeFromDumps([]byte) error { return nil }

// Harden makes the process leave no core dump (RLIMIT_CORE 0). It is called
// once, first thing in main.
func Harden() error {
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}); err != nil {
		return fmt.Errorf("memory: forbid core dumps: %w", err)
	}
	return nil
}
