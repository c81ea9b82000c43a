package memory

import (
	"unsafe"

	"golang.org/x/sys/windows"
)

// mapPages commits n bytes of their own pages. locked says whether VirtualLock
// held; it fails beyond the process's minimum working set.
func mapPages(n int) (pages []byte, locked bool, err error) {
	addr, err := windows.VirtualAlloc(0, uintptr(n), windows.MEM_RESERVE|windows.MEM_COMMIT, windows.PAGE_READWRITE)
	if err != nil {
		return nil, false, err
	}
	locked = windows.VirtualLock(addr, uintptr(n)) == nil
	// The address is the system's, outside the Go heap, so no object of the
	// garbage collector is named by it.
	return unsafe.Slice(*(**byte)(unsafe.Pointer(&addr)), n), locked, nil
}

// unmapPages also ends the lock. An error would mean that pages is no mapping
// of ours, which mapPages excludes; the content is wiped already.
func unmapPages(pages []byte) {
	_ = windows.VirtualFree(uintptr(unsafe.Pointer(&pages[0])), 0, windows.MEM_RELEASE)
}

// Harden keeps the system's error dialogs, which offer a memory dump, from
// opening when the program fails. It is called once, first thing in main.
func Harden() error {
	const noFaultBox = windows.SEM_FAILCRITICALERRORS | windows.SEM_NOGPFAULTERRORBOX
	windows.SetErrorMode(windows.SetErrorMode(noFaultBox) | noFaultBox)
	return nil
}
