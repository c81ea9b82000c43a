package doctor

import (
	"bytes"
	"fmt"
	"os"
	"slices"

	"golang.org/x/sys/unix"
)

// The versions of Landlock that the sandbox asks for: without the second
// nothing is rendered, the fourth closes TCP by itself.
const (
	landlockNeeded = 2
	landlockFull   = 4
)

func (e *exam) kernel() {
	version, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if errno != 0 {
		e.say(Kernel, Bad, "Landlock is missing or switched off: "+errno.Error())
		return
	}
	_, err := unix.PrctlRetInt(unix.PR_GET_SECCOMP, 0, 0, 0, 0)
	detail := fmt.Sprintf("Landlock version %d", version)
	switch {
	case err != nil:
		e.say(Kernel, Bad, detail+", no seccomp: "+err.Error())
	case version < landlockNeeded:
		e.say(Kernel, Bad, fmt.Sprintf("%s, at least %d is needed (Linux 5.19)", detail, landlockNeeded))
	case version < landlockFull:
		e.say(Kernel, Warn, fmt.Sprintf("%s, seccomp; from version %d (Linux 6.7) it closes TCP too", detail, landlockFull))
	default:
		e.say(Kernel, OK, detail+", seccomp")
	}
}

// coreDumps looks at this process, which hardened itself as the window does.
func (e *exam) coreDumps() {
	var limit unix.Rlimit
	err := unix.Getrlimit(unix.RLIMIT_CORE, &limit)
	dumpable, err2 := unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0)
	switch {
	case err != nil:
		e.bad(CoreDumps, err)
	case err2 != nil:
		e.bad(CoreDumps, err2)
	case limit.Cur != 0 || dumpable != 0:
		e.say(CoreDumps, Bad, fmt.Sprintf("core limit %d, dumpable %d", limit.Cur, dumpable))
	default:
		e.say(CoreDumps, OK, "off, and no other process may look into this one")
	}
}

func (e *exam) swap() {
	text, err := os.ReadFile("/proc/swaps")
	if err != nil {
		e.fail(Swap, Warn, err)
		return
	}
	e.swaps(text)
}

// swaps reads /proc/swaps: a line of titles, then a line for each area.
func (e *exam) swaps(text []byte) {
	var areas []string
	for i, words := range fields(text) {
		if i > 0 && len(words) > 0 {
			areas = append(areas, words[0])
		}
	}
	if len(areas) > 0 {
		e.say(Swap, Warn, fmt.Sprint(slices.Compact(areas)))
		return
	}
	e.say(Swap, OK, "none")
}

func freeSpace(dir string) (bytes uint64, known bool, err error) {
	var fs unix.Statfs_t
	if err := unix.Statfs(dir, &fs); err != nil {
		return 0, false, err
	}
	return fs.Bavail * uint64(fs.Bsize), true, nil
}

// fields are the words of each line of a file such as /proc/swaps.
func fields(text []byte) (lines [][]string) {
	for line := range bytes.Lines(text) {
		var words []string
		for _, w := range bytes.Fields(line) {
			words = append(words, string(w))
		}
		lines = append(lines, words)
	}
	return lines
}
