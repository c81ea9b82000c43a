//go:build unix

package memory

import "golang.org/x/sys/unix"

// mapPages maps n bytes, private and anonymous: nothing of them ever belongs
// to a file. locked says whether mlock held.
func mapPages(n int) (pages []byte, locked bool, err error) {
	pages, err = unix.Mmap(-1, 0, n, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		return nil, false, err
	}
	locked = unix.Mlock(pages) == nil
	if err := excludeFromDumps(pages); err != nil {
		unmapPages(pages)
		return nil, false, err
	}
	return pages, locked, nil
}

// unmapPages also ends the lock. An error would mean that pages is no mapping
// of ours, which mapPages excludes; the content is wiped already.
func unmapPages(pages []byte) { _ = unix.Munmap(pages) }
