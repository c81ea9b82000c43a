package wire

import (
	"crypto/x509"
	"fmt"
	"slices"
	"strings"
)

// Open verifies the list with the keys of the room authorities that are known, checks that it was made for
// this station and that it is as the contract says, and returns it. Errors are ErrStaffSignature, or say
// what is wrong with a list that was signed. Whether its revision has fallen is the caller's to judge.
func (s SignedStaff) Open(known []*x509.Certificate, station StationID) (Staff, error) {
	if !signedBy(known, StaffDigest(s.Staff), s.Signature) {
		return Staff{}, ErrStaffSignature
	}
	staff, err := DecodeStaff(s.Staff)
	if err != nil {
		return Staff{}, err
	}
	if staff.Station != station {
		return Staff{}, fmt.Errorf("%w: it is for %q", ErrStaffSignature, staff.Station)
	}
	return staff, nil
}

// DecodeStaff reads a staff list's text, at most MaxStatement bytes. Acts for a second person that this
// program does not know are kept: they ask for one.
func DecodeStaff(text string) (Staff, error) {
	var staff Staff
	if err := DecodeAnswer(strings.NewReader(text), MaxStatement, &staff); err != nil {
		return Staff{}, fmt.Errorf("staff list: %w", err)
	}
	if err := staff.check(); err != nil {
		return Staff{}, fmt.Errorf("staff list: %w", err)
	}
	for i, p := range staff.People {
		if len(p.Approval) == 0 {
			staff.People[i].Approval = nil // no approval has one form
		}
	}
	return staff, nil
}

func (s Staff) check() error {
	if s.Revision < 1 || s.IssuedAt.IsZero() {
		return fmt.Errorf("revision %d of %s", s.Revision, s.IssuedAt)
	}
	if err := s.Policy.Check(); err != nil {
		return err
	}
	if err := count("people", len(s.People), 0, MaxPeople); err != nil {
		return err
	}
	var taken [MaxSlots]bool
	for i, p := range s.People {
		if p.Pseudonym == "" || p.Name == "" || len(p.Name) > MaxName || !p.PIN.Valid() {
			return fmt.Errorf("person %d has no pseudonym, name or PIN status", i)
		}
		if p.Slot < NoSlot || p.Slot >= MaxSlots || (p.Slot != NoSlot) != (len(p.Approval) > 0) {
			return fmt.Errorf("person %d has slot %d with an approval of %d bytes", i, p.Slot, len(p.Approval))
		}
		if p.Slot != NoSlot && taken[p.Slot] {
			return fmt.Errorf("slot %d is two people's", p.Slot)
		}
		if p.Slot != NoSlot {
			taken[p.Slot] = true
		}
	}
	return nil
}

// DefaultPolicy is the policy of a room that has set none.
func DefaultPolicy() Policy {
	return Policy{
		SecondPerson: []SecondPersonAct{ActReprintRegistered}, MinPIN: 6, IdleSeconds: 180, OfflineSeconds: 14400,
		HoldFindings: []ReasonCode{},
	}
}

// Check says what of a policy is not as the contract says.
func (p Policy) Check() error {
	within := func(what string, n, least, most int) error {
		if n < least || n > most {
			return fmt.Errorf("policy: %s is %d, from %d to %d", what, n, least, most)
		}
		return nil
	}
	for _, err := range []error{
		within("second_person", len(p.SecondPerson), 0, MaxSecondPerson),
		within("hold_findings", len(p.HoldFindings), 0, MaxHoldFindings),
		within("min_pin", p.MinPIN, LeastMinPIN, MostMinPIN),
		within("idle_seconds", p.IdleSeconds, LeastIdle, MostIdle),
		within("offline_seconds", p.OfflineSeconds, LeastOffline, MostOffline),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}

// Asks tells whether an act needs a second person.
func (p Policy) Asks(act SecondPersonAct) bool { return slices.Contains(p.SecondPerson, act) }
