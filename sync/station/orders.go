package station

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/store"
)

// What came of an order, as central is told.
const (
	outcomeBeforePrint = "before_print"
	outcomeDestroyed   = "destroyed"
	outcomeTooLate     = "too_late"
)

// TakeOrders takes what the stream of orders says: how many letters wait, and
// what central wants back. A letter of which nothing was sent is set aside at
// once; what is on paper waits for a person to pull it. Told again, it does
// nothing that was done.
func (s *Station) TakeOrders(ctx context.Context, n wire.Notice) error {
	s.ordering.Lock()
	defer s.ordering.Unlock()
	s.mu.Lock()
	same := s.waiting == n.Waiting
	s.mu.Unlock()
	if !same {
		s.change(func() { s.waiting = n.Waiting })
	}
	s.takeFork(ctx, n)
	var errs []error
	for _, o := range n.Orders {
		if o.Kind.Valid() { // another one is of a later version, and stays open
			errs = append(errs, s.takeOrder(ctx, o))
		}
	}
	return fault(errors.Join(errs...))
}

func (s *Station) takeOrder(ctx context.Context, o wire.Order) error {
	order := store.Order{ID: o.ID, Job: o.Job, Kind: string(o.Kind), At: o.At}
	news, err := s.cfg.Store.OrderNews(ctx, order)
	if err != nil {
		return err
	}
	j, err := s.cfg.Store.Job(ctx, o.Job)
	unknown := errors.Is(err, store.ErrNotFound)
	if err != nil && !unknown {
		return err
	}
	if news { // before it is kept: a crash in between has it journaled twice, and never not at all
		s.journalOrder(ctx, order, j)
	}
	kept, ok, err := s.cfg.Store.TakeOrder(ctx, order)
	if err != nil || !ok { // the letter may be among those that just arrive: it is told again
		return err
	}
	if !unknown && o.Kind == wire.OrderErase && j.Keyed {
		if err := s.cfg.Store.Erase(ctx, j.ID); err != nil {
			return err
		}
	}
	switch {
	case kept.Outcome != "" && kept.Told: // it comes all the same: the report was lost
		return s.finishOrder(ctx, kept, j, kept.Outcome)
	case kept.Outcome != "":
		return nil
	case unknown:
		return s.finishOrder(ctx, kept, j, outcomeBeforePrint)
	}
	s.cfg.Log.Info("order", "job", j.ID, "state", state(j.State), "reason", kept.Kind)
	return errors.Join(s.obey(ctx, j.ID), s.refreshJob(ctx, j.ID))
}

// journalOrder writes that central wants a letter back. A journal that can't
// take it stops nothing: a letter is not to be mailed for that.
func (s *Station) journalOrder(ctx context.Context, o store.Order, j store.Job) {
	action := map[string]journal.Action{
		string(wire.OrderErase): journal.ActionErase, string(wire.OrderRecall): journal.ActionRelease,
	}[o.Kind]
	access := journal.Access{Action: cmp.Or(action, journal.ActionCancel), Object: o.Job, Attempt: j.Attempt, Reason: string(ReasonOrder)}
	s.JournalReport(s.cfg.Journal.Record(ctx, access, journal.OutcomeDone))
	s.tell()
}

// obey carries out the open orders about a letter as far as nobody is needed. One
// that is on its way to the printer is stopped by whoever sends it.
func (s *Station) obey(ctx context.Context, id string) error {
	for range 3 { // it may be moved meanwhile
		j, err := s.cfg.Store.Job(ctx, id)
		if err != nil || j.Order == "" {
			return err
		}
		outcome := outcomeBeforePrint
		m := store.Move{Job: id, From: []store.State{j.State}, To: j.State, Hold: j.Hold}
		switch {
		case j.State == store.Dropped:
			outcome = outcomeTooLate
		case j.State == store.Ready, j.State == store.Held && !j.Paper:
			if j.Hold == string(Pulled) {
				outcome = outcomeDestroyed
			}
			m.To, m.Hold = store.Held, orderHold(j)
		default:
			return nil
		}
		if m, err = s.carriedOut(ctx, j, m, outcome); err != nil {
			return err
		}
		if err = s.move(ctx, m); !errors.Is(err, store.ErrState) {
			return err
		}
	}
	return nil // it is told again
}

// setAside holds a letter about which there is an order, and of which nothing
// was sent.
func (s *Station) setAside(ctx context.Context, id string, from ...store.State) error {
	j, err := s.cfg.Store.Job(ctx, id)
	if err != nil {
		return fault(err)
	}
	m := store.Move{Job: id, From: from, To: store.Held, Hold: orderHold(j), Destroyed: true}
	if m, err = s.carriedOut(ctx, j, m, outcomeBeforePrint); err != nil {
		return err
	}
	return s.move(ctx, m)
}

func orderHold(j store.Job) string {
	if j.Order == string(wire.OrderRecall) {
		return string(LeaseLost)
	}
	return string(OrderCancelled)
}

// carriedOut adds to a move that it carries out the open orders about a letter.
func (s *Station) carriedOut(ctx context.Context, j store.Job, m store.Move, outcome string) (store.Move, error) {
	open, err := s.cfg.Store.OpenOrders(ctx, j.ID)
	if err != nil {
		return m, fault(err)
	}
	for _, o := range open {
		e, err := s.event(ctx, wire.EventOrderDone, j, func(e *wire.Event) { e.Order, e.Reason, e.Attempt = o.ID, outcome, "" })
		if err != nil {
			return m, err
		}
		m.Messages = append(m.Messages, e)
		m.Done = append(m.Done, store.Done{Order: o.ID, Outcome: outcome, Message: e.ID})
	}
	return m, nil
}

// finishOrder reports an order that moves no letter, or reports it again.
func (s *Station) finishOrder(ctx context.Context, o store.Order, j store.Job, outcome string) error {
	token := int64(1) // of a letter that was never here, or is forgotten
	if claim, err := s.cfg.Store.ClaimByID(ctx, j.Claim); err == nil {
		token = claim.Token
	}
	e := wire.Event{
		ID: uuid.NewString(), Kind: wire.EventOrderDone, At: s.cfg.Now().UTC(), Job: o.Job, Order: o.ID, Reason: outcome, FencingToken: token,
	}
	body, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("write an event: %w", err)
	}
	err = s.cfg.Store.FinishOrder(ctx, store.Done{Order: o.ID, Outcome: outcome, Message: e.ID}, store.Message{ID: e.ID, Kind: store.EventMessage, Body: body})
	s.tell()
	return err
}
