package station

import (
	"context"
	"errors"
	"slices"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/journal"
)

// TakesOut is who may take the journal out now: a supervisor or an admin at work.
// Nobody need be, pseudonym "", for whoever has the machine itself and works without
// the window; in it somebody is. That anybody else tried is journaled.
func (s *Station) TakesOut(ctx context.Context, window bool) (pseudonym string, err error) {
	s.mu.Lock()
	person, nobody := s.person, s.nobody()
	s.mu.Unlock()
	access := journal.Access{Action: journal.ActionExport}
	switch {
	case person == nil && window:
		return "", s.denied(ctx, access, nobody)
	case person == nil:
		return "", nil
	case slices.Contains([]string{string(wire.RoleSupervisor), string(wire.RoleAdmin)}, person.Role):
		return person.Pseudonym, nil
	}
	access.Actor = person.Pseudonym
	return "", s.denied(ctx, access, &Fault{Code: NotPermitted, Err: errors.New("the journal is for supervisors and admins")})
}
