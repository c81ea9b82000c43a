package viewmodel

import (
	"context"
	"slices"
	"strings"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/sync/wire"
)

// Colleagues knows who works at this station, and how their PINs are.
type Colleagues interface {
	People(ctx context.Context) ([]station.Person, error)
}

// Consent is the part of a question in which another person agrees: who they
// are, and their own PIN. Whoever asks stays at work.
type Consent struct {
	People  []station.Person // everybody but who is at work
	Loading bool
	Chosen  int            // index in People, −1 for nobody yet
	Busy    bool           // the station decides
	Fault   *station.Fault // of the last answer, or of loading the people
	Unknown bool           // the badge that was scanned last is nobody's here

	asks    *asks
	staff   Colleagues
	self    string // pseudonym of who is at work
	changed func()
}

// newConsent begins to load who may agree; changed is called when something is
// to be shown anew.
func newConsent(asks *asks, staff Colleagues, self string, changed func()) *Consent {
	c := &Consent{Chosen: -1, Loading: true, asks: asks, staff: staff, self: self, changed: changed}
	asks.run(func(ctx context.Context) func() {
		people, err := staff.People(ctx)
		return func() {
			c.Loading, c.Fault = false, faultOf(err)
			c.take(people)
			if len(c.People) == 1 {
				c.Choose(0)
			}
			c.changed()
		}
	})
	return c
}

// take shows a newer list, with whoever was chosen still chosen.
func (c *Consent) take(people []station.Person) {
	chosen := c.Person()
	c.People = slices.DeleteFunc(slices.Clone(people), func(p station.Person) bool { return p.Pseudonym == c.self })
	c.Chosen = -1
	if chosen != nil {
		c.Chosen = indexOf(c.People, chosen.Pseudonym)
	}
}

// Person returns who was chosen, nil for nobody.
func (c *Consent) Person() *station.Person { return at(c.People, c.Chosen) }

// Choose picks a person by index. One who has no PIN to give is told so at once.
func (c *Consent) Choose(i int) {
	if c.Busy || i < 0 || i >= len(c.People) {
		return
	}
	if i != c.Chosen {
		c.Chosen, c.Fault = i, pinFault(c.People[i])
	}
	c.Unknown = false
	c.changed()
}

// Badge takes a code of the hand scanner: a badge chooses its owner. It returns
// false for what is no badge.
func (c *Consent) Badge(code string) bool {
	who, ok := BadgeOf(code)
	if !ok {
		return false
	}
	switch i := indexOf(c.People, who); {
	case c.Busy, c.Loading:
	case i >= 0:
		c.Choose(i)
	case who == c.self:
		c.Unknown, c.Fault = false, &station.Fault{Code: station.SecondPerson}
	default:
		c.Unknown = true
	}
	c.changed()
	return true
}

// Ready tells whether a PIN can be given now.
func (c *Consent) Ready() bool {
	p := c.Person()
	return p != nil && !c.Busy && pinFault(*p) == nil
}

// second is the chosen person with a PIN, which it takes over.
func (c *Consent) second(pin []byte) *station.Second {
	return &station.Second{Pseudonym: c.Person().Pseudonym, PIN: pin}
}

// run asks the station with the second person's PIN, and wipes it. What was
// wrong with the PIN is told here; done hears of everything.
func (c *Consent) run(pin []byte, ask func(context.Context, *station.Second) error, done func(error)) {
	second := c.second(pin)
	c.Busy, c.Fault, c.Unknown = true, nil, false
	c.asks.run(func(ctx context.Context) func() {
		err := ask(ctx, second)
		clear(second.PIN)
		people := afterPIN(ctx, c.staff, err)
		return func() {
			c.Busy, c.Fault = false, faultOf(err)
			if people != nil {
				c.take(people)
			}
			done(err)
			c.changed()
		}
	})
	c.changed()
}

// afterPIN asks how many tries are left once the station has refused a PIN; nil
// for other answers, and where nobody can say.
func afterPIN(ctx context.Context, staff Colleagues, err error) []station.Person {
	switch f := faultOf(err); {
	case f == nil:
		return nil
	case f.Code == station.WrongPIN, f.Code == station.PINBlocked, f.Code == station.PINUnset, f.Code == station.PINForeign:
		if people, err := staff.People(ctx); err == nil {
			return people
		}
	}
	return nil
}

// AsksSecond tells whether the room's policy wants another person for an act.
func AsksSecond(p station.Policy, act wire.SecondPersonAct) bool {
	return p.SecondPerson[act]
}

// pinFault is why a person can't give a PIN, nil when they can.
func pinFault(p station.Person) *station.Fault {
	switch p.PIN {
	case station.PINIsUnset:
		return &station.Fault{Code: station.PINUnset}
	case station.PINIsBlocked:
		return &station.Fault{Code: station.PINBlocked}
	}
	return nil
}

func indexOf(people []station.Person, pseudonym string) int {
	return slices.IndexFunc(people, func(p station.Person) bool { return p.Pseudonym == pseudonym })
}

func at(people []station.Person, i int) *station.Person {
	if i < 0 || i >= len(people) {
		return nil
	}
	return &people[i]
}

// badgeMark begins the code on a person's badge.
const badgeMark = "B24P:"

// BadgeOf returns whose badge a scanned code is of, by pseudonym.
func BadgeOf(code string) (pseudonym string, ok bool) {
	who, ok := strings.CutPrefix(strings.TrimSpace(code), badgeMark)
	return who, ok && who != ""
}
