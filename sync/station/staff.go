package station

import (
	"context"
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/journal/verify"
)

// People are those who may unlock this station, as central last signed it.
func (s *Station) People(context.Context) ([]Person, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.people, nil
}

// TakeStaff takes central's list of people, if the room authority signed it
// for this station, and keeps it for the days when central is away. Whoever is at
// work has the role that the list gives them, and is locked out when it has no
// such person.
func (s *Station) TakeStaff(ctx context.Context, signed wire.SignedStaff) error {
	if err := s.useStaff(signed); err != nil {
		return err
	}
	s.JournalReport(s.lockOut(ctx, func(p Person) bool {
		return !slices.ContainsFunc(s.people, func(listed Person) bool { return listed.Pseudonym == p.Pseudonym })
	}))
	text, err := json.Marshal(signed)
	if err != nil {
		return fmt.Errorf("write the staff list: %w", err)
	}
	return fault(s.cfg.Store.SetSetting(ctx, staffSetting, text))
}

const staffSetting = "staff"

// loadStaff uses the list that was kept. Its signature is checked again: the
// store is no place to be trusted about who may unlock.
func (s *Station) loadStaff(ctx context.Context) error {
	text, err := s.cfg.Store.Setting(ctx, staffSetting)
	if err != nil || text == nil {
		return fault(err)
	}
	var signed wire.SignedStaff
	if err := json.Unmarshal(text, &signed); err != nil {
		return fmt.Errorf("read the kept staff list: %w", err)
	}
	return s.useStaff(signed)
}

// atWork tells whether a person is the one at work. Callers hold mu.
func (s *Station) atWork(p Person) bool { return s.person != nil && s.person.Pseudonym == p.Pseudonym }

func (s *Station) useStaff(signed wire.SignedStaff) error {
	authority, err := x509.ParseCertificate(s.cfg.Authority)
	if err != nil {
		return fmt.Errorf("read the room authority's certificate: %w", err)
	}
	key, ok := authority.PublicKey.(*ecdsa.PublicKey)
	if !ok {
		return errors.New("the room authority's key is not of the ECDSA kind")
	}
	staff, err := signed.Open(key, s.cfg.ID)
	if err != nil {
		return &Fault{Code: CentralRefused, Err: err}
	}
	s.confirm(staff.IssuedAt)
	var people []Person
	for _, p := range staff.People {
		if verify.CheckID(p.Pseudonym) != nil {
			continue // the journal could not name this person, so nothing could be opened
		}
		people = append(people, Person{Pseudonym: p.Pseudonym, Name: p.Name, Role: string(p.Role), Language: p.Language})
	}
	s.change(func() {
		s.people, s.staffAt = people, staff.IssuedAt
		if i := slices.IndexFunc(people, s.atWork); i >= 0 {
			s.person = &people[i]
		}
	})
	return nil
}
