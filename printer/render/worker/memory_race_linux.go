//go:build linux && cgo && race

package worker

import (
	"fmt"
	"os"
)

// addressSpace is RLIMIT_AS in bytes: under the race detector, whose shadow
// memory reserves terabytes, the usual amount more than is reserved now.
func addressSpace() (uint64, error) {
	statm, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0, err
	}
	var pages uint64
	if _, err := fmt.Sscan(string(statm), &pages); err != nil {
		return 0, err
	}
	return pages*uint64(os.Getpagesize()) + 2<<30, nil
}
