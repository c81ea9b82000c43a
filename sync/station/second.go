package station

import (
	"context"
	"errors"

	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/keys"
	"espero-soft.com/printroom/vault/memory"
	"espero-soft.com/printroom/vault/store"
)

// Second is another person than the one at work, who agrees to a decision. The
// caller wipes the PIN.
type Second struct {
	Pseudonym string
	PIN       []byte
}

// approve has the TPM check the second person's PIN, without logging the first
// one off, and journals what came of it under the second's name.
func (s *Station) approve(ctx context.Context, first Person, j store.Job, d Decision) (pseudonym string, err error) {
	if d.Second == nil || d.Second.Pseudonym == first.Pseudonym {
		return "", &Fault{Code: SecondPerson, Err: errors.New("another person has to agree")}
	}
	second, err := s.find(d.Second.Pseudonym)
	if err != nil {
		return "", err
	}
	held, key, err := s.checkPIN(d.Second.PIN)
	held.Destroy()
	key.Destroy()
	access := journal.Access{
		Actor: second.Pseudonym, Action: journal.ActionApprove, Object: j.ID, Attempt: j.Attempt, Reason: string(d.Reason),
	}
	outcome := journal.OutcomeDone
	if err != nil {
		outcome, access.Reason = journal.OutcomeFailed, string(code(err))
	}
	jerr := s.cfg.Journal.Record(ctx, access, outcome)
	s.JournalReport(jerr)
	s.tell()
	return second.Pseudonym, fault(errors.Join(err, jerr))
}

// checkPIN has the TPM check a PIN: with it K_doc opens the store's key, and
// without that nobody gets in. What it returns is the caller's to destroy, nil
// with an error.
func (s *Station) checkPIN(pin []byte) (*memory.Buffer, *keys.StoreKey, error) {
	if len(pin) == 0 {
		return nil, nil, &Fault{Code: WrongPIN, Err: errors.New("no PIN was given")}
	}
	held, err := memory.New(len(pin))
	if err != nil {
		return nil, nil, err
	}
	copy(held.Bytes(), pin)
	key, err := s.openStoreKey(held)
	if c := code(err); c != WrongPIN {
		s.report(partTPM, err)
	}
	if err != nil {
		held.Destroy()
		return nil, nil, err
	}
	return held, key, nil
}
