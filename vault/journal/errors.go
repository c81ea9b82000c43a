package journal

import (
	"errors"
	"fmt"
)

// What callers ask of an error of this package. Only ErrInvalid blames the
// caller; after any other one nothing may be opened.
var (
	// ErrInvalid says that an access has a field that may not be written.
	ErrInvalid = errors.New("not a valid journal access")
	// ErrBroken says that the stored log is not the one that was written, or
	// that somebody else writes to it. It lasts; see BrokenError.
	ErrBroken = errors.New("the journal is broken")
	// ErrFull says that the disk, or the database's own limit, is full.
	ErrFull = errors.New("no space left for the journal")
	// ErrReadOnly says that the journal can't be written to.
	ErrReadOnly = errors.New("the journal is read-only")
	// ErrIO says that the storage failed, or anything else went wrong there.
	ErrIO = errors.New("the journal's storage failed")
	// ErrClosed says that the journal was closed.
	ErrClosed = errors.New("the journal is closed")
	// ErrUnsealed says that central has countersigned nothing yet.
	ErrUnsealed = errors.New("the journal has no countersigned checkpoint")
	// ErrCheckpoint says that a checkpoint is not one of this journal's.
	ErrCheckpoint = errors.New("not a checkpoint of this journal")

	// ErrNoPermit says that a permit is the zero value.
	ErrNoPermit = errors.New("no permit to open anything")
	// ErrPermitUsed says that a permit was used, or its result is written.
	ErrPermitUsed = errors.New("the permit was used")
	// ErrPermitObject says that a permit is for another object.
	ErrPermitObject = errors.New("the permit is for another object")
)

// BrokenError says where the stored log stops being the one that was written.
// errors.Is(err, ErrBroken) holds for it.
type BrokenError struct {
	Sequence int64  // the first bad entry, 0 when no single entry is to blame
	What     string // what is wrong with it
	Err      error  // the cause, may be nil
}

func (e *BrokenError) Error() string {
	s := ErrBroken.Error()
	if e.Sequence > 0 {
		s += fmt.Sprintf(" at entry %d", e.Sequence)
	}
	s += ": " + e.What
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Is makes a BrokenError an ErrBroken.
func (e *BrokenError) Is(target error) bool { return target == ErrBroken }

func (e *BrokenError) Unwrap() error { return e.Err }
