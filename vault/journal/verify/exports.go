package verify

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"golang.org/x/mod/sumdb/tlog"

	"espero-soft.com/printroom/vault/journal/checkpoint"
)

// Options are further demands on exports.
type Options struct {
	// Anchors are countersigned checkpoints from elsewhere, such as central's
	// last ones, one of a log at most. The exports must cover each: a log that
	// ends before it, begins after it, or has other entries up to there, is
	// refused.
	Anchors [][]byte
	// AllowUnsealed lets entries pass that no countersignature covers. They are
	// told apart in the report.
	AllowUnsealed bool
}

// Export reads one export to its end, as Exports does.
func Export(r io.Reader, keys Keys, opts Options) (Report, error) {
	x, err := NewExports([]Keys{keys}, opts)
	if err != nil {
		return Report{}, err
	}
	if err := x.Read("", r); err != nil && !errors.Is(err, ErrRefused) {
		return x.last(), err
	}
	_, err = x.Result()
	return x.last(), err
}

// Exports reads several exports in their order: each one is the same log going
// on where the one before ended, or a successor, whose first entry names the last
// one of the log before. It is not safe for concurrent use.
type Exports struct {
	keys    map[string]Keys // by the log's origin
	anchors map[string]*checkpoint.Checkpoint
	allow   bool
	run     *run
	runs    map[string]bool // the logs that were begun
	reports []Report
	fault   *Fault
}

// run is one log, in one export or several.
type run struct {
	keys     Keys
	chain    *Chain
	endings  *endings
	anchor   *checkpoint.Checkpoint // nil: none was given
	anchored bool                   // the anchor was reached and agrees
	covered  int64                  // entries that a countersigned head covers
	name     string                 // of the last export, and its last line: there its end shows
	line     int64
}

// NewExports prepares to read exports of the logs of the given keys. Keys of one
// log are taken together.
func NewExports(keys []Keys, opts Options) (*Exports, error) {
	x := &Exports{keys: map[string]Keys{}, anchors: map[string]*checkpoint.Checkpoint{}, allow: opts.AllowUnsealed, runs: map[string]bool{}}
	for _, k := range keys {
		if k.Station == nil || len(k.Witnesses) == 0 {
			return nil, errors.New("verify: the station's key and the witness's are needed")
		}
		both, err := x.keys[k.Station.Name()].with(k)
		if err != nil {
			return nil, err
		}
		x.keys[k.Station.Name()] = both
	}
	for _, note := range opts.Anchors {
		c, err := checkpoint.ParseCheckpoint(note)
		if err == nil {
			c, err = x.open(c.Origin, note)
		}
		if err != nil {
			return nil, fmt.Errorf("verify: the given checkpoint: %w", err)
		}
		if x.anchors[c.Origin] != nil {
			return nil, fmt.Errorf("verify: two checkpoints are given of the log %s", c.Origin)
		}
		x.anchors[c.Origin] = &c
	}
	return x, nil
}

// open reads a countersigned checkpoint of the log of that origin.
func (x *Exports) open(origin string, note []byte) (checkpoint.Checkpoint, error) {
	k, ok := x.keys[origin]
	if !ok {
		return checkpoint.Checkpoint{}, fmt.Errorf("no keys are given for the log %s", origin)
	}
	return k.Open(note)
}

// Read reads the next export, which has a name for the report. It returns nil if
// every byte up to here is as it was written, whether sealed or not; a refusal
// is a *Fault and an ErrRefused, and anything else an error of reading. After an
// error nothing more is read. Memory is flat.
func (x *Exports) Read(name string, in io.Reader) error {
	if x.fault != nil {
		return x.fault
	}
	r := reader{x: x, in: bufio.NewReaderSize(in, readSize), name: name}
	err := r.read()
	x.reports = append(x.reports, r.report())
	return x.found(err)
}

// found keeps a fault, and puts it on its export's report.
func (x *Exports) found(err error) error {
	var fault *Fault
	if errors.As(err, &fault) {
		x.fault = fault
		at := len(x.reports) - 1
		for i := range x.reports {
			if x.reports[i].Name == fault.Export {
				at = i
			}
		}
		x.reports[at].Fault = fault
	}
	return err
}

// Result is the finding on all that was read. Its error is that of the refusal,
// or ErrUnsealed, or nil.
func (x *Exports) Result() (Result, error) {
	if x.fault == nil {
		_ = x.found(x.end())
	}
	result := Result{Exports: x.reports, Fault: x.fault}
	for i := range x.reports {
		result.Unsealed += x.reports[i].Unsealed
		x.reports[i].OK = x.reports[i].Fault == nil && (x.reports[i].Unsealed == 0 || x.allow)
	}
	switch {
	case x.fault != nil:
		return result, x.fault
	case result.Unsealed > 0 && !x.allow:
		return result, fmt.Errorf("verify: %d %w", result.Unsealed, ErrUnsealed)
	}
	result.OK = true
	return result, nil
}

// end is the end of all exports: each given checkpoint must have been reached.
func (x *Exports) end() error {
	if x.run == nil {
		return nil
	}
	if err := x.run.leave(); err != nil {
		return err
	}
	for origin := range x.anchors {
		if !x.runs[origin] {
			return &Fault{Export: x.run.name, Line: x.run.line, Kind: FaultCheckpoint, What: fmt.Sprintf("a checkpoint of the log %s is given, and no export of it", origin)}
		}
	}
	return nil
}

// begin makes the log of that origin the one that is read.
func (x *Exports) begin(origin string, keys Keys, chain *Chain) {
	x.run = &run{keys: keys, chain: chain, endings: newEndings(chain.Size()), anchor: x.anchors[origin], covered: chain.Size()}
	x.runs[origin] = true
}

// cover notes that a countersigned head covers the log up to size. It covers
// what was read before too: each export that is read continues the one before.
func (x *Exports) cover(size int64, name string) {
	x.run.covered = max(x.run.covered, size)
	for i := range x.reports {
		if r := &x.reports[i]; size > 0 && r.Unsealed > 0 {
			r.Unsealed, r.CoveredBy = 0, name
		}
	}
}

func (x *Exports) last() Report {
	if len(x.reports) == 0 {
		return Report{}
	}
	return x.reports[len(x.reports)-1]
}

// leave is the end of a log.
func (r *run) leave() error {
	if r.anchor == nil || r.anchored {
		return nil
	}
	return &Fault{Export: r.name, Line: r.line, Kind: FaultCheckpoint,
		What: fmt.Sprintf("the log ends at entry %d, before the given checkpoint of %d: later entries are missing", r.chain.Size(), r.anchor.Size)}
}

// reached compares the entries so far with the anchor when they reach it.
func (r *run) reached() bool {
	if r.anchor == nil || r.anchored || r.chain.Size() != r.anchor.Size {
		return true
	}
	r.anchored = r.chain.Root() == r.anchor.Root
	return r.anchored
}

// lastLeaf is the leaf hash that a successor must name; false when the log's
// last entry was not seen, or is none.
func (r *run) lastLeaf() (tlog.Hash, bool) {
	return r.chain.Last(), r.chain.Size() > 0 && !r.chain.unknown
}
