package station

import (
	"context"
	"errors"
	"fmt"

	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/keys"
	"espero-soft.com/printroom/vault/memory"
)

// Unlock lets a person in. The TPM checks the PIN: with it K_doc opens the
// store's key, and without that nobody gets in. The attempt is journaled
// either way, and an unlock that can't be journaled does not happen. The pin
// is copied; the caller wipes its own.
func (s *Station) Unlock(ctx context.Context, pseudonym string, pin []byte) error {
	person, err := s.find(pseudonym)
	if err != nil {
		return err
	}
	held, storeKey, err := s.checkPIN(pin)
	outcome := journal.OutcomeDone
	if err != nil {
		outcome = journal.OutcomeFailed
	}
	access := journal.Access{Actor: pseudonym, Action: journal.ActionUnlock, Reason: string(code(err))}
	jerr := s.cfg.Journal.Record(ctx, access, outcome)
	s.JournalReport(jerr)
	s.tell()
	if err = errors.Join(err, jerr); err != nil {
		held.Destroy()
		storeKey.Destroy()
		return fault(err)
	}
	if err := s.handOver(ctx, pseudonym); err != nil {
		held.Destroy()
		storeKey.Destroy()
		return err
	}
	var wipe func()
	s.change(func() {
		wipe = s.forget()
		s.person, s.pin, s.store = &person, held, storeKey
		if s.run != nil {
			s.run.actor = pseudonym
		}
	})
	wipe()
	return nil
}

// handOver journals that another person takes the running batch over, under the
// names of both.
func (s *Station) handOver(ctx context.Context, to string) error {
	s.mu.Lock()
	var from, batch string
	if s.run != nil {
		from, batch = s.run.actor, s.batch.ID
	}
	s.mu.Unlock()
	if from == "" || from == to {
		return nil
	}
	for _, a := range []journal.Access{{Actor: from, Reason: "given"}, {Actor: to, Reason: "taken"}} {
		a.Action, a.Object = journal.ActionHandover, batch
		if err := s.cfg.Journal.Record(ctx, a, journal.OutcomeDone); err != nil {
			s.JournalReport(err)
			return fault(err)
		}
	}
	s.tell()
	return nil
}

// Lock forgets the person, the PIN and the keys. A running batch keeps the keys
// of the claims that it prints until they are done.
func (s *Station) Lock(ctx context.Context) error {
	return s.lockOut(ctx, func(Person) bool { return true })
}

// lockOut does so if the person at work is one of some.
func (s *Station) lockOut(ctx context.Context, whom func(Person) bool) error {
	var person *Person
	var wipe func()
	s.change(func() {
		if s.person == nil || !whom(*s.person) {
			return
		}
		person = s.person // before it is forgotten: in one line the call may come first
		wipe = s.forget()
		if s.run == nil {
			s.wipeClaims(nil)
		} else {
			s.wipeClaims(s.run.claims)
		}
	})
	if person == nil {
		return nil
	}
	wipe()
	// The keys are gone already: a journal that can't take the entry keeps
	// nobody logged in.
	return fault(s.cfg.Journal.Record(ctx, journal.Access{Actor: person.Pseudonym, Action: journal.ActionLock}, journal.OutcomeDone))
}

// forget gives up what an unlock brought, and returns what wipes it. Callers
// hold mu, and wipe without it: a PIN that the TPM is being shown can't be wiped
// before the TPM has answered.
func (s *Station) forget() (wipe func()) {
	pin, storeKey := s.pin, s.store
	s.person, s.pin, s.store = nil, nil, nil
	for _, end := range s.looks {
		end(&Fault{Code: Locked, Err: errors.New("the station was locked meanwhile")})
	}
	return func() {
		pin.Destroy()
		storeKey.Destroy()
	}
}

// wipeClaims wipes the claims' keys, but some. Callers hold mu.
func (s *Station) wipeClaims(but map[string]bool) {
	for id, k := range s.claims {
		if !but[id] {
			k.Destroy()
			delete(s.claims, id)
		}
	}
}

// doneWith wipes a claim's key when none of its letters has still to be printed.
func (s *Station) doneWith(ctx context.Context, claim string) error {
	more, err := s.cfg.Store.ToPrint(ctx, claim)
	if err != nil || more {
		return fault(err)
	}
	s.using.Lock()
	defer s.using.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if k := s.claims[claim]; k != nil {
		k.Destroy()
		delete(s.claims, claim)
	}
	return nil
}

// find returns the person of that pseudonym. While the TPM can't be used that
// is what there is to say: nobody could unlock, known or not.
func (s *Station) find(pseudonym string) (Person, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.people {
		if p.Pseudonym == pseudonym {
			return p, nil
		}
	}
	if f := s.faults[partTPM]; f != nil {
		return Person{}, f
	}
	return Person{}, &Fault{Code: WrongPIN, Err: fmt.Errorf("nobody called %q works at this station", pseudonym)}
}

func (s *Station) openStoreKey(pin *memory.Buffer) (*keys.StoreKey, error) {
	doc, err := s.cfg.Doc(pin)
	if err != nil {
		return nil, err
	}
	key, err := keys.OpenStoreKey(doc, s.cfg.ID, s.cfg.SealedStoreKey)
	if errors.Is(err, keys.ErrRefused) {
		return nil, &Fault{Code: TPMCleared, Err: fmt.Errorf("the store's key is not sealed to this TPM: %w", err)}
	}
	return key, err
}

// unlocked returns who is at work and the store's key.
func (s *Station) unlocked() (Person, *keys.StoreKey, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.person == nil {
		return Person{}, nil, &Fault{Code: Locked, Err: errors.New("nobody is logged in")}
	}
	return *s.person, s.store, nil
}

// whileUnlocked returns who is at work, and a context that ends when they leave,
// with a *Fault as its cause. end is to be called.
func (s *Station) whileUnlocked(ctx context.Context) (_ context.Context, p Person, end func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.person == nil {
		return nil, Person{}, nil, &Fault{Code: Locked, Err: errors.New("nobody is logged in")}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	id := s.nextID
	s.nextID++
	s.looks[id] = cancel
	return ctx, *s.person, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.looks, id)
		cancel(nil)
	}, nil
}

// claimKey returns a claim's key, opened once an unlock by the TPM.
func (s *Station) claimKey(ctx context.Context, id string) (*keys.ClaimKey, error) {
	s.opening.Lock() // one question to the TPM a claim, however many ask
	defer s.opening.Unlock()
	s.mu.Lock()
	held, pin := s.claims[id], s.pin
	s.mu.Unlock()
	if held != nil {
		return held, nil
	}
	if pin == nil {
		return nil, &Fault{Code: Locked, Err: errors.New("the claim's key needs a person's PIN")}
	}
	claim, err := s.cfg.Store.ClaimByID(ctx, id)
	if err != nil {
		return nil, fault(err)
	}
	doc, err := s.cfg.Doc(pin)
	if err != nil {
		return nil, fault(err)
	}
	k, err := keys.OpenClaimKey(doc, keys.Binding{Claim: id, Station: s.cfg.ID}, claim.SealedKey)
	if err != nil {
		return nil, fault(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pin != pin { // locked meanwhile
		k.Destroy()
		return nil, &Fault{Code: Locked, Err: errors.New("the station was locked while the claim's key was being opened")}
	}
	s.claims[id] = k
	return k, nil
}
