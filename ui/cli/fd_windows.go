package cli

import "golang.org/x/sys/windows"

// inherited tells whether a handle is open. Windows does not tell a program
// which of its handles were handed over.
func inherited(fd int) bool {
	kind, err := windows.GetFileType(windows.Handle(fd))
	return err == nil && kind != windows.FILE_TYPE_UNKNOWN
}
