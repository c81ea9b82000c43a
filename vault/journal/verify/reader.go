package verify

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"espero-soft.com/printroom/vault/journal/checkpoint"
)

const readSize = 1 << 16

// reader reads one export.
type reader struct {
	x       *Exports
	run     *run // nil before the first line was read
	in      *bufio.Reader
	name    string
	line    int64
	began   int64 // the log's entries before the first one of this export
	before  Counts
	started bool // there is a start line
	first   string
	sealed  *checkpoint.Checkpoint
}

func (r *reader) read() error {
	for {
		line, more, err := r.next()
		switch {
		case err != nil:
			return err
		case !more:
			return r.end()
		}
		if err := r.take(line); err != nil {
			return err
		}
	}
}

// next is the next line without its newline, valid until the call after; false
// after the last one.
func (r *reader) next() (line []byte, more bool, err error) {
	r.line++
	line, err = r.in.ReadSlice('\n')
	switch {
	case err == nil && len(line) <= maxLine+1:
		return line[:len(line)-1], true, nil
	case err == nil, errors.Is(err, bufio.ErrBufferFull):
		return nil, false, r.fault(FaultForm, nil, "longer than any line of an export")
	case err != io.EOF: // as it is: a wrapped one is no end
		return nil, false, fmt.Errorf("read the export: %w", err)
	case len(line) == 0:
		r.line--
		return nil, false, nil
	default:
		return nil, false, r.fault(FaultCut, nil, "the export ends inside a line")
	}
}

func (r *reader) take(line []byte) error {
	switch {
	case bytes.HasPrefix(line, []byte(startStart)):
		return r.start(line)
	case bytes.HasPrefix(line, []byte(sealStart)):
		return r.seal(line)
	default:
		return r.entry(line)
	}
}

func (r *reader) entry(line []byte) error {
	if r.run == nil {
		if err := r.begin(line); err != nil {
			return err
		}
	}
	f, err := r.run.chain.add(line)
	if err != nil {
		return r.located(err)
	}
	if r.first == "" {
		r.first = string(f.time)
	}
	r.run.endings.add(f)
	return r.anchor()
}

// located puts the export and the line on an entry's fault.
func (r *reader) located(err error) error {
	var fault *Fault
	if errors.As(err, &fault) {
		fault.Export, fault.Line = r.name, r.line
	}
	return err
}

// begin enters the log whose first entry this is: the first export's, or a
// successor of the log before.
func (r *reader) begin(line []byte) error {
	var f fields
	if err := f.parse(line); err != nil {
		return r.located(chainFault(1, FaultForm, "not an entry as it is written: %v", err))
	}
	origin := string(f.log)
	keys, ok := r.x.keys[origin]
	if !ok {
		return r.fault(FaultKeys, nil, "it is of the log %s, for which no keys are given", origin)
	}
	if before := r.x.run; before != nil {
		if r.x.runs[origin] {
			return r.fault(FaultContinues, nil, "it begins the log %s anew, which the exports before have already", origin)
		}
		if err := before.leave(); err != nil {
			return err
		}
		last, known := before.lastLeaf()
		if h, err := decodeHash(f.previous); err != nil || !known || h != last {
			return r.fault(FaultContinues, err, "its first entry does not name the last one of %s", before.name)
		}
	}
	return r.enter(origin, keys, NewChain(origin))
}

// enter reads another log than before, if any, from where the chain is.
func (r *reader) enter(origin string, keys Keys, chain *Chain) error {
	r.x.begin(origin, keys, chain)
	r.stay()
	if a := r.run.anchor; a != nil && a.Size < chain.Size() {
		return r.fault(FaultCheckpoint, nil, "the export begins after entry %d and so does not show the entries up to the given checkpoint of %d", chain.Size(), a.Size)
	}
	return r.anchor()
}

// stay reads on in the log that the exports are in.
func (r *reader) stay() {
	r.run = r.x.run
	r.run.name = r.name
	r.began, r.before = r.run.chain.Size(), r.run.chain.Counts()
}

// start takes a start line: the first export's, or that of the same log going on.
func (r *reader) start(line []byte) error {
	if r.line != 1 {
		return r.fault(FaultForm, nil, "a start line that is not the first line")
	}
	note, frontier, err := unstart(line)
	if err != nil {
		return r.fault(FaultForm, err, "not a start line as it is written: %v", err)
	}
	c, err := r.note(note)
	if err != nil {
		return err
	}
	tree, err := checkpoint.NewTree(c.Size, frontier)
	if err != nil || c.Size == 0 || tree.Root() != c.Root {
		return r.fault(FaultStart, err, "its hashes are not the tree of its checkpoint of %d", c.Size)
	}
	r.started = true
	if r.x.run == nil {
		return r.enter(c.Origin, r.x.keys[c.Origin], startChain(c.Origin, tree))
	}
	return r.goOn(c)
}

