package central

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"espero-soft.com/printroom/sync/wire"
)

// OrderState is an order and what came of it.
type OrderState struct {
	wire.Order
	Station wire.StationID
	Outcome wire.ReasonCode // "" while it is open
	DoneAt  time.Time       // zero while it is open
}

// Orders lists the orders that were ever given about a letter, oldest first.
func (c *Central) Orders(ctx context.Context, job wire.UUID) ([]OrderState, error) {
	rows, err := c.read.QueryContext(ctx, `SELECT id, kind, job, at, station, outcome, done_at FROM orders WHERE job = ? ORDER BY at, id`, job)
	if err != nil {
		return nil, fmt.Errorf("look up orders: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var all []OrderState
	for rows.Next() {
		var o OrderState
		var at, done int64
		if err := rows.Scan(&o.ID, &o.Kind, &o.Job, &at, &o.Station, &o.Outcome, &done); err != nil {
			return nil, fmt.Errorf("read order: %w", err)
		}
		o.At = fromMicros(at)
		if done > 0 {
			o.DoneAt = fromMicros(done)
		}
		all = append(all, o)
	}
	return all, rows.Err()
}

// order gives a station an order about a letter, unless it has that one still to do.
func (c *Central) order(ctx context.Context, tx *sql.Tx, kind wire.OrderKind, job wire.UUID, station wire.StationID) error {
	_, err := exec(ctx, tx, `INSERT INTO orders (id, job, station, kind, at) SELECT ?, ?, ?, ?, ?
		WHERE NOT EXISTS (SELECT 1 FROM orders WHERE job = ? AND station = ? AND kind = ? AND outcome = '')`,
		uuid.NewString(), job, station, string(kind), micros(c.now()), job, station, string(kind))
	if err != nil {
		return fmt.Errorf("give an order: %w", err)
	}
	return nil
}

// finish takes a station's word on what came of an order. Orders are not fenced: whoever has paper or keys
// of a letter has to give them up, whoever it is leased to by now.
func (j inLedger) finish(ctx context.Context, tx *sql.Tx, s station, e wire.Event, now int64) (bool, error) {
	if e.Order == "" || !slices.Contains(wire.OrderOutcomes(), e.Reason) {
		return false, wire.NewProblem(wire.ProblemBadRequest, "order_done needs its order, and what came of it as reason")
	}
	var kind wire.OrderKind
	var before wire.ReasonCode
	err := tx.QueryRowContext(ctx, `SELECT kind, outcome FROM orders WHERE id = ? AND job = ? AND station = ?`, e.Order, j.id, s.id).Scan(&kind, &before)
	if errors.Is(err, sql.ErrNoRows) {
		return false, wire.NewProblem(wire.ProblemNotFound, "no such order of yours")
	}
	if err != nil {
		return false, fmt.Errorf("look up order: %w", err)
	}
	// A piece may be taken back out of a deposit that central has not taken yet.
	takenBack := before == wire.OrderTooLate && e.Reason == wire.OrderDestroyed && j.state != stateDropped
	switch {
	case before == e.Reason:
		return false, nil
	case before != "" && !takenBack:
		return false, wire.NewProblem(wire.ProblemIDReused, "the order is done, as %s", before)
	}
	if _, err := exec(ctx, tx, `UPDATE orders SET outcome = ?, done_at = ? WHERE id = ?`, e.Reason, now, e.Order); err != nil {
		return false, fmt.Errorf("finish order: %w", err)
	}
	if kind == wire.OrderRecall {
		return true, j.recalled(ctx, tx, s, e.Reason)
	}
	return true, j.called(ctx, tx, s, e.Reason)
}

// recalled gives a letter back that a station gave up. One whose piece was accepted may never be printed
// again: it is set aside for a person.
func (j inLedger) recalled(ctx context.Context, tx *sql.Tx, s station, outcome wire.ReasonCode) error {
	switch {
	case outcome == wire.OrderTooLate, j.holder != s.id, j.state == stateCancelled, j.state == stateDropped:
		return nil
	case j.accepted != "":
		return j.set(ctx, tx, stateHeld)
	}
	_, err := exec(ctx, tx, `UPDATE jobs SET state = 'ready', claim = NULL WHERE id = ?`, j.id)
	return err
}

// called lets a piece that went before the station knew go on, and stops it again when it was taken back.
func (j inLedger) called(ctx context.Context, tx *sql.Tx, s station, outcome wire.ReasonCode) error {
	a, found, err := findAttempt(ctx, tx, j.accepted)
	if err != nil || !found || a.station != s.id {
		return err
	}
	switch {
	case outcome == wire.OrderTooLate && j.state == stateCancelled:
		return j.set(ctx, tx, statePaper)
	case outcome == wire.OrderDestroyed && j.state == statePaper:
		return j.set(ctx, tx, stateCancelled)
	}
	return nil
}

// unknowing tells whether a station may have put a cancelled letter's piece into a deposit without having
// known of the order, or says that it has.
func unknowing(ctx context.Context, tx *sql.Tx, s station, job wire.UUID) (bool, error) {
	var n int
	err := tx.QueryRowContext(ctx, `SELECT count(*) FROM orders WHERE job = ? AND station = ?
		AND kind IN ('cancel', 'erase') AND outcome IN ('', 'too_late')`, job, s.id).Scan(&n)
	if err != nil {
		return false, fmt.Errorf("look up orders: %w", err)
	}
	return n > 0, nil
}
