package verify

import (
	"errors"
	"fmt"
	"time"
)

// ErrRefused is what every refusal of an export or report is.
var ErrRefused = errors.New("refused")

// Fault is the first thing that is not as it was written.
// errors.Is(err, ErrRefused) holds for it.
type Fault struct {
	Line     int64  `json:"line"`               // of the export, from 1
	Sequence int64  `json:"sequence,omitempty"` // the entry, 0 when it is not an entry's
	What     string `json:"what"`
	err      error
}

func (f *Fault) Error() string {
	if f.Sequence > 0 {
		return fmt.Sprintf("line %d: entry %d: %s", f.Line, f.Sequence, f.What)
	}
	return fmt.Sprintf("line %d: %s", f.Line, f.What)
}

// Is makes a Fault an ErrRefused.
func (f *Fault) Is(target error) bool { return target == ErrRefused }

func (f *Fault) Unwrap() error { return f.err }

// Report is what an export holds. After a refusal it describes what was good
// before the fault.
type Report struct {
	OK          bool       `json:"ok"`
	Log         string     `json:"log"`
	Entries     int64      `json:"entries"`
	Root        string     `json:"root"`                  // base64, of the good entries' tree
	SealedAt    *time.Time `json:"sealed_at,omitempty"`   // the witness's time
	First       string     `json:"first,omitempty"`       // time of the first entry
	Last        string     `json:"last,omitempty"`        // time of the last entry
	Predecessor string     `json:"predecessor,omitempty"` // leaf hash, when the log continues another
	Counts      Counts     `json:"counts"`
	Fault       *Fault     `json:"fault,omitempty"`
}
