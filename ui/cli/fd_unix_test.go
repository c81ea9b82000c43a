//go:build unix

package cli

import (
	"os"
	"strconv"
	"syscall"
	"testing"
)

// owned gives a copy of a file's descriptor away: whoever gets it closes it.
func owned(t *testing.T, f *os.File) string {
	t.Helper()
	fd, err := syscall.Dup(int(f.Fd()))
	noError(t, err)
	noError(t, f.Close())
	return strconv.Itoa(fd)
}
