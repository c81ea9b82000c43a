package station

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/journal/verify"
)

// People are those who may unlock this station, as central last signed it.
func (s *Station) People(context.Context) ([]Person, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return persons(s.people), nil
}

func persons(members []member) []Person {
	out := make([]Person, len(members))
	for i, m := range members {
		out[i] = m.Person
	}
	return out
}

// StaffRevision is that of the list of people in use, 0 before the first.
func (s *Station) StaffRevision() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.revision
}

// TakeStaff takes central's list of people and its policy, if a trusted room
// authority signed it for this station and it is not older than the one in use,
// and keeps it for the days when central is away. Whoever is at work has the role
// that the list gives them, and is locked out at once when it has no such person.
// Who joined and who left is journaled, and the place in the TPM of who left is
// emptied.
func (s *Station) TakeStaff(ctx context.Context, signed wire.SignedStaff) error {
	s.listing.Lock()
	defer s.listing.Unlock()
	before, err := s.keptStaff(ctx)
	if err != nil {
		return err
	}
	now, err := s.useStaff(signed, before)
	if err != nil {
		return err
	}
	s.heard()
	s.lockOutLeavers(ctx)
	if err := s.restored(ctx); err != nil {
		return err
	}
	if err := s.journalPeople(ctx, before, now); err != nil {
		return err // it is not kept, so that the entries are made with the next list
	}
	if err := s.giveUpSlots(ctx, s.vacant(ctx, before.People, now.People)...); err != nil {
		return err
	}
	text, err := json.Marshal(signed)
	if err != nil {
		return fmt.Errorf("write the staff list: %w", err)
	}
	if err := s.cfg.Store.SetSetting(ctx, staffSetting, text); err != nil {
		return fault(err)
	}
	s.emptySlots(ctx)
	if now.Revision != before.Revision {
		s.lookAtPINs()
	}
	return nil
}

const staffSetting = "staff"

// keptStaff is the list that was kept, as far as it can be read: what it says is
// used to see what changed, and trusted for nothing else.
func (s *Station) keptStaff(ctx context.Context) (wire.Staff, error) {
	text, err := s.cfg.Store.Setting(ctx, staffSetting)
	if err != nil || text == nil {
		return wire.Staff{}, fault(err)
	}
	var signed wire.SignedStaff
	var staff wire.Staff
	if err = json.Unmarshal(text, &signed); err == nil {
		staff, err = wire.DecodeStaff(signed.Staff)
	}
	if err != nil {
		return wire.Staff{}, nil //nolint:nilerr // then everybody is new
	}
	return staff, nil
}

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
	if _, err = s.useStaff(signed, wire.Staff{}); err != nil {
		return err
	}
	s.recall(ctx)
	return nil
}

// atWork tells whether a person is the one at work. Callers hold mu.
func (s *Station) atWork(p Person) bool { return s.person != nil && s.person.Pseudonym == p.Pseudonym }

// useStaff makes a list that may be trusted the one in use.
func (s *Station) useStaff(signed wire.SignedStaff, before wire.Staff) (wire.Staff, error) {
	staff, err := signed.Open(s.cfg.TrustedAuthorities(), s.cfg.ID)
	if err != nil {
		return staff, &Fault{Code: CentralRefused, Err: err}
	}
	if least := max(before.Revision, s.StaffRevision()); staff.Revision < least {
		return staff, &Fault{Code: CentralRefused, Err: fmt.Errorf("the list of people has revision %d, and %d was taken before", staff.Revision, least)}
	}
	s.confirm(staff.IssuedAt)
	// The journal could not name such a person, so nothing could be opened.
	staff.People = slices.DeleteFunc(staff.People, func(p wire.Person) bool { return verify.CheckID(p.Pseudonym) != nil })
	s.change(func() {
		people := make([]member, len(staff.People))
		for i, p := range staff.People {
			people[i] = memberOf(p)
			if at := s.indexOf(p.Pseudonym); at >= 0 && s.people[at].slot == p.Slot { // the TPM knows better
				people[i].PIN, people[i].Tries = s.people[at].PIN, s.people[at].Tries
			}
		}
		s.people, s.staffAt, s.revision, s.policy = people, staff.IssuedAt, staff.Revision, staff.Policy
		if i := slices.IndexFunc(people, func(m member) bool { return s.atWork(m.Person) }); i >= 0 {
			person := people[i].Person
			s.person = &person
		}
	})
	return staff, nil
}

// lockOutLeavers logs out whoever is at work and has no place on the list any
// more, or another one in the TPM.
func (s *Station) lockOutLeavers(ctx context.Context) {
	s.JournalReport(s.lockOut(ctx, func(p Person) bool { // called with mu
		i := s.indexOf(p.Pseudonym)
		return i < 0 || s.people[i].slot != s.pin.Slot
	}))
}

// journalPeople writes what changed between two lists: who joined, who left, who
// has other rights, and that the policy is another one.
func (s *Station) journalPeople(ctx context.Context, before, now wire.Staff) error {
	lists := []struct {
		action   journal.Action
		in, from []wire.Person
	}{{journal.ActionPersonRemoved, before.People, now.People}, {journal.ActionPersonAdded, now.People, before.People}}
	var errs []error
	for _, l := range lists {
		for _, p := range l.in {
			if slices.ContainsFunc(l.from, func(o wire.Person) bool { return o.Pseudonym == p.Pseudonym }) || verify.CheckID(p.Pseudonym) != nil {
				continue
			}
			errs = append(errs, s.enter(ctx, journal.Access{Action: l.action, Object: p.Pseudonym}, journal.OutcomeDone))
		}
	}
	for _, p := range now.People {
		was := slices.IndexFunc(before.People, func(o wire.Person) bool { return o.Pseudonym == p.Pseudonym })
		if was < 0 || before.People[was].Role == p.Role || verify.CheckID(p.Pseudonym) != nil {
			continue
		}
		errs = append(errs, s.enter(ctx, journal.Access{Action: journal.ActionConfigure, Object: p.Pseudonym, Reason: "role_" + string(p.Role)}, journal.OutcomeDone))
	}
	if before.Revision > 0 && !reflect.DeepEqual(before.Policy, now.Policy) {
		errs = append(errs, s.enter(ctx, journal.Access{Action: journal.ActionConfigure, Reason: "policy"}, journal.OutcomeDone))
	}
	return errors.Join(errs...)
}
