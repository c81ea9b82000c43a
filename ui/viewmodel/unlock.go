package viewmodel

import (
	"context"
	"time"

	"espero-soft.com/printroom/sync/station"
)

// Staff knows the people of the station and lets one in.
type Staff interface {
	People(ctx context.Context) ([]station.Person, error)
	// Unlock checks the PIN. It does not keep pin after it returned.
	Unlock(ctx context.Context, pseudonym string, pin []byte) error
	// SetPIN sets a PIN with a code from central: it asks central, and may take
	// seconds. It does not keep pin after it returned.
	SetPIN(ctx context.Context, pseudonym, code string, pin []byte) error
}

// Unlock is the first screen: choose who you are, give your PIN, or set one.
type Unlock struct {
	People       []station.Person
	Loading      bool           // the list of people is on its way
	Chosen       int            // index in People, −1 for nobody yet
	Busy         bool           // a PIN is being checked
	Fault        *station.Fault // of the last attempt, or of loading the people
	NoDecryption station.FaultCode
	Central      station.Lamp
	TPM          station.Lamp
	Journal      station.Lamp
	TPMEndpoint  string  // of a TPM that is not the system's own, else ""
	New          *NewPIN // a new PIN is being set, nil when not
	Waits        bool    // a batch goes on once somebody unlocks
	Unknown      bool    // the badge that was scanned last is nobody's here
	NotTyped     bool    // a hand scanner gave something that only a person types
	Changed      func()

	asks   *asks
	staff  Staff
	now    Clock
	latest int // number of the newest question
	here   bool
	least  int                  // characters of a new PIN
	until  map[string]time.Time // when the next PIN of a person is taken
}

// NewUnlock returns an unlock screen that has loaded nothing yet.
func NewUnlock(staff Staff, post Poster, now Clock) *Unlock {
	return &Unlock{asks: newAsks(post), staff: staff, now: now, Chosen: -1, least: leastPIN, until: make(map[string]time.Time), Changed: func() {}}
}

// Show takes a newer snapshot.
func (u *Unlock) Show(s station.Snapshot) {
	if u.here && s.Person == nil { // it was just locked: nothing of before stays
		u.forget()
		u.Load()
	}
	if len(u.People) == 0 && !u.Loading && s.Central == station.LampOK {
		u.Load() // central has said by now who works here
	}
	u.here = s.Person != nil
	u.least = LeastPIN(s.Policy)
	u.Waits = s.Batch != nil && s.Batch.Waits
	u.TPMEndpoint = s.TPMEndpoint
	u.NoDecryption, u.Central, u.TPM, u.Journal = s.NoDecryption, s.Central, s.TPM, s.Journal
	u.Changed()
}

func (u *Unlock) forget() {
	u.latest++
	u.Chosen, u.Busy, u.Fault = -1, false, nil
	u.New, u.Unknown, u.NotTyped = nil, false, false
}

// Load asks who may unlock this station.
func (u *Unlock) Load() {
	u.latest++
	n := u.latest
	u.Loading = true
	u.asks.run(func(ctx context.Context) func() {
		people, err := u.staff.People(ctx)
		return func() {
			if n != u.latest {
				return
			}
			u.Loading = false
			u.Fault = faultOf(err)
			u.show(people)
		}
	})
	u.Changed()
}

func (u *Unlock) show(people []station.Person) {
	u.People, u.Chosen, u.New = people, -1, nil
	if len(people) == 1 {
		u.pick(0)
	}
	u.Changed()
}

// Person returns who was chosen, nil for nobody.
func (u *Unlock) Person() *station.Person { return at(u.People, u.Chosen) }

// Choose picks a person by index; out of range picks nobody.
func (u *Unlock) Choose(i int) {
	if u.busy() {
		return
	}
	if i < 0 || i >= len(u.People) {
		i = -1
	}
	u.Unknown, u.NotTyped = false, false
	if i != u.Chosen {
		u.pick(i)
	}
	u.Changed()
}

// pick chooses. What was wrong with somebody else's PIN is not theirs: only a
// wait of their own is told. Who has no PIN to give is asked for a new one.
func (u *Unlock) pick(i int) {
	u.Chosen, u.Fault, u.New = i, nil, nil
	if u.Remaining() > 0 {
		u.Fault = &station.Fault{Code: station.TPMLocked}
	}
	u.needNew()
}

// busy tells whether the station is being asked about a PIN.
func (u *Unlock) busy() bool { return u.Busy || u.New != nil && u.New.Busy }

// Remaining is how long no PIN of the chosen person is taken, 0 when one is.
func (u *Unlock) Remaining() time.Duration {
	p := u.Person()
	if p == nil {
		return 0
	}
	return max(0, u.until[p.Pseudonym].Sub(u.now()))
}

// Ready tells whether a PIN can be given now.
func (u *Unlock) Ready() bool {
	return u.Person() != nil && !u.Busy && u.New == nil && u.Remaining() == 0
}

// Submit tries a PIN for the chosen person. It takes pin over and wipes it in
// any case.
func (u *Unlock) Submit(pin []byte) {
	if !u.Ready() || len(pin) == 0 {
		clear(pin)
		return
	}
	u.latest++
	n, who := u.latest, u.Person().Pseudonym
	u.Busy, u.Fault, u.Unknown, u.NotTyped = true, nil, false, false
	u.asks.run(func(ctx context.Context) func() {
		err := u.staff.Unlock(ctx, who, pin)
		clear(pin)
		people := afterPIN(ctx, u.staff, err)
		return func() {
			if n == u.latest {
				u.answered(who, people, err)
			}
		}
	})
	u.Changed()
}

// answered shows what came of a PIN; people is newer than the list in sight, nil
// when nothing changed in it.
func (u *Unlock) answered(who string, people []station.Person, err error) {
	u.Busy = false
	u.Fault = faultOf(err)
	if people != nil {
		u.People, u.Chosen = people, indexOf(people, who)
	}
	u.needNew()
	delete(u.until, who)
	if wait := waitOf(err); wait > 0 {
		u.until[who] = u.now().Add(wait)
	}
	u.Changed()
}

// Tick tells the screen when a wait goes on or is over.
func (u *Unlock) Tick() {
	p := u.Person()
	if p == nil || u.until[p.Pseudonym].IsZero() {
		return
	}
	if u.Remaining() == 0 {
		delete(u.until, p.Pseudonym)
		u.Fault = nil
	}
	u.Changed()
}

// Close ends the work that runs and waits for it.
func (u *Unlock) Close() { u.asks.close() }
