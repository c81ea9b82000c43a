package journal

import "sync/atomic"

// Permit is the proof that an intent is durable. Only Intent and Intents make
// one; the zero value permits nothing. Copies share one use. It is safe for
// concurrent use: exactly one caller wins.
type Permit struct{ p *permit }

type permit struct {
	sequence int64 // of the intent
	access   Access
	trusted  func() error // why nothing may be opened any more, or nil
	state    atomic.Int32 // issued, used, closed
}

const (
	permitIssued int32 = iota
	permitUsed
	permitClosed // its result is written, or being written
)

// Use spends the permit on object. It refuses the zero value (ErrNoPermit), a
// second use or one after the result (ErrPermitUsed), another object than the
// intent named (ErrPermitObject; this one spends nothing), and any use of a
// journal that was found broken or was closed in the meantime.
func (p Permit) Use(object string) error {
	if p.p == nil {
		return ErrNoPermit
	}
	if p.p.access.Object != object {
		return ErrPermitObject
	}
	if err := p.p.trusted(); err != nil {
		return err
	}
	if !p.p.state.CompareAndSwap(permitIssued, permitUsed) {
		return ErrPermitUsed
	}
	return nil
}

// Sequence is the intent's number in the log, 0 for the zero value.
func (p Permit) Sequence() int64 {
	if p.p == nil {
		return 0
	}
	return p.p.sequence
}

// close takes the permit for its one result. The returned function gives it
// back, spent, when the result could not be written.
func (p Permit) close() (reopen func(), err error) {
	if p.p == nil {
		return nil, ErrNoPermit
	}
	if p.p.state.Swap(permitClosed) == permitClosed {
		return nil, ErrPermitUsed
	}
	return func() { p.p.state.Store(permitUsed) }, nil
}
