//go:build unix

package store

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// Free is how many bytes this user may still write where the data lies.
func (s *Store) Free() (int64, error) {
	var fs unix.Statfs_t
	if err := unix.Statfs(s.dir, &fs); err != nil {
		return 0, fmt.Errorf("ask for the free space: %w", err)
	}
	return int64(fs.Bavail) * int64(fs.Bsize), nil //nolint:unconvert // on macOS a block has 32 bits
}
