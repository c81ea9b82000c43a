package viewmodel

import (
	"context"
	"crypto/subtle"

	"espero-soft.com/printroom/sync/station"
)

// PINs changes the PIN of who is at work.
type PINs interface {
	Colleagues
	// ChangePIN keeps neither PIN after it returned.
	ChangePIN(ctx context.Context, old, new []byte) error
}

// ChangePIN is the change of one's own PIN, without central.
type ChangePIN struct {
	Least   int
	Tries   int // with the old PIN, −1 unknown
	Busy    bool
	Done    bool // it is changed
	Slip    Slip
	Fault   *station.Fault
	Changed func()

	asks   *asks
	pins   PINs
	who    string
	latest int
}

// NewChangePIN returns a change that nobody has begun.
func NewChangePIN(pins PINs, post Poster) *ChangePIN {
	return &ChangePIN{asks: newAsks(post), pins: pins, Tries: -1, Changed: func() {}}
}

// Show takes a newer snapshot. What was begun ends with the person's time.
func (c *ChangePIN) Show(s station.Snapshot) {
	c.Least = LeastPIN(s.Policy)
	who := ""
	if s.Person != nil {
		who = s.Person.Pseudonym
	}
	if who != c.who {
		c.who = who
		c.Begin()
	}
}

// Begin puts away what was said of an earlier attempt.
func (c *ChangePIN) Begin() {
	c.latest++
	c.Tries, c.Busy, c.Done, c.Slip, c.Fault = -1, false, false, "", nil
}

// Submit changes the PIN. It takes all three over and wipes them in any case.
func (c *ChangePIN) Submit(old, first, second []byte) {
	wipe := func() {
		clear(old)
		clear(first)
		clear(second)
	}
	if c.Busy || c.who == "" {
		wipe()
		return
	}
	c.Fault, c.Done = nil, false
	if c.Slip = c.slip(old, first, second); c.Slip != "" {
		wipe()
		c.Changed()
		return
	}
	c.latest++
	n, who := c.latest, c.who
	c.Busy = true
	c.asks.run(func(ctx context.Context) func() {
		err := c.pins.ChangePIN(ctx, old, first)
		wipe()
		people := afterPIN(ctx, c.pins, err)
		return func() {
			if n != c.latest {
				return
			}
			c.Busy, c.Done, c.Fault = false, err == nil, faultOf(err)
			if p := at(people, indexOf(people, who)); p != nil {
				c.Tries = p.Tries
			}
			c.Changed()
		}
	})
	c.Changed()
}

func (c *ChangePIN) slip(old, first, second []byte) Slip {
	switch s := slipOf(first, second, c.Least); {
	case len(old) == 0:
		return SlipOld
	case s != "":
		return s
	case subtle.ConstantTimeCompare(old, first) == 1:
		return SlipKept
	}
	return ""
}

// Close ends the work that runs and waits for it.
func (c *ChangePIN) Close() { c.asks.close() }
