package swtpm

import "syscall"

// dieWithParent has the kernel kill the child when its parent thread ends.
func dieWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
