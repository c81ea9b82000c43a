//go:build linux && cgo

package worker

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// limit lowers what the process may use, for good; memory is its address
// space in bytes. The CPU limit is the
// parent's to set: it grows with the pages found, which only the parent may
// believe.
func limit(memory uint64) error {
	for _, l := range []struct {
		resource int
		max      uint64
	}{
		{unix.RLIMIT_AS, memory},
		{unix.RLIMIT_CORE, 0},
		{unix.RLIMIT_FSIZE, 0},
		{unix.RLIMIT_NOFILE, 3}, // the three it has
		{unix.RLIMIT_MEMLOCK, 0},
		{unix.RLIMIT_MSGQUEUE, 0},
	} {
		if err := unix.Prlimit(0, l.resource, &unix.Rlimit{Cur: l.max, Max: l.max}, nil); err != nil {
			return fmt.Errorf("resource limit %d: %w", l.resource, err)
		}
	}
	return nil
}
