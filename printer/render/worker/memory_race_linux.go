//go:build linux && cgo && race

package worker

import "golang.org/x/sys/unix"

// addressSpace is unlimited under the race detector, whose shadow memory
// reserves terabytes.
const addressSpace = unix.RLIM_INFINITY
