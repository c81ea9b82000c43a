//go:build unix

package cli

import "golang.org/x/sys/unix"

// inherited tells whether a descriptor is open and came from whoever started
// the program: what the program opens itself is closed for others.
func inherited(fd int) bool {
	flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
	return err == nil && flags&unix.FD_CLOEXEC == 0
}
