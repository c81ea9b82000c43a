//go:build unix

package settings

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

func writableByOthers(info fs.FileInfo) bool { return info.Mode().Perm()&0o022 != 0 }

// private refuses what is not this user's alone.
func private(info fs.FileInfo) error {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return errors.New("does not tell its owner")
	}
	if int(stat.Uid) != os.Geteuid() {
		return fmt.Errorf("belongs to user %d, not to %d", stat.Uid, os.Geteuid())
	}
	if perm := info.Mode().Perm(); perm&0o077 != 0 {
		return fmt.Errorf("is open to other people (mode %04o, must be 0700)", perm)
	}
	return nil
}
