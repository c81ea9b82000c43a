//go:build !linux

package swtpm

import "syscall"

// dieWithParent: the system has no such promise; Stop is the way.
func dieWithParent() *syscall.SysProcAttr { return nil }
