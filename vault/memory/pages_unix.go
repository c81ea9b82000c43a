//go:build unix

package memory

import (
	"errors"
	"math"
	"os"

	"golang.org/x/sys/unix"
)

// mapPages maps n bytes or more, private and anonymous: nothing of them ever
// belongs to a file. A page before and one behind can't be touched.
func mapPages(n int) (m mapping, err error) {
	page := os.Getpagesize()
	size := (n + page - 1) / page * page
	m.whole, err = unix.Mmap(-1, 0, page+size+page, unix.PROT_NONE, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		return mapping{}, err
	}
	m.pages = m.whole[page:][:size:size]
	err = unix.Mprotect(m.pages, unix.PROT_READ|unix.PROT_WRITE)
	if err == nil {
		m.locked = unix.Mlock(m.pages) == nil
		err = excludeFromDumps(m.pages)
	}
	if err != nil {
		return mapping{}, errors.Join(err, unix.Munmap(m.whole))
	}
	return m, nil
}

// unmapPages also ends the lock. An error would mean that this is no mapping
// of ours, which mapPages excludes; the content is wiped already.
func unmapPages(m mapping) { _ = unix.Munmap(m.whole) }

// Lockable is how many bytes the system lets this process keep out of swap
// (RLIMIT_MEMLOCK), all buffers together; math.MaxInt64 where there is no limit.
func Lockable() int64 {
	var limit unix.Rlimit
	if mayLockAll() {
		return math.MaxInt64
	}
	if err := unix.Getrlimit(unix.RLIMIT_MEMLOCK, &limit); err != nil {
		return 0
	}
	return int64(min(limit.Cur, math.MaxInt64))
}
