package station

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/store"
)

// Scan takes what the hand scanner read at enveloping: a sheet's code, or the
// attempt's code typed by hand. The person has the piece in hand, so the
// printing is confirmed, be it one that was UNCERTAIN; the piece may go into a deposit once central has
// accepted the attempt, and until then it waits.
func (s *Station) Scan(ctx context.Context, text string) (Job, error) {
	if _, _, err := s.unlocked(); err != nil {
		return Job{}, err
	}
	s.deciding.Lock()
	defer s.deciding.Unlock()
	a, j, err := s.piece(ctx, text)
	if err != nil {
		return Job{}, err
	}
	if err := scannable(a, j); err != nil {
		return shown(j), err
	}
	m := store.Move{Job: j.ID, From: []store.State{j.State}, To: store.Confirmed, Scanned: true}
	told := []wire.EventKind{wire.EventConfirmed, wire.EventEnveloped}
	if j.State == store.Confirmed {
		told = told[1:]
	}
	for _, kind := range told {
		e, err := s.event(ctx, kind, j, nil)
		if err != nil {
			return shown(j), err
		}
		m.Messages = append(m.Messages, e)
	}
	if err := s.record(ctx, journal.Access{Action: journal.ActionEnvelope, Object: j.ID, Attempt: a.Code}); err != nil {
		return shown(j), err
	}
	if err := s.move(ctx, m); err != nil {
		return shown(j), err
	}
	j.State, j.Scanned, j.Hold = store.Confirmed, true, ""
	return shown(j), nil
}

// scannable refuses a piece that is not to be mailed, or not now.
func scannable(a store.Attempt, j store.Job) error {
	switch {
	case j.Attempt != a.Code:
	case j.Order != "", j.State == store.Held && j.Hold == string(OrderCancelled):
		return &Fault{Code: OrderCancelled, Err: fmt.Errorf("attempt %s: central took the letter back", a.Code)}
	case j.State == store.Held && j.Hold == string(Pulled):
		return &Fault{Code: Pulled, Err: fmt.Errorf("attempt %s was pulled", a.Code)}
	case j.State == store.DeviceDone, j.State == store.Uncertain, j.State == store.Confirmed && !j.Scanned:
		return nil
	}
	return &Fault{Code: CodeState, Err: fmt.Errorf("attempt %s: the letter is %s and its attempt is %s", a.Code, j.State, j.Attempt)}
}

// piece finds the attempt and the job of a code.
func (s *Station) piece(ctx context.Context, text string) (store.Attempt, store.Job, error) {
	text = strings.TrimSpace(text)
	var attempt postal.AttemptCode
	if sheet, err := postal.ParseSheetCode(text); err == nil {
		attempt = sheet.Attempt
	} else if attempt, err = postal.ParseAttemptCode(text); err != nil {
		return store.Attempt{}, store.Job{}, &Fault{Code: CodeUnknown, Err: err}
	}
	a, err := s.cfg.Store.Attempt(ctx, string(attempt))
	if errors.Is(err, store.ErrNotFound) {
		return a, store.Job{}, &Fault{Code: CodeUnknown, Err: err}
	}
	if err != nil {
		return a, store.Job{}, fault(err)
	}
	j, err := s.cfg.Store.Job(ctx, a.Job)
	return a, j, fault(err)
}
