package station

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"espero-soft.com/printroom/sync/client"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/memory"
	"espero-soft.com/printroom/vault/operators"
	"espero-soft.com/printroom/vault/tpm"
)

// SetPIN gives a person a PIN: their first, or one in place of a PIN that they
// forgot or that is blocked. The code is central's, for this person, once. It
// needs nobody at work, and logs nobody in. The pin is the caller's to wipe.
func (s *Station) SetPIN(ctx context.Context, pseudonym, code string, pin []byte) error {
	m, err := s.find(pseudonym)
	if err != nil {
		return err
	}
	auth, err := s.newPIN(m, pin)
	if err != nil {
		return err
	}
	s.setting.Lock() // one PIN at a time: who asks later is set later
	defer s.setting.Unlock()
	err = s.setPIN(ctx, m, code, auth)
	if err != nil {
		auth.Destroy()
	}
	_ = s.lookAtPIN(m) // what is wrong with the TPM was told
	return err
}

// newPIN makes of a new PIN what the TPM will compare, if it is fit to be one.
func (s *Station) newPIN(m member, pin []byte) (*memory.Buffer, error) {
	if err := operators.CheckPIN(pin, s.leastPIN()); err != nil {
		return nil, &Fault{Code: PINWeak, Err: err}
	}
	p, err := s.authorise(m, pin)
	if err != nil {
		return nil, err
	}
	return p.Auth, nil
}

// setPIN takes auth over when it succeeds. Callers hold setting.
func (s *Station) setPIN(ctx context.Context, m member, code string, auth *memory.Buffer) error {
	access := journal.Access{Actor: m.Pseudonym, Action: journal.ActionPINSet, Object: m.Pseudonym}
	if err := s.emptySlot(ctx, m.slot); err != nil { // else that would undo this one day
		s.answered(m, err)
		return s.refused(ctx, access, err)
	}
	change, request, err := s.cfg.TPM.BeginPIN(m.slot, auth)
	if err != nil {
		s.answered(m, err)
		return s.refused(ctx, access, err)
	}
	defer change.Abort()
	grant, err := s.grant(ctx, wire.PINGrantRequest{
		ID: uuid.NewString(), Person: m.Pseudonym, Code: code, Request: wire.PINRequest{
			Slot:  request.Slot,
			Auth:  wire.SignRequest{Nonce: request.Auth.Nonce, CpHash: request.Auth.CpHash},
			Write: wire.SignRequest{Nonce: request.Write.Nonce, CpHash: request.Write.CpHash},
		},
	})
	if err != nil {
		return s.refused(ctx, access, err)
	}
	if err := s.enter(ctx, access, journal.OutcomeDone); err != nil {
		return err // a PIN that can't be journaled is not set
	}
	s.opening.Lock() // nobody shows the TPM the PIN that is being replaced
	defer s.opening.Unlock()
	if err := change.Finish(grant.AuthSignature, grant.WriteSignature); err != nil {
		s.answered(m, err)
		return s.refused(ctx, access, err)
	}
	s.swap(m, auth)
	s.remember(ctx, m)
	return nil
}

// How often, and after which wait, central is asked once more for the same grant,
// which it gives once: the TPM waits for it some minutes.
const (
	grantTries = 3
	grantWait  = 500 * time.Millisecond
)

func (s *Station) grant(ctx context.Context, r wire.PINGrantRequest) (grant wire.PINGrant, err error) {
	for try := range grantTries {
		if grant, err = s.cfg.Authority.GrantPIN(ctx, r); !client.Retryable(err) || try == grantTries-1 {
			break
		}
		select {
		case <-ctx.Done():
			return grant, &Fault{Code: Cancelled, Err: ctx.Err()}
		case <-time.After(grantWait):
		}
	}
	return grant, fault(err)
}

// refused journals that something was tried and did not happen, and returns why.
func (s *Station) refused(ctx context.Context, a journal.Access, why error) error {
	a.Reason = string(code(why))
	return fault(errors.Join(why, s.enter(ctx, a, journal.OutcomeFailed)))
}

// denied journals that something was not allowed, and returns why.
func (s *Station) denied(ctx context.Context, a journal.Access, why error) error {
	a.Reason = string(code(why))
	return fault(errors.Join(why, s.enter(ctx, a, journal.OutcomeRefused)))
}

// enter journals an access under the name that it has.
func (s *Station) enter(ctx context.Context, a journal.Access, o journal.Outcome) error {
	err := s.cfg.Journal.Record(ctx, a, o)
	s.JournalReport(err)
	s.tell()
	return fault(err)
}

// swap has the person at work go on with the PIN that they have now; that of
// anybody else is wiped.
func (s *Station) swap(m member, auth *memory.Buffer) {
	was := &tpm.PIN{Auth: auth}
	s.mu.Lock()
	if s.atWork(m.Person) {
		was, s.pin = s.pin, &tpm.PIN{Slot: m.slot, Approval: m.approval, Auth: auth}
	}
	s.mu.Unlock()
	destroy(was) // without mu: see forget
}

// ChangePIN replaces the PIN of the person at work, who knows the old one. Central
// need not be there. Both are the caller's to wipe.
func (s *Station) ChangePIN(ctx context.Context, before, after []byte) error {
	person, _, err := s.unlocked()
	if err != nil {
		return err
	}
	m, err := s.find(person.Pseudonym)
	if err != nil {
		return err
	}
	if string(before) == string(after) {
		return &Fault{Code: PINWeak, Err: errors.New("the new PIN is the old one")}
	}
	auth, err := s.newPIN(m, after)
	if err != nil {
		return err
	}
	s.setting.Lock()
	defer s.setting.Unlock()
	if err := s.changePIN(ctx, m, before, auth); err != nil {
		auth.Destroy()
		return err
	}
	return nil
}

// changePIN takes auth over when it succeeds. The old PIN is checked first, so
// that the journal says that it was changed when it is. Callers hold setting.
func (s *Station) changePIN(ctx context.Context, m member, before []byte, auth *memory.Buffer) error {
	access := journal.Access{Actor: m.Pseudonym, Action: journal.ActionPINChange, Object: m.Pseudonym}
	held, err := s.authorise(m, before)
	if err != nil {
		return s.refused(ctx, access, err)
	}
	defer held.Auth.Destroy()
	s.opening.Lock() // nobody shows the TPM the PIN that is being replaced
	defer s.opening.Unlock()
	err = s.cfg.TPM.CheckPIN(*held)
	s.answered(m, err)
	if err != nil {
		return s.refused(ctx, access, err)
	}
	if err := s.enter(ctx, access, journal.OutcomeDone); err != nil {
		return err
	}
	if err := s.cfg.TPM.ChangePIN(m.slot, held.Auth, auth); err != nil {
		s.answered(m, err)
		return s.refused(ctx, access, err)
	}
	s.swap(m, auth)
	return nil
}
