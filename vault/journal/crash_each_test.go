//go:build linux && long && crash

package journal

// crashStep strikes at every call.
const crashStep = 1