// goOn reads on after a head that must be where the export before ends.
func (r *reader) goOn(c checkpoint.Checkpoint) error {
	switch before := r.x.run; {
	case before.chain.Log() != c.Origin:
		return r.fault(FaultContinues, nil, "it goes on with the log %s, and %s is of %s", c.Origin, before.name, before.chain.Log())
	case before.chain.Size() != c.Size:
		return r.fault(FaultContinues, nil, "it begins after entry %d, and %s ends with entry %d", c.Size, before.name, before.chain.Size())
	case before.chain.Root() != c.Root:
		return r.fault(FaultContinues, nil, "it begins after other entries up to %d than those of %s: the log has two histories", c.Size, before.name)
	}
	r.stay()
	r.x.cover(c.Size, r.name)
	return nil
}

// note opens a countersigned checkpoint of a log whose keys are given.
func (r *reader) note(note []byte) (checkpoint.Checkpoint, error) {
	c, err := checkpoint.ParseCheckpoint(note)
	if err != nil {
		return c, r.fault(FaultForm, err, "%v", err)
	}
	if _, ok := r.x.keys[c.Origin]; !ok {
		return c, r.fault(FaultKeys, nil, "its checkpoint is of the log %s, for which no keys are given", c.Origin)
	}
	if c, err = r.x.open(c.Origin, note); err != nil {
		return c, r.fault(FaultSeal, err, "%v", err)
	}
	return c, nil
}

// seal takes the checkpoint of the entries before it.
func (r *reader) seal(line []byte) error {
	if r.sealed != nil {
		return r.fault(FaultForm, nil, "a second checkpoint")
	}
	note, err := unseal(line)
	if err != nil {
		return r.fault(FaultForm, err, "not a checkpoint line as it is written: %v", err)
	}
	c, err := r.note(note)
	if err != nil {
		return err
	}
	if r.run == nil { // nothing was ever written to this log
		if r.x.run != nil {
			return r.fault(FaultContinues, nil, "it has no entries, so it does not continue %s", r.x.run.name)
		}
		if err := r.enter(c.Origin, r.x.keys[c.Origin], NewChain(c.Origin)); err != nil {
			return err
		}
	}
	return r.compare(c)
}

// compare holds the checkpoint against the entries that were read.
func (r *reader) compare(c checkpoint.Checkpoint) error {
	size := r.run.chain.Size()
	switch {
	case c.Origin != r.run.chain.Log():
		return r.fault(FaultSeal, nil, "the checkpoint is of another log, %s", c.Origin)
	case c.Size != size:
		return r.fault(FaultSeal, nil, "the checkpoint covers the log up to entry %d and the entries before it end at %d", c.Size, size)
	case c.Root == r.run.chain.Root():
		r.sealed = &c
		r.x.cover(size, r.name)
		return nil
	}
	fault := Fault{Export: r.name, Line: r.line, Kind: FaultSeal, What: "the entries are not those that were signed: this last one was changed, or the chain was written anew"}
	if size > r.began {
		fault.Line, fault.Sequence = r.line-1, size
	}
	return &fault
}

// anchor compares the entries so far with the given checkpoint.
func (r *reader) anchor() error {
	a := r.run.anchor
	if !r.run.reached() {
		return r.fault(FaultCheckpoint, nil, "the entries up to here are not those of the given checkpoint of %d", a.Size)
	}
	if a != nil && a.Size == r.run.chain.Size() {
		r.x.cover(a.Size, r.name)
	}
	return nil
}

// end is the end of the export.
func (r *reader) end() error {
	switch {
	case r.run == nil:
		return r.fault(FaultCut, nil, "the export is empty")
	case r.started && r.sealed == nil:
		r.line++
		return r.fault(FaultCut, nil, "the export ends without a checkpoint")
	}
	r.run.line = r.line
	return nil
}

func (r *reader) fault(kind FaultKind, cause error, format string, a ...any) error {
	return &Fault{Export: r.name, Line: r.line, Kind: kind, What: fmt.Sprintf(format, a...), err: cause}
}

func (r *reader) report() Report {
	if r.run == nil {
		return Report{Name: r.name}
	}
	chain := r.run.chain
	s := Report{
		Name: r.name, Log: chain.Log(), After: r.began, Entries: chain.Size() - r.began,
		Root: chain.Root().String(), Sealed: r.run.covered, Unsealed: chain.Size() - r.run.covered,
		First: r.first, Counts: chain.Counts().since(r.before), NoResult: r.run.endings.unanswered(),
		NoIntent: r.run.endings.strays, Uncounted: r.run.endings.uncounted,
	}
	s.NoIntent.First = slices.Clone(s.NoIntent.First)
	if r.first != "" {
		s.Last = string(chain.lastTime[:])
	}
	if p := chain.Predecessor(); p != (tlog.Hash{}) {
		s.Predecessor = p.String()
	}
	if r.sealed != nil {
		if at, ok := checkpoint.CosignedAt(*r.sealed); ok {
			s.SealedAt = &at
		}
	}
	return s
}
