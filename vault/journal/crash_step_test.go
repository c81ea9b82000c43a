//go:build linux && long && !crash

package journal

// crashStep makes the crash tests a matter of minutes; with the tag crash they
// take every call.
const crashStep = 3
