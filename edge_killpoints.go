//go:build killpoints

package main

import (
	"os"
	"syscall"
	"time"

	"espero-soft.com/printroom/vault/store"
)

// edge ends the program with SIGKILL, as a power cut does, once a job has come to
// the state that PRINTROOM_KILL_AT names. Only the end-to-end tests build with
// this tag.
func edge() func(job string, s store.State) {
	at := store.State(os.Getenv("PRINTROOM_KILL_AT"))
	return func(_ string, s store.State) {
		if s == at {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL) // there is no after
		}
	}
}

// clock is the system's, off by the duration that PRINTROOM_CLOCK says.
func clock() func() time.Time {
	off, err := time.ParseDuration(os.Getenv("PRINTROOM_CLOCK"))
	if err != nil {
		return time.Now
	}
	return func() time.Time { return time.Now().Add(off) }
}
