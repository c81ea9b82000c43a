package station

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/store"
)

// Decision is a person's word on one printed letter.
type Decision struct {
	Job       string
	Verdict   Verdict
	Reason    ReasonCode // for a reprint and a pull
	Destroyed bool       // the person says that no sheet of the attempt is left; for a reprint and a pull
	Second    *Second    // where NeedsSecond and the policy say so
}

// Decide settles a letter that was printed, or may have been. The word of the
// person is journaled, then durable together with what central is told.
func (s *Station) Decide(ctx context.Context, d Decision) error {
	if _, _, err := s.unlocked(); err != nil {
		return err
	}
	s.deciding.Lock()
	defer s.deciding.Unlock()
	j, err := s.cfg.Store.Job(ctx, d.Job)
	if err != nil {
		return fault(err)
	}
	if err := d.permitted(shown(j)); err != nil {
		return err
	}
	second := ""
	if NeedsSecond(shown(j), d.Verdict) {
		if second, err = s.agreed(ctx, wire.ActReprintRegistered, j.ID, j.Attempt, d.Second); err != nil {
			return err
		}
	}
	for _, a := range d.accesses(j) {
		if err := s.record(ctx, a); err != nil {
			return err
		}
	}
	m, err := s.settlement(ctx, j, d, second)
	if err != nil {
		return err
	}
	return s.move(ctx, m)
}

// permitted refuses what can't be decided about a letter, or not like that.
func (d Decision) permitted(j Job) error {
	if !slices.Contains(Verdicts(j), d.Verdict) {
		if j.Order != "" && d.Verdict != VerdictPull {
			return &Fault{Code: OrderCancelled, Err: fmt.Errorf("letter %s can only be pulled", j.Attempt)}
		}
		return &Fault{Code: CodeState, Err: fmt.Errorf("letter %s is %s: it can't be decided as %q", j.Attempt, j.State, d.Verdict)}
	}
	reasons := map[Verdict][]ReasonCode{VerdictReprint: ReprintReasons(), VerdictPull: PullReasons()}[d.Verdict]
	switch {
	case d.Verdict == VerdictOK:
		return nil
	case !slices.Contains(reasons, d.Reason), d.Reason == ReasonOrder && !takenBack(j), d.Reason != ReasonOrder && j.Order != "":
		return &Fault{Code: ReasonMissing, Err: fmt.Errorf("%q is no reason for %s", d.Reason, d.Verdict)}
	case !d.Destroyed:
		return &Fault{Code: NotDestroyed, Err: errors.New("nobody said that the sheets were destroyed")}
	}
	return nil
}

// takenBack tells whether central does not want a letter mailed.
func takenBack(j Job) bool {
	return j.Order != "" || j.State == store.Held && (j.Hold == OrderCancelled || j.Hold == LeaseLost || j.Hold == ScanRefused)
}

// accesses are what the journal keeps of a decision.
func (d Decision) accesses(j store.Job) []journal.Access {
	access := func(action journal.Action) journal.Access {
		return journal.Access{Action: action, Object: j.ID, Attempt: j.Attempt, Reason: string(d.Reason)}
	}
	switch d.Verdict {
	case VerdictReprint:
		return []journal.Access{access(journal.ActionReprint), access(journal.ActionDestroy)}
	case VerdictPull:
		return []journal.Access{access(journal.ActionDestroy)}
	}
	if j.State == store.Uncertain {
		return []journal.Access{access(journal.ActionDecide)}
	}
	return []journal.Access{access(journal.ActionConfirm)}
}

// settlement is what a decision changes.
func (s *Station) settlement(ctx context.Context, j store.Job, d Decision, second string) (store.Move, error) {
	m := store.Move{Job: j.ID, From: []store.State{j.State}, Destroyed: d.Destroyed}
	switch d.Verdict {
	case VerdictReprint:
		m.To, m.Hold, m.Reprint, m.Approved = store.Ready, string(d.Reason), string(d.Reason), second
		return m, nil // the attempt that follows bears the reason
	case VerdictPull:
		m.To, m.Hold = store.Held, string(Pulled)
		if j.Order != "" {
			return s.carriedOut(ctx, j, m, outcomeDestroyed)
		}
		e, err := s.event(ctx, wire.EventHeld, j, func(e *wire.Event) { e.Reason = string(Pulled) })
		m.Messages = []store.Message{e}
		return m, err
	}
	m.To = store.Confirmed
	e, err := s.event(ctx, wire.EventConfirmed, j, nil)
	m.Messages = []store.Message{e}
	return m, err
}

// Retry lets a letter be printed that was held and is on no paper: on another
// printer, or after whatever was wrong was mended.
func (s *Station) Retry(ctx context.Context, job string) error {
	if _, _, err := s.unlocked(); err != nil {
		return err
	}
	j, err := s.cfg.Store.Job(ctx, job)
	if err != nil {
		return fault(err)
	}
	if !CanRetry(shown(j)) {
		return &Fault{Code: CodeState, Err: fmt.Errorf("the letter is %s for %q", j.State, j.Hold)}
	}
	if err := s.record(ctx, journal.Access{Action: journal.ActionDecide, Object: j.ID, Reason: "retry"}); err != nil {
		return err
	}
	return s.move(ctx, store.Move{Job: j.ID, From: []store.State{store.Held}, To: store.Ready, Hold: j.Hold})
}
