package memory

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
)

// clobber is the runtime's setting by which the garbage collector overwrites
// what it frees (package runtime, GODEBUG).
const clobber = "clobberfree=1"

// overwriteGarbage makes the collector overwrite what it frees: else text that
// libraries keep in strings, cipher schedules and copies in their buffers stay
// readable until the memory is used again, which may be never. The runtime
// reads the setting when it starts and at no other time, and a program can't
// have it built in, so this one starts again in its own process (execve): its
// number, files, arguments and limits stay. It returns once that was done.
func overwriteGarbage() error {
	settings := os.Getenv("GODEBUG")
	if strings.HasSuffix(settings, clobber) {
		return nil
	}
	if settings != "" {
		settings += ","
	}
	environment := slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "GODEBUG=") })
	environment = append(environment, "GODEBUG="+settings+clobber)
	const self = "/proc/self/exe" // holds even after an update removed the file, but is a poor name
	path, err := os.Executable()
	if err == nil {
		err = syscall.Exec(path, os.Args, environment)
	}
	return fmt.Errorf("start again: %w", errors.Join(err, syscall.Exec(self, os.Args, environment)))
}
