package cli

import (
	"os"
	"strconv"
	"syscall"
	"testing"
)

// owned gives a copy of a file's handle away: whoever gets it closes it.
func owned(t *testing.T, f *os.File) string {
	t.Helper()
	var copied syscall.Handle
	self, err := syscall.GetCurrentProcess()
	noError(t, err)
	noError(t, syscall.DuplicateHandle(self, syscall.Handle(f.Fd()), self, &copied, 0, false, syscall.DUPLICATE_SAME_ACCESS))
	noError(t, f.Close())
	return strconv.Itoa(int(copied))
}
