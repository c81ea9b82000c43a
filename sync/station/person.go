package station

import (
	"errors"
	"fmt"
	"slices"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/operators"
	"espero-soft.com/printroom/vault/tpm"
)

// PINStatus is how it stands with a person's PIN at this station.
type PINStatus string

// The states of a PIN.
const (
	PINIsUnset   PINStatus = "unset"   // it must be set with a code
	PINIsSet     PINStatus = "set"     // it opens
	PINIsBlocked PINStatus = "blocked" // it must be set anew with a code
)

// Person is somebody who may unlock this station.
type Person struct {
	Pseudonym string // what the journal calls them
	Name      string
	Role      string // operator, supervisor or admin
	Language  string // BCP 47: fr, nl, de, en
	PIN       PINStatus
	Tries     int // wrong PINs until it is blocked, −1 where nobody knows
}

// member is a person with their place in the TPM.
type member struct {
	Person
	slot     int
	approval []byte // central's, of the slot
	set      bool   // central has let a PIN be set there
}

func memberOf(p wire.Person) member {
	return member{
		Person: Person{Pseudonym: p.Pseudonym, Name: p.Name, Role: string(p.Role), Language: p.Language, PIN: PINStatus(p.PIN), Tries: -1},
		slot:   p.Slot, approval: p.Approval, set: p.PIN == wire.PINSet,
	}
}

// find returns the person of that pseudonym. While the TPM can't be used that
// is what there is to say: nobody could unlock, known or not.
func (s *Station) find(pseudonym string) (member, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.revoked {
		return member{}, errRevoked()
	}
	if i := s.indexOf(pseudonym); i >= 0 {
		return s.people[i], nil
	}
	if f := s.faults[partTPM]; f != nil {
		return member{}, f
	}
	return member{}, &Fault{Code: WrongPIN, Err: fmt.Errorf("nobody called %q works at this station", pseudonym)}
}

// indexOf is where a person is in people, −1 for nowhere. Callers hold mu.
func (s *Station) indexOf(pseudonym string) int {
	for i, p := range s.people {
		if p.Pseudonym == pseudonym {
			return i
		}
	}
	return -1
}

// authorise makes of a typed PIN what the TPM is shown; Auth is the caller's to
// destroy. A PIN that can be no one's is wrong without asking.
func (s *Station) authorise(m member, pin []byte) (*tpm.PIN, error) {
	if m.slot == wire.NoSlot {
		return nil, &Fault{Code: PINUnset, Err: errors.New("central gave the person no place at this station")}
	}
	auth, err := operators.Auth(s.cfg.PINSalt, m.Pseudonym, pin)
	if errors.Is(err, operators.ErrPIN) {
		return nil, &Fault{Code: WrongPIN, Err: err}
	}
	if err != nil {
		return nil, fault(err)
	}
	return &tpm.PIN{Slot: m.slot, Approval: m.approval, Auth: auth}, nil
}

// answered keeps what the TPM's answer to a PIN says: of the TPM, and of the tries
// that are left.
func (s *Station) answered(m member, err error) {
	if c := code(err); !c.ofPIN() && c != Locked {
		s.report(partTPM, err)
	}
	if err != nil {
		_ = s.lookAtPIN(m) // what is wrong with the TPM was told
		return
	}
	s.asking.Lock()
	defer s.asking.Unlock()
	s.showPIN(m.Pseudonym, func(p *Person) {
		if p.PIN = PINIsSet; p.Tries >= 0 {
			p.Tries = tpm.PINLimit
		}
	})
}

// lookAtPIN asks the TPM how it stands with a person's PIN, and shows it.
func (s *Station) lookAtPIN(m member) error {
	if m.slot == wire.NoSlot {
		return nil
	}
	s.asking.Lock() // of two that ask, the one that asked last is shown last
	defer s.asking.Unlock()
	state, err := s.cfg.TPM.PINState(m.slot)
	if err != nil {
		return fault(err)
	}
	s.showPIN(m.Pseudonym, func(p *Person) {
		p.PIN, p.Tries = PINIsSet, -1
		if state.Failures >= 0 {
			p.Tries = max(state.Limit-state.Failures, 0)
		}
		switch {
		case !state.Defined || !state.Ours || !state.Written:
			p.PIN, p.Tries = PINIsUnset, -1
		case p.Tries == 0:
			p.PIN = PINIsBlocked
		}
	})
	return nil
}

// lookAtPINs does so for everybody, until the TPM does not answer.
func (s *Station) lookAtPINs() {
	s.mu.Lock()
	people := s.people
	s.mu.Unlock()
	for _, m := range people {
		if err := s.lookAtPIN(m); err != nil {
			s.cfg.Log.Warn("pins", "error", err)
			return
		}
	}
}

// showPIN changes what is shown of a person's PIN, if they still work here and it
// is news. Callers hold asking.
func (s *Station) showPIN(pseudonym string, alter func(*Person)) {
	s.mu.Lock()
	i := s.indexOf(pseudonym)
	if i < 0 {
		s.mu.Unlock()
		return
	}
	now := s.people[i].Person
	s.mu.Unlock()
	was := now
	if alter(&now); now == was {
		return
	}
	s.change(func() {
		if i := s.indexOf(pseudonym); i >= 0 {
			s.people = slices.Clone(s.people)
			s.people[i].PIN, s.people[i].Tries = now.PIN, now.Tries
			if s.atWork(s.people[i].Person) {
				p := s.people[i].Person
				s.person = &p
			}
		}
	})
}
