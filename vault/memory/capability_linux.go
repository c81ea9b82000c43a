package memory

import "golang.org/x/sys/unix"

// mayLockAll tells whether the limit on locked memory does not hold for this
// process (CAP_IPC_LOCK).
func mayLockAll() bool {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var has [2]unix.CapUserData // the version has two words
	return unix.Capget(&header, &has[0]) == nil && has[0].Effective&(1<<unix.CAP_IPC_LOCK) != 0
}
