//go:build killpoints

package main

import (
	"os"
	"syscall"

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
