package render

import (
	"errors"
	"fmt"
	"syscall"
)

var (
	// ErrCorrupt means that the document is no PDF, or one that cannot be drawn.
	ErrCorrupt = errors.New("the document is not a readable PDF")
	// ErrEncrypted means that the document opens only with a password.
	ErrEncrypted = errors.New("the document is protected by a password")
	// ErrSandbox means that this system cannot confine the renderer (on Linux:
	// Landlock version 4 and seccomp), so nothing is rendered on it.
	ErrSandbox = errors.New("the renderer's sandbox is not available on this system")
	// ErrPage means that a page was asked for that the document lacks.
	ErrPage = errors.New("no such page")
	// ErrClosed means that the pool was closed.
	ErrClosed = errors.New("the renderer is closed")
)

// Limit names a measure that is bounded.
type Limit string

// The measures, with the units of LimitError's Have and Max.
const (
	LimitBytes  Limit = "bytes"  // of the document
	LimitPages  Limit = "pages"  // of the document
	LimitSide   Limit = "side"   // of a page, points
	LimitPixels Limit = "pixels" // of a page
	LimitTime   Limit = "time"   // milliseconds passed
	LimitCPU    Limit = "cpu"    // milliseconds of computing
	LimitMemory Limit = "memory" // bytes of address space; Have is 0, unknown
)

// LimitError means that the document needs more than is allowed. Have is 0
// where the real need is not known.
type LimitError struct {
	What      Limit
	Have, Max int64
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("the document is over the limit of %s: %d, at most %d", e.What, e.Have, e.Max)
}

// CrashError means that the renderer's process died, or sent what a whole one
// never sends. It says so much about the document that it must not be tried
// again and again.
type CrashError struct {
	Signal syscall.Signal // that ended it, or 0
	Exit   int            // its exit status when no signal ended it
	Babble bool           // it was stopped because what it sent made no sense
}

func (e *CrashError) Error() string {
	switch {
	case e.Babble:
		return "the renderer sent nonsense and was stopped"
	case e.Signal != 0:
		return fmt.Sprintf("the renderer died of signal %d", int(e.Signal))
	}
	return fmt.Sprintf("the renderer ended with status %d", e.Exit)
}
