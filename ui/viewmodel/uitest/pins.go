package uitest

import (
	"context"
	"crypto/subtle"
	"errors"
	"slices"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/tpm"
)

// Code is the one that central gave, for whoever has to set a PIN; it works
// once a person.
const Code = "7QK2M9T4XW"

// limit is how many wrong PINs in a row block a person.
const limit = 5

// pins is what the fake keeps of the PINs; Station.mu guards it.
type pins struct {
	own   map[string]string // by pseudonym, those that were set or changed
	wrong map[string]int    // in a row, by pseudonym
	used  map[string]bool   // who has used their code
}

func newPINs() pins {
	return pins{own: make(map[string]string), wrong: make(map[string]int), used: make(map[string]bool)}
}

var (
	errPIN     = errors.New("TPM_RC_AUTH_FAIL")
	errBlocked = errors.New("TPM_RC_NV_LOCKED: pinCount has reached pinLimit")
	errUnset   = errors.New("TPM_RC_HANDLE: the index is not defined")
)

// check shows a PIN to the chip, as it were. Callers hold mu.
func (s *Station) check(pseudonym string, pin []byte) *station.Fault {
	i := slices.IndexFunc(s.Staff, func(p station.Person) bool { return p.Pseudonym == pseudonym })
	switch {
	case i < 0:
		return &station.Fault{Code: station.WrongPIN, Err: errors.New("nobody called that works at this station")}
	case s.Lockout && s.pins.wrong[pseudonym] >= limit:
		return &station.Fault{Code: station.TPMLocked, Err: &tpm.LockedError{Wait: s.Wait, Err: errPIN}}
	case s.stateOf(i) == station.PINIsUnset:
		return &station.Fault{Code: station.PINUnset, Err: errUnset}
	case s.stateOf(i) == station.PINIsBlocked:
		return &station.Fault{Code: station.PINBlocked, Err: errBlocked}
	}
	right, ok := s.pins.own[pseudonym]
	if !ok {
		right = s.PIN
	}
	if subtle.ConstantTimeCompare(pin, []byte(right)) == 0 {
		if s.pins.wrong[pseudonym]++; !s.Lockout && s.pins.wrong[pseudonym] >= limit {
			return &station.Fault{Code: station.PINBlocked, Err: errBlocked}
		}
		return &station.Fault{Code: station.WrongPIN, Err: errPIN}
	}
	s.pins.wrong[pseudonym] = 0
	return nil
}

// stateOf is how a person's PIN is. Callers hold mu.
func (s *Station) stateOf(i int) station.PINStatus {
	p := s.Staff[i]
	_, own := s.pins.own[p.Pseudonym]
	switch {
	case !own && p.PIN == station.PINIsUnset:
		return station.PINIsUnset
	case !own && p.PIN == station.PINIsBlocked, !s.Lockout && s.pins.wrong[p.Pseudonym] >= limit:
		return station.PINIsBlocked
	}
	return station.PINIsSet
}

// People returns who may unlock, and how their PINs are.
func (s *Station) People(ctx context.Context) ([]station.Person, error) {
	if err := s.wait(ctx, "people"); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	people := slices.Clone(s.Staff)
	for i := range people {
		p := &people[i]
		p.PIN, p.Tries = s.stateOf(i), -1
		if !s.Lockout {
			p.Tries = limit - s.pins.wrong[p.Pseudonym]
		}
		if p.PIN == station.PINIsBlocked {
			p.Tries = 0
		}
	}
	return people, nil
}

// Unlock lets a person in.
func (s *Station) Unlock(ctx context.Context, pseudonym string, pin []byte) error {
	if err := s.wait(ctx, "unlock"); err != nil {
		return err
	}
	s.mu.Lock()
	f := s.check(pseudonym, pin)
	i := slices.IndexFunc(s.Staff, func(p station.Person) bool { return p.Pseudonym == pseudonym })
	s.mu.Unlock()
	if f != nil {
		return f
	}
	s.Change(func(c *station.Snapshot) { c.Person = &s.Staff[i] })
	return nil
}

// SetPIN sets a PIN for who has a code.
func (s *Station) SetPIN(ctx context.Context, pseudonym, code string, pin []byte) error {
	if err := s.wait(ctx, "setpin"); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case code != Code || s.pins.used[pseudonym]:
		return &station.Fault{Code: station.PINCode, Err: errors.New("urn:bjet24:problem:pin-code-refused")}
	case len(pin) < s.snap.Policy.MinPIN:
		return &station.Fault{Code: station.PINWeak, Err: errors.New("the PIN is too short")}
	}
	s.pins.used[pseudonym] = true
	s.pins.own[pseudonym] = string(pin)
	s.pins.wrong[pseudonym] = 0
	return nil
}

// ChangePIN changes the PIN of who is at work.
func (s *Station) ChangePIN(ctx context.Context, old, new []byte) error {
	if err := s.wait(ctx, "changepin"); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.snap.Person == nil {
		return &station.Fault{Code: station.Locked}
	}
	if f := s.check(s.snap.Person.Pseudonym, old); f != nil {
		return f
	}
	s.pins.own[s.snap.Person.Pseudonym] = string(new)
	return nil
}

// Approve checks a second person where the policy wants one.
func (s *Station) Approve(ctx context.Context, act wire.SecondPersonAct, _ string, second *station.Second) error {
	if err := s.wait(ctx, "approve"); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if f := s.agreed(act, second); f != nil {
		return f
	}
	return nil
}

// agreed tells whether whoever the policy wants has agreed. Callers hold mu.
func (s *Station) agreed(act wire.SecondPersonAct, second *station.Second) *station.Fault {
	switch {
	case s.snap.Person == nil:
		return &station.Fault{Code: station.Locked}
	case !s.snap.Policy.SecondPerson[act]:
		return nil
	case second == nil || second.Pseudonym == s.snap.Person.Pseudonym:
		return &station.Fault{Code: station.SecondPerson}
	}
	if f := s.check(second.Pseudonym, second.PIN); f != nil {
		return f
	}
	s.approved = append(s.approved, string(act)+" "+second.Pseudonym)
	return nil
}

// Approved returns what second persons have agreed to: act and pseudonym.
func (s *Station) Approved() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.approved)
}
