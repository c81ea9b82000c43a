package viewmodel

import (
	"context"

	"espero-soft.com/printroom/sync/station"
)

// Forgot asks the chosen person for a new PIN in the place of the one they know
// no more.
func (u *Unlock) Forgot() {
	if p := u.Person(); p != nil && !u.busy() && u.New == nil {
		u.New, u.Fault = &NewPIN{Person: *p, Forgotten: true, Least: u.least}, nil
		u.Changed()
	}
}

// needNew asks for a new PIN where the chosen person has none to give.
func (u *Unlock) needNew() {
	if p := u.Person(); p != nil && u.New == nil && pinFault(*p) != nil {
		u.New = &NewPIN{Person: *p, Least: u.least}
	}
}

// Back puts a new PIN away that nobody has sent yet: to the PIN field where there
// is a PIN to give, else to the people. It tells whether there was one.
func (u *Unlock) Back() bool {
	if u.New == nil || u.New.Busy {
		return false
	}
	u.New, u.Fault = nil, nil
	if p := u.Person(); p != nil && pinFault(*p) != nil {
		u.Chosen = -1
	}
	u.Changed()
	return true
}

// SetPIN sets a new PIN with a code from central and, once that is done, unlocks
// with it. It takes both PINs over and wipes them in any case.
func (u *Unlock) SetPIN(code string, first, second []byte) {
	wipe := func() {
		clear(first)
		clear(second)
	}
	m := u.New
	if m == nil || m.Busy {
		wipe()
		return
	}
	m.Fault, m.Slip = nil, slipOf(first, second, m.Least)
	if code = CodeOf(code); code == "" {
		m.Slip = SlipCode
	}
	if m.Slip != "" {
		wipe()
		u.Changed()
		return
	}
	u.latest++
	n, who := u.latest, m.Person.Pseudonym
	m.Busy = true
	u.asks.run(func(ctx context.Context) func() {
		set := u.staff.SetPIN(ctx, who, code, first)
		var entered error
		if set == nil {
			entered = u.staff.Unlock(ctx, who, first)
		}
		wipe()
		people, err := u.staff.People(ctx)
		if err != nil {
			people = nil // what is in sight stays
		}
		return func() {
			if n == u.latest {
				u.newSet(who, people, set, entered)
			}
		}
	})
	u.Changed()
}

// newSet shows what came of a new PIN: it is set, or why it is not.
func (u *Unlock) newSet(who string, people []station.Person, set, entered error) {
	u.New.Busy = false
	if set == nil {
		u.New = nil
		u.answered(who, people, entered)
		return
	}
	if people != nil {
		u.People, u.Chosen = people, indexOf(people, who)
	}
	if u.New.Fault = faultOf(set); u.Person() == nil {
		u.New = nil // they work here no more
	}
	u.Changed()
}

// Scan takes what a hand scanner gave the locked window: a badge chooses its
// owner, anything else is refused. A PIN is typed, never scanned.
func (u *Unlock) Scan(code string) {
	if u.busy() {
		return
	}
	who, badge := BadgeOf(code)
	if !badge {
		u.Unknown, u.NotTyped = false, true
		u.Changed()
		return
	}
	i := indexOf(u.People, who)
	if i >= 0 {
		u.Choose(i)
	}
	u.Unknown, u.NotTyped = i < 0, false
	u.Changed()
}

// Tries is how many PINs of the chosen person are taken still, −1 when nobody
// knows.
func (u *Unlock) Tries() int { return triesOf(u.Person(), u.Fault) }

// triesOf is how many PINs of a person are taken still, as far as it is worth
// saying: after a wrong one.
func triesOf(p *station.Person, f *station.Fault) int {
	if p == nil || f == nil || f.Code != station.WrongPIN || p.Tries <= 0 {
		return -1
	}
	return p.Tries
}

// Tries is how many PINs of the chosen second person are taken still, −1 when
// nobody knows.
func (c *Consent) Tries() int { return triesOf(c.Person(), c.Fault) }
