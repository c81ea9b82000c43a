//go:build !linux || !cgo

package worker

import (
	"os"

	"espero-soft.com/printroom/printer/render/frame"
)

// Main refuses: only Linux has a sandbox that this package knows to be whole.
func Main() int {
	_ = frame.Write(os.Stdout, frame.Failure{Code: frame.CodeSandbox}) // the exit status says it too
	return exitSandbox
}
