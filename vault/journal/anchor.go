package journal

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"espero-soft.com/printroom/vault/journal/verify"
)

// Counter is a number outside of the disk that only goes up, such as a TPM's NV
// counter. It survives a power cut.
type Counter interface {
	Value() (uint64, error)
	// Raise adds one and returns the new value.
	Raise() (uint64, error)
}

// ErrUnanchored says that the log was not compared with the counter since the
// program was started: nothing may be opened before Anchor has done so.
var ErrUnanchored = errors.New("the journal was not compared with its counter yet")

// RollbackError is why a BrokenError is one: the log on the disk is not the one
// that the counter was raised for.
type RollbackError struct {
	Log     uint64 // the value that the log's last anchor names, or where the counter stood at first
	Counter uint64
}

func (e *RollbackError) Error() string {
	if e.Counter < e.Log {
		return fmt.Sprintf("the counter is at %d, the log was tied to %d: it is another counter", e.Counter, e.Log)
	}
	return fmt.Sprintf("the counter is at %d, the log knows of %d: the disk is older than the counter", e.Counter, e.Log)
}

// anchoring is what ties the log to the counter.
type anchoring struct {
	counter Counter // nil for none
	first   uint64  // where the counter stood when the log was begun
	known   bool    // the log was compared with the counter since Open
	last    uint64  // the value that the last anchor names
}

// Anchor ties the log to the counter: an entry with the counter's next value,
// durable, then the counter is raised to it. The first call since Open compares
// the two before: the counter stands where the last anchor left it, or one
// before where the power went between the two steps; anything else is a log
// that was rolled back, and breaks the journal. Without a counter there is
// nothing to do.
//
// Each call wears the counter's memory: once a login and every few minutes of
// work is what a TPM takes for years.
func (j *Journal) Anchor(ctx context.Context, actor string) error {
	j.anchor.Lock()
	defer j.anchor.Unlock()
	if err := j.trusted(); err != nil || j.anchor.counter == nil {
		return err
	}
	if err := j.compare(ctx); err != nil {
		return j.found(err)
	}
	a := Access{Actor: actor, Action: ActionCounter, Counter: int64(j.anchor.last) + 1}
	if _, err := j.append(ctx, []draft{{Access: a, outcome: OutcomeDone}}); err != nil {
		j.anchor.known = false // it may be written even so
		return err
	}
	j.anchor.last++
	return j.found(j.raise())
}

// compare looks once whether log and counter fit, and makes up for a raise
// that the power took.
func (j *Journal) compare(ctx context.Context) error {
	if j.anchor.known {
		return nil
	}
	last, err := j.lastAnchor(ctx)
	if err != nil {
		return err
	}
	begun := last == 0
	if begun {
		last = j.anchor.first
	}
	value, err := j.anchor.counter.Value()
	if err != nil {
		return fmt.Errorf("read the journal's counter: %w", err)
	}
	j.anchor.last = last
	switch {
	case value == last:
	case !begun && value+1 == last:
		if err := j.raise(); err != nil {
			return err
		}
	default:
		return &BrokenError{What: "it is not the latest one", Err: &RollbackError{Log: last, Counter: value}}
	}
	j.setAnchored()
	return nil
}

// raise takes the counter to where the last anchor says.
func (j *Journal) raise() error {
	value, err := j.anchor.counter.Raise()
	if err != nil {
		j.anchor.known = false // nobody knows where it stands
		return fmt.Errorf("raise the journal's counter: %w", err)
	}
	if value != j.anchor.last {
		return &BrokenError{What: "its counter was raised by another program", Err: &RollbackError{Log: j.anchor.last, Counter: value}}
	}
	return nil
}

// lastAnchor is the value that the log's last anchor names, also where that was
// forgotten, 0 when there is none. Anchors are minutes apart, so few entries are
// read.
func (j *Journal) lastAnchor(ctx context.Context) (value uint64, err error) {
	err = j.db.snapshot(ctx, func(r reading) error {
		start, err := j.startIn(ctx, r)
		if err != nil {
			return err
		}
		b, err := r.lastAnchor(ctx, start.Size, toEnd)
		if err != nil {
			return err
		}
		if b == nil {
			value = uint64(start.anchor.Counter)
			return nil
		}
		e, err := verify.ParseEntry(b)
		value = uint64(e.Counter)
		return err
	})
	return value, err
}

// lastAnchor is the last entry after < sequence <= last that has a counter's
// value, nil when there is none.
func (r reading) lastAnchor(ctx context.Context, after, last int64) (anchor []byte, err error) {
	err = r.scanBack(ctx, after, last, func(b []byte) (bool, error) {
		e, err := verify.ParseEntry(b)
		if err != nil {
			return false, asBroken(err)
		}
		if e.Counter > 0 {
			anchor = bytes.Clone(b)
		}
		return anchor == nil, nil
	})
	return anchor, err
}

func (j *Journal) setAnchored() {
	j.anchor.known = true
	j.state.Lock()
	defer j.state.Unlock()
	j.state.unanchored = false
}
