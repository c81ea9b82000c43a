//go:build linux && long

package journal

import (
	"slices"
	"testing"
)

// TestEachSystemCall strikes at one in crashStep of the calls that change
// something, and at fewer of the
// others, of which there are many of a kind.
func TestEachSystemCall(t *testing.T) {
	crashAtCalls(t, crashScripts(), 6, func(call string, n int) int {
		if n > 0 && slices.Contains(crashReads, call) {
			return n + 5*crashStep
		}
		return max(n+crashStep, 1)
	})
}

// TestPowerCuts cuts the power after one in crashStep of the calls.
func TestPowerCuts(t *testing.T) { cutPower(t, crashStep, 512, 4096) }

// TestNoFailedSyncIsBelieved tries each sync.
func TestNoFailedSyncIsBelieved(t *testing.T) { disbelieveSync(t, true) }
