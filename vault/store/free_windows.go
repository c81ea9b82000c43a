package store

import (
	"fmt"

	"golang.org/x/sys/windows"
)

// Free is how many bytes this user may still write where the data lies.
func (s *Store) Free() (int64, error) {
	dir, err := windows.UTF16PtrFromString(s.dir)
	if err != nil {
		return 0, fmt.Errorf("ask for the free space: %w", err)
	}
	var free uint64
	if err := windows.GetDiskFreeSpaceEx(dir, &free, nil, nil); err != nil {
		return 0, fmt.Errorf("ask for the free space: %w", err)
	}
	return int64(free), nil
}
