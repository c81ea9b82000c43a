package verify

import (
	"errors"
	"fmt"
	"time"
)

var (
	// ErrRefused is what every refusal of an export or report is.
	ErrRefused = errors.New("refused")
	// ErrUnsealed says that all that is countersigned is as it was written, and
	// that entries come after it that nobody countersigned.
	ErrUnsealed = errors.New("entries are not countersigned yet")
)

// FaultKind tells what is wrong with an export, for whoever decides what to do.
type FaultKind string

// The kinds of faults.
const (
	FaultForm       FaultKind = "form"       // a line is not as a station writes it
	FaultOrder      FaultKind = "order"      // entries are missing, repeated or out of order
	FaultChain      FaultKind = "chain"      // an entry was changed
	FaultLog        FaultKind = "log"        // an entry of another log
	FaultSeal       FaultKind = "seal"       // the checkpoint is not one of just these entries
	FaultStart      FaultKind = "start"      // the start line does not hold
	FaultCut        FaultKind = "cut"        // the end is missing
	FaultKeys       FaultKind = "keys"       // no keys are given for the log
	FaultContinues  FaultKind = "continues"  // it does not continue the export before it
	FaultCheckpoint FaultKind = "checkpoint" // it is not what the given checkpoint states
)

// Fault is the first thing that is not as it was written.
// errors.Is(err, ErrRefused) holds for it.
type Fault struct {
	Export   string    `json:"export,omitempty"`   // the export's name
	Line     int64     `json:"line"`               // of the export, from 1
	Sequence int64     `json:"sequence,omitempty"` // the entry, 0 when it is not an entry's
	Kind     FaultKind `json:"kind"`
	What     string    `json:"what"`
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
	OK          bool       `json:"ok"` // not refused; all is countersigned, or need not be
	Name        string     `json:"name,omitempty"`
	Log         string     `json:"log"`
	After       int64      `json:"after,omitempty"`       // the log's entries before the first one of this export
	Entries     int64      `json:"entries"`               // in this export
	Root        string     `json:"root"`                  // base64, of the log's tree up to the last one
	Sealed      int64      `json:"sealed"`                // the log's entries that a countersigned head covers
	SealedAt    *time.Time `json:"sealed_at,omitempty"`   // the witness's time on this export's checkpoint
	Unsealed    int64      `json:"unsealed"`              // entries after those
	CoveredBy   string     `json:"covered_by,omitempty"`  // the later export whose seal covers them all the same
	First       string     `json:"first,omitempty"`       // time of the first entry
	Last        string     `json:"last,omitempty"`        // time of the last entry
	Predecessor string     `json:"predecessor,omitempty"` // leaf hash, when the log continues another
	Counts      Counts     `json:"counts"`
	NoResult    Sequences  `json:"no_result"`                // intents up to here without a result: the access possibly occurred
	NoIntent    Sequences  `json:"no_intent"`                // results up to here whose intent is none, or has its result
	Uncounted   int64      `json:"uncounted_from,omitempty"` // from this entry on NoResult and NoIntent see no intents
	Fault       *Fault     `json:"fault,omitempty"`
}

// Sequences are entries that stand out: how many, and the first of them.
type Sequences struct {
	Count int64   `json:"count"`
	First []int64 `json:"first,omitempty"` // 20 at most
}

// maxSequences bounds Sequences.First.
const maxSequences = 20

func (s *Sequences) add(sequence int64) {
	s.Count++
	if len(s.First) < maxSequences {
		s.First = append(s.First, sequence)
	}
}

// Result is what several exports hold together.
type Result struct {
	OK       bool     `json:"ok"`
	Unsealed int64    `json:"unsealed"` // entries that no countersignature covers
	Exports  []Report `json:"exports"`  // in the order in which they were read; after a refusal the last one is the refused one, or those before are good by themselves
	Fault    *Fault   `json:"fault,omitempty"`
}
