package station

import (
	"context"
	"errors"

	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/keys"
	"espero-soft.com/printroom/vault/store"
	"espero-soft.com/printroom/vault/tpm"
)

// claimKey returns a claim's key, opened by the TPM once, however often it is
// asked for until it is wiped.
func (s *Station) claimKey(ctx context.Context, id string) (*keys.ClaimKey, error) {
	s.opening.Lock() // one question to the TPM a claim, however many ask
	defer s.opening.Unlock()
	s.mu.Lock()
	held, pin, person, nobody := s.claims[id], s.pin, s.person, s.nobody()
	s.mu.Unlock()
	if held != nil {
		return held, nil
	}
	if pin == nil {
		return nil, nobody
	}
	claim, err := s.cfg.Store.ClaimByID(ctx, id)
	if err != nil {
		return nil, fault(err)
	}
	permit, err := s.intent(ctx, journal.Access{Actor: person.Pseudonym, Action: journal.ActionOpen, Object: id})
	s.report(partJournal, err)
	if err != nil {
		return nil, fault(err)
	}
	k, err := s.openClaim(permit, claim, *pin)
	if jerr := s.keyOpened(ctx, permit, err); jerr != nil {
		k.Destroy() // a key whose opening can't be journaled opens nothing
		return nil, errors.Join(fault(err), jerr)
	}
	if code(err).ofPIN() {
		err = errors.Join(err, s.stale(ctx, pin))
	}
	if err != nil {
		return nil, fault(err)
	}
	return s.keepKey(id, k)
}

func (s *Station) openClaim(p journal.Permit, claim store.Claim, pin tpm.PIN) (*keys.ClaimKey, error) {
	if err := p.Use(claim.ID); err != nil {
		return nil, err
	}
	if claim.Closed != nil {
		return nil, claim.Closed
	}
	doc, err := s.cfg.TPM.Doc(pin)
	if err != nil {
		return nil, err
	}
	return keys.OpenClaimKey(doc, keys.Binding{Claim: claim.ID, Station: s.cfg.ID}, claim.SealedKey)
}

// keepKey keeps a key that was opened, if somebody is still at work, whoever, or
// the running batch needs it; otherwise it wipes it.
func (s *Station) keepKey(id string, k *keys.ClaimKey) (*keys.ClaimKey, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.revoked || s.pin == nil && (s.run == nil || !s.run.claims[id]) {
		k.Destroy()
		return nil, s.nobody()
	}
	s.claims[id] = k
	return k, nil
}

// keyOpened journals whether the TPM opened a claim's key, and why not: an access
// a claim, not a letter. That the PIN was wiped meanwhile is no try.
func (s *Station) keyOpened(ctx context.Context, permit journal.Permit, why error) error {
	switch {
	case code(why) == Locked:
		return s.result(ctx, permit, journal.OutcomeCancelled, string(Locked))
	case why != nil:
		return s.result(ctx, permit, journal.OutcomeFailed, string(code(why)))
	}
	return s.result(ctx, permit, journal.OutcomeDone, "")
}

// stale ends the work of somebody whose PIN the TPM takes no more: it was reset,
// or somebody tampered with its place. Tried again and again it would be blocked.
// Callers hold opening.
func (s *Station) stale(ctx context.Context, pin *tpm.PIN) error {
	s.mu.Lock()
	person := s.person
	if s.pin != pin {
		person = nil // somebody else's by now
	}
	s.mu.Unlock()
	if person == nil {
		return nil
	}
	return s.lockOut(ctx, func(p Person) bool { return p.Pseudonym == person.Pseudonym })
}

// claimKey does the same for a batch, which keeps the key until its end. Where
// nobody is there to open it, or another person took over while it was being
// opened, it waits for a person, and theirs does.
func (r *run) claimKey(ctx context.Context, id string) (*keys.ClaimKey, error) {
	s := r.station
	s.change(func() { r.claims[id] = true })
	for {
		k, err := s.claimKey(ctx, id)
		if code(err) != Locked {
			return k, err
		}
		if werr := r.person(ctx, err); werr != nil {
			return nil, werr
		}
	}
}

// person waits until somebody is at work. It gives up, with why, when the batch is
// stopped, and with ctx.
func (r *run) person(ctx context.Context, why error) error {
	s := r.station
	s.change(func() { s.batch.Waits = true })
	defer s.change(func() { s.batch.Waits = false })
	for {
		s.mu.Lock()
		there, stopping, revoked, turned := s.person != nil, s.batch.Stopping, s.revoked, s.turned
		s.mu.Unlock()
		switch {
		case revoked:
			return errRevoked()
		case there:
			return nil
		case stopping:
			return why
		}
		select {
		case <-ctx.Done():
			return &Fault{Code: Cancelled, Err: ctx.Err()}
		case <-turned:
		}
	}
}

// wake has a batch that waits for a person look again. Callers hold mu.
func (s *Station) wake() {
	close(s.turned)
	s.turned = make(chan struct{})
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
