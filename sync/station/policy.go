package station

import (
	"context"
	"errors"
	"slices"
	"time"

	"espero-soft.com/printroom/printer/preflight"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/journal"
)

// Policy is what central demands of the people at its stations, as it signed it
// with the list of them.
type Policy struct {
	SecondPerson map[wire.SecondPersonAct]bool // the acts that another person has to agree to
	MinPIN       int                           // bytes of a new PIN at least
	Idle         time.Duration                 // without a touch until the screen locks
}

func policyOf(p wire.Policy) Policy {
	out := Policy{SecondPerson: map[wire.SecondPersonAct]bool{}, MinPIN: p.MinPIN, Idle: time.Duration(p.IdleSeconds) * time.Second}
	for _, act := range p.SecondPerson {
		out.SecondPerson[act] = true
	}
	return out
}

// asks tells whether the policy wants a second person for an act.
func (s *Station) asks(act wire.SecondPersonAct) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.policy.Asks(act)
}

// leastPIN is the shortest that a new PIN may be.
func (s *Station) leastPIN() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.policy.MinPIN
}

// held are those of a letter's findings for which the policy has it held.
func (s *Station) held(found []preflight.Code) []preflight.Code {
	s.mu.Lock()
	defer s.mu.Unlock()
	var held []preflight.Code
	for _, c := range found {
		if slices.Contains(s.policy.HoldFindings, wire.ReasonCode(c)) {
			held = append(held, c)
		}
	}
	return held
}

// Approve asks for the second person's agreement to an act on an object, "" for
// none, where the policy wants one; otherwise it returns nil at once. The second
// person shows their own PIN and the first stays at work. What came of it is
// journaled under the second's name; the act itself is the caller's to journal,
// under the first's, once Agreed says that it may be done.
func (s *Station) Approve(ctx context.Context, act wire.SecondPersonAct, object string, second *Second) error {
	_, err := s.agreedThen(ctx, agreement{act: act, object: object}, second, func() { s.words[act] = true })
	return err
}

// Agreed tells whether an act may be done now: the policy asks for nobody, or
// somebody has agreed to it, which is good for once and for as long as the first
// person is at work. That nobody has is journaled.
func (s *Station) Agreed(act wire.SecondPersonAct) error {
	if !s.asks(act) {
		return nil
	}
	s.mu.Lock()
	agreed, person := s.words[act], s.person
	delete(s.words, act)
	s.mu.Unlock()
	if agreed {
		return nil
	}
	access := journal.Access{Action: journal.ActionApprove}
	if person != nil {
		access.Actor = person.Pseudonym
	}
	return s.denied(context.Background(), access, &Fault{Code: SecondPerson, Err: errors.New("another person has to agree first")})
}

// agreed does so, and returns who agreed, "" where nobody had to.
func (s *Station) agreed(ctx context.Context, act wire.SecondPersonAct, object, attempt string, second *Second) (pseudonym string, err error) {
	return s.agreedThen(ctx, agreement{act: act, object: object, attempt: attempt}, second, func() {})
}

// agreedThen does the same, and calls then, with mu, if somebody agreed and who
// asked them is still at work: the TPM takes its time.
func (s *Station) agreedThen(ctx context.Context, a agreement, second *Second, then func()) (pseudonym string, err error) {
	first, shift, err := s.unlocked()
	if err != nil || !s.asks(a.act) {
		return "", err
	}
	if pseudonym, err = s.agree(ctx, first, a, second); err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.store != shift { // each unlock brings its own
		return "", &Fault{Code: Locked, Err: errors.New("who asked has left meanwhile")}
	}
	then()
	return pseudonym, nil
}
