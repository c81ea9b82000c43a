package station

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/store"
)

// RefusedByCentral tells whether an error is central's no to what was sent: it
// took none of it, and the same again would be refused again. Central out of
// reach, or that does not know this station, is not.
func RefusedByCentral(err error) bool {
	var problem *wire.Problem
	if !errors.As(err, &problem) || problem.Temporary() || problem.Type == wire.ProblemBlank {
		return false
	}
	return problem.Status != http.StatusUnauthorized && problem.Status != http.StatusForbidden
}

// TellDeposit has central told of a closed deposit, as it stands now, and keeps
// what came of it. No piece is taken out meanwhile. A deposit that is told by now
// is nothing to do.
func (s *Station) TellDeposit(ctx context.Context, id string, tell func(wire.DepositRequest) error) error {
	s.telling.Lock()
	defer s.telling.Unlock()
	m, err := s.cfg.Store.Message(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return fault(err)
	}
	var request wire.DepositRequest
	if err := json.Unmarshal(m.Body, &request); err != nil {
		return fmt.Errorf("read deposit %s from the outbox: %w", id, err)
	}
	s.took(id, nil) // until central's answer, nobody knows
	if err := tell(request); err != nil {
		if RefusedByCentral(err) && !errors.Is(err, wire.ProblemIDReused) { // then it has it, though another
			s.took(id, err)
		}
		return err
	}
	return s.Delivered(ctx, id)
}

// took keeps why central refused a deposit, nil when that is not known.
func (s *Station) took(id string, err error) {
	var f *Fault
	errors.As(fault(err), &f)
	s.mu.Lock()
	was := s.untaken[id]
	s.mu.Unlock()
	if was == nil && f == nil {
		return
	}
	s.change(func() {
		if s.ledger++; f == nil {
			delete(s.untaken, id)
		} else {
			s.untaken[id] = f
		}
	})
}

// retract takes a piece out of a closed deposit that central refused when it was
// last told of it, so that the rest can go, or the piece with another one. While
// central is being told, or has not answered, nothing can be taken out.
func (s *Station) retract(ctx context.Context, r store.Return, m store.Move) error {
	untold := &Fault{Code: DepositUntold, Err: store.ErrUntold}
	if !s.telling.TryLock() {
		return untold
	}
	defer s.telling.Unlock()
	number, err := s.cfg.Store.DepositOf(ctx, r.Attempt)
	if err != nil {
		return err
	}
	d, err := s.cfg.Store.DepositByNumber(ctx, number)
	if err != nil {
		return err
	}
	s.mu.Lock()
	refused := s.untaken[d.ID] != nil
	s.mu.Unlock()
	if !refused {
		return untold
	}
	report, err := s.without(ctx, d.ID, r.Attempt)
	if err != nil {
		return err
	}
	r.Deposit = d.ID
	return s.cfg.Store.Withdraw(ctx, r, m, report)
}

// without is the report of a deposit without one of its pieces, nil when it has no
// other.
func (s *Station) without(ctx context.Context, deposit, attempt string) ([]byte, error) {
	message, err := s.cfg.Store.Message(ctx, deposit)
	if err != nil {
		return nil, err
	}
	var request wire.DepositRequest
	if err := json.Unmarshal(message.Body, &request); err != nil {
		return nil, fmt.Errorf("read deposit %s from the outbox: %w", deposit, err)
	}
	request.Attempts = slices.DeleteFunc(request.Attempts, func(a string) bool { return a == attempt })
	if len(request.Attempts) == 0 {
		return nil, nil
	}
	report, err := json.Marshal(request)
	if err != nil {
		return nil, fmt.Errorf("write the deposit's report: %w", err)
	}
	return report, nil
}
