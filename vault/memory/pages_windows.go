package memory

import (
	"os"
	"unsafe"

	"golang.org/x/sys/windows"
)

// mapPages commits n bytes or more of their own pages, between two that can't
// be touched.
func mapPages(n int) (m mapping, err error) {
	page := os.Getpagesize()
	size := (n + page - 1) / page * page
	whole, err := windows.VirtualAlloc(0, uintptr(page+size+page), windows.MEM_RESERVE, windows.PAGE_NOACCESS)
	if err != nil {
		return mapping{}, err
	}
	// The address is the system's, outside the Go heap, so no object of the
	// garbage collector is named by it.
	m.whole = unsafe.Slice(*(**byte)(unsafe.Pointer(&whole)), page+size+page)
	m.pages = m.whole[page:][:size:size]
	addr := whole + uintptr(page)
	if _, err := windows.VirtualAlloc(addr, uintptr(size), windows.MEM_COMMIT, windows.PAGE_READWRITE); err != nil {
		unmapPages(m)
		return mapping{}, err
	}
	m.locked = windows.VirtualLock(addr, uintptr(size)) == nil
	return m, nil
}

// unmapPages also ends the lock. An error would mean that this is no mapping
// of ours, which mapPages excludes; the content is wiped already.
func unmapPages(m mapping) {
	_ = windows.VirtualFree(uintptr(unsafe.Pointer(&m.whole[0])), 0, windows.MEM_RELEASE)
}

// Lockable is how many bytes the system lets this process keep out of swap,
// all buffers together: a little less than its smallest working set.
func Lockable() int64 {
	var least, most uintptr
	var flags uint32
	windows.GetProcessWorkingSetSizeEx(windows.CurrentProcess(), &least, &most, &flags)
	return int64(least)
}

// Harden keeps the system's error dialogs, which offer a memory dump, from
// opening when the program fails. It is called once, first thing in main. What
// the garbage collector frees stays until it is used again.
func Harden() error {
	const noFaultBox = windows.SEM_FAILCRITICALERRORS | windows.SEM_NOGPFAULTERRORBOX
	windows.SetErrorMode(windows.SetErrorMode(noFaultBox) | noFaultBox)
	return nil
}
