package station

import (
	"context"
	"errors"

	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/keys"
)

// Lock forgets the person, what the TPM takes for their PIN, the store's key and
// the claims' keys, and ends what is being previewed. A running batch keeps the
// keys of the claims that it prints until they are done.
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
// hold mu, and wipe without it: what the TPM is being shown can't be wiped before
// the TPM has answered.
func (s *Station) forget() (wipe func()) {
	pin, storeKey := s.pin, s.store
	s.person, s.pin, s.store = nil, nil, nil
	clear(s.words)
	for _, end := range s.looks {
		end(&Fault{Code: Locked, Err: errors.New("the station was locked meanwhile")})
	}
	return func() {
		destroy(pin)
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

// nobody is what is said while nobody is at work. Callers hold mu.
func (s *Station) nobody() error {
	if s.revoked {
		return errRevoked()
	}
	return &Fault{Code: Locked, Err: errors.New("nobody is logged in")}
}

// unlocked returns who is at work and the store's key.
func (s *Station) unlocked() (Person, *keys.StoreKey, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.person == nil {
		return Person{}, nil, s.nobody()
	}
	return *s.person, s.store, nil
}

// whileUnlocked returns who is at work, and a context that ends when they leave,
// with a *Fault as its cause. end is to be called.
func (s *Station) whileUnlocked(ctx context.Context) (_ context.Context, p Person, end func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.person == nil {
		return nil, Person{}, nil, s.nobody()
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
