package station

import (
	"context"
	"crypto/ecdh"
	"errors"
	"fmt"

	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/keys"
	"espero-soft.com/printroom/vault/tpm"
)

// Unlock lets a person in. The TPM checks the PIN in their slot: with it K_doc
// opens the store's key, one key operation, and without that nobody gets in. The
// attempt is journaled either way, and an unlock that can't be journaled does not
// happen. The pin is the caller's to wipe.
func (s *Station) Unlock(ctx context.Context, pseudonym string, pin []byte) error {
	m, err := s.find(pseudonym)
	if err != nil { // a name that nobody has here may be anybody's: it is not written
		return s.refused(ctx, journal.Access{Action: journal.ActionUnlock}, err)
	}
	held, storeKey, err := s.comesIn(ctx, m, pin)
	outcome := journal.OutcomeDone
	if err != nil {
		outcome = journal.OutcomeFailed
	} else {
		// A journal that is not the latest one keeps letters shut, and nobody out.
		s.report(partJournal, s.fit(ctx, pseudonym))
	}
	access := journal.Access{Actor: pseudonym, Action: journal.ActionUnlock, Reason: string(code(err))}
	jerr := s.cfg.Journal.Record(ctx, access, outcome)
	s.JournalReport(jerr)
	s.tell()
	if err = errors.Join(err, jerr); err == nil {
		err = s.handOver(ctx, pseudonym)
	}
	if err == nil {
		err = s.letIn(m, held, storeKey)
	}
	if err != nil {
		destroy(held)
		storeKey.Destroy()
	}
	return fault(err)
}

// destroy wipes a PIN, nil too.
func destroy(held *tpm.PIN) {
	if held != nil {
		held.Auth.Destroy()
	}
}

// letIn makes a person the one at work, unless they were struck off the list, or
// the station was revoked, while the TPM was asked.
func (s *Station) letIn(m member, held *tpm.PIN, storeKey *keys.StoreKey) error {
	var wipe func()
	var err error
	s.change(func() {
		i := s.indexOf(m.Pseudonym)
		switch {
		case s.revoked:
			err = errRevoked()
			return
		case i < 0 || s.people[i].slot != m.slot:
			err = &Fault{Code: WrongPIN, Err: fmt.Errorf("%q no longer works at this station", m.Pseudonym)}
			return
		}
		wipe = s.forget()
		person := s.people[i].Person
		s.person, s.pin, s.store = &person, held, storeKey
		if s.run != nil {
			s.run.actor = m.Pseudonym
		}
		s.wake()
	})
	if err == nil {
		wipe()
	}
	return err
}

// comesIn has the TPM check a PIN by opening the store's key under it. What it
// returns is the caller's to destroy, nil with an error.
func (s *Station) comesIn(ctx context.Context, m member, pin []byte) (*tpm.PIN, *keys.StoreKey, error) {
	held, err := s.authorise(m, pin)
	if err != nil {
		return nil, nil, err
	}
	key, err := s.openStoreKey(ctx, *held)
	err = s.tampered(ctx, m, err)
	s.answered(m, err)
	if err != nil {
		held.Auth.Destroy()
		return nil, nil, fault(err)
	}
	return held, key, nil
}

func (s *Station) openStoreKey(ctx context.Context, pin tpm.PIN) (*keys.StoreKey, error) {
	doc, err := s.cfg.TPM.Doc(pin)
	if err != nil {
		return nil, err
	}
	sealed, err := s.storeKeyEnvelope(ctx, doc.PublicKey())
	if err != nil {
		return nil, err
	}
	key, err := keys.OpenStoreKey(doc, s.cfg.ID, sealed)
	if errors.Is(err, keys.ErrRefused) {
		return nil, &Fault{Code: TPMCleared, Err: fmt.Errorf("the store's key is not sealed to this TPM: %w", err)}
	}
	return key, err
}

// storeKeyEnvelope is the store's key, sealed to K_doc. A store that has none, as
// a new one, is given one: that takes nobody's PIN.
func (s *Station) storeKeyEnvelope(ctx context.Context, doc *ecdh.PublicKey) ([]byte, error) {
	sealed, err := s.cfg.Store.StoreKeyEnvelope(ctx)
	if err != nil || sealed != nil {
		return sealed, err
	}
	if sealed, err = keys.NewStoreKey(doc, s.cfg.ID); err != nil {
		return nil, err
	}
	return sealed, s.cfg.Store.SetStoreKeyEnvelope(ctx, sealed)
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
