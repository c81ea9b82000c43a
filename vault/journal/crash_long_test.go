//go:build linux && long

package journal

import (
	"slices"
	"testing"
)

// TestEachSystemCall strikes at each call that changes something, and at each
// fifth of the others, of which there are many of a kind.
func TestEachSystemCall(t *testing.T) {
	crashAtCalls(t, crashScripts(), 6, func(call string, n int) int {
		if n > 0 && slices.Contains(crashReads, call) {
			return n + 5
		}
		return n + 1
	})
}

// TestPowerCuts cuts the power after each call.
func TestPowerCuts(t *testing.T) { cutPower(t, 1, 512, 4096) }

// TestNoFailedSyncIsBelieved tries each sync.
func TestNoFailedSyncIsBelieved(t *testing.T) { disbelieveSync(t, true) }
