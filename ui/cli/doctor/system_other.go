//go:build !linux

package doctor

import "runtime"

// kernel: nothing is rendered here, and the sandbox's own check says why.
func (e *exam) kernel() { e.say(Kernel, Bad, "no sandbox for "+runtime.GOOS) }

// What this system has no plain question for is left out.
func (e *exam) coreDumps() {}
func (e *exam) swap()      {}

func freeSpace(string) (bytes uint64, known bool, err error) { return 0, false, nil }
