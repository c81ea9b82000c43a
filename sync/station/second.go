package station

import (
	"context"
	"errors"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/journal"
)

// Second is another person than the one at work, who agrees to an act. The caller
// wipes the PIN.
type Second struct {
	Pseudonym string
	PIN       []byte
}

// agreement is what a second person agrees to.
type agreement struct {
	act             wire.SecondPersonAct
	object, attempt string
}

// agree has the TPM check the second person's PIN in their own slot, without
// logging the first one off, and journals what came of it under the second's
// name.
func (s *Station) agree(ctx context.Context, first Person, a agreement, second *Second) (pseudonym string, err error) {
	access := journal.Access{Actor: first.Pseudonym, Action: journal.ActionApprove, Object: a.object, Attempt: a.attempt}
	if second == nil || second.Pseudonym == first.Pseudonym {
		return "", s.denied(ctx, access, &Fault{Code: SecondPerson, Err: errors.New("another person has to agree")})
	}
	m, err := s.find(second.Pseudonym)
	if err != nil {
		return "", s.denied(ctx, access, err)
	}
	err = s.shows(ctx, m, second.PIN)
	access.Actor, access.Reason = m.Pseudonym, string(a.act)
	outcome := journal.OutcomeDone
	if err != nil {
		outcome, access.Reason = journal.OutcomeFailed, string(code(err))
	}
	jerr := s.cfg.Journal.Record(ctx, access, outcome)
	s.JournalReport(jerr)
	s.tell()
	return m.Pseudonym, fault(errors.Join(err, jerr))
}

// shows has the TPM check a person's PIN, which costs no key operation.
func (s *Station) shows(ctx context.Context, m member, pin []byte) error {
	held, err := s.authorise(m, pin)
	if err != nil {
		return err
	}
	defer held.Auth.Destroy()
	err = s.tampered(ctx, m, s.cfg.TPM.CheckPIN(*held))
	s.answered(m, err)
	return fault(err)
}
