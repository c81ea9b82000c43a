package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
)

// Move changes a job's state and posts the messages about it, together.
type Move struct {
	Job      string
	From     []State // the states it may be in; in another one: ErrState
	To       State
	Hold     string // reason code, "" for none
	Messages []Message

	// Attempt and Token, where they are given, are the latest attempt and the
	// fencing token of the claim that the move is about: a job that has others
	// meanwhile is not moved, ErrState.
	Attempt string
	Token   int64

	Destroyed bool     // no sheet of it is left, or none ever came out
	Scanned   bool     // its piece was scanned
	Reprint   string   // to READY: why a person has it printed again
	Approved  string   // the second person who agreed
	Wanted    bool     // to HELD: what a person had it printed again for still holds, once it can be printed
	Overrides []string // to READY: the findings for which it is held, and which a person lets pass; nil for none
	Done      []Done   // orders that this carries out
}

// Done is what came of an order.
type Done struct {
	Order   string // its id
	Outcome string
	Message string // the id of the message that reports it
}

// Move makes a move durable before it returns. A job about which an order is
// open goes neither to the printer nor to the post: ErrOrdered.
func (s *Store) Move(ctx context.Context, m Move) error {
	return s.transact(ctx, "move job "+m.Job+" to "+string(m.To), func(tx *sql.Tx) error { return move(ctx, tx, m) })
}

func move(ctx context.Context, tx *sql.Tx, m Move) error {
	var now State
	var paper, scanned bool
	var reprint, approved string
	var attempt string
	var token int64
	row := tx.QueryRowContext(ctx, `SELECT j.state, j.paper, j.scanned, j.reprint, j.approved, j.attempt, c.token
		FROM jobs j JOIN claims c ON c.id = j.claim WHERE j.id = ?`, m.Job)
	if err := row.Scan(&now, &paper, &scanned, &reprint, &approved, &attempt, &token); err != nil {
		return err
	}
	if !slices.Contains(m.From, now) {
		return fmt.Errorf("%w: it is %s", ErrState, now)
	}
	if m.Attempt != "" && m.Attempt != attempt || m.Token != 0 && m.Token != token {
		return fmt.Errorf("%w: it has attempt %s under token %d", ErrState, attempt, token)
	}
	if err := carriedOut(ctx, tx, m.Done); err != nil {
		return err
	}
	if err := unordered(ctx, tx, m); err != nil {
		return err
	}
	switch m.To {
	case Sending:
		paper, scanned = true, false
	case Uncertain:
		paper = true
		reprint, approved = "", ""
	case Sent: // the printing that was wanted is done
		reprint, approved = "", ""
	case Held:
		if !m.Wanted {
			reprint, approved = "", ""
		}
	}
	if m.Reprint != "" {
		reprint, approved = m.Reprint, m.Approved
	}
	if m.Destroyed {
		paper, scanned = false, false
	}
	_, err := tx.ExecContext(ctx, "UPDATE jobs SET state = ?, hold = ?, paper = ?, scanned = ?, reprint = ?, approved = ? WHERE id = ?",
		m.To, m.Hold, paper, scanned || m.Scanned, reprint, approved, m.Job)
	if err != nil {
		return err
	}
	if m.Overrides != nil {
		if _, err := tx.ExecContext(ctx, "UPDATE jobs SET overridden = ? WHERE id = ?", strings.Join(m.Overrides, ","), m.Job); err != nil {
			return err
		}
	}
	return post(ctx, tx, m.Messages)
}

// unordered refuses a move that an open order forbids.
func unordered(ctx context.Context, tx *sql.Tx, m Move) error {
	switch m.To {
	case Ready, Intent, Sending, Dropped:
	default:
		return nil
	}
	var ordered bool
	row := tx.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM orders WHERE job = ? AND done = '')", m.Job)
	if err := row.Scan(&ordered); err != nil {
		return err
	}
	if ordered {
		return ErrOrdered
	}
	return nil
}

func carriedOut(ctx context.Context, tx *sql.Tx, done []Done) error {
	for _, d := range done {
		r, err := tx.ExecContext(ctx, "UPDATE orders SET done = ?, message = ? WHERE id = ?", d.Outcome, d.Message, d.Order)
		if err := exactlyOne(r, err); err != nil {
			return err
		}
	}
	return nil
}
