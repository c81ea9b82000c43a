package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Deposit is a set of pieces handed to the post together.
type Deposit struct {
	ID       string
	Number   string // printed on the slip
	Closed   time.Time
	Slip     []byte    // PDF
	Attempts []string  // the pieces, by their attempts' codes
	Seen     time.Time // what central last signed as the time; when it is closed only
}

// CloseDeposit keeps a deposit and moves each of its pieces from ENVELOPED to
// DROPPED, all or none. A piece that was taken out is [ErrState].
func (s *Store) CloseDeposit(ctx context.Context, d Deposit, messages ...Message) error {
	k, done, err := s.hold(ctx)
	if err != nil {
		return fmt.Errorf("close a deposit: %w", err)
	}
	defer done()
	key, slip, err := k.wrapLarge(slipField(d.ID), d.Slip)
	if err != nil {
		return fmt.Errorf("close a deposit: %w", err)
	}
	return s.transact(ctx, "close a deposit", func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO deposits (id, number, closed, slip_key, seen)
			SELECT ?, ?, ?, ?, max(?, coalesce((SELECT max(started) FROM attempts), 0), coalesce((SELECT max(closed) FROM deposits), 0))`,
			d.ID, d.Number, stamp(d.Closed), key, stamp(d.Seen))
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "INSERT INTO slips (deposit, sealed) VALUES (?, ?)", d.ID, slip); err != nil {
			return err
		}
		for _, code := range d.Attempts {
			var job, hold string
			row := tx.QueryRowContext(ctx, "SELECT a.job, j.hold FROM attempts a JOIN jobs j ON j.id = a.job WHERE a.code = ?", code)
			if err := row.Scan(&job, &hold); err != nil {
				return err
			}
			if hold != "" {
				return fmt.Errorf("%w: %s was taken out", ErrState, code)
			}
			if err := move(ctx, tx, Move{Job: job, From: []State{Enveloped}, To: Dropped}); err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, "INSERT INTO pieces (attempt, deposit) VALUES (?, ?)", code, d.ID); err != nil {
				return err
			}
		}
		return post(ctx, tx, messages)
	})
}

// DepositByNumber returns a deposit by the number on its slip, which is empty once
// it is forgotten.
func (s *Store) DepositByNumber(ctx context.Context, number string) (Deposit, error) {
	k, done := s.look(ctx)
	defer done()
	d := Deposit{Number: number}
	var key, slip []byte
	row := s.db.QueryRowContext(ctx, `SELECT id, closed, slip_key, coalesce(sealed, x'') FROM deposits
		LEFT JOIN slips ON deposit = id WHERE number = ?`, number)
	err := row.Scan(&d.ID, millis{&d.Closed}, &key, &slip)
	if err != nil {
		return d, fmt.Errorf("find deposit %s: %w", number, explain(err))
	}
	if d.Slip, err = k.unwrapLarge(slipField(d.ID), key, slip); err != nil {
		return d, fmt.Errorf("open the slip of deposit %s: %w", number, err)
	}
	rows, err := s.db.QueryContext(ctx, "SELECT attempt FROM pieces WHERE deposit = ? ORDER BY attempt", d.ID)
	if err != nil {
		return d, fmt.Errorf("list the pieces of deposit %s: %w", number, explain(err))
	}
	d.Attempts, err = collect(rows, func(c *string) []any { return []any{c} })
	return d, err
}

// DepositOf returns the number of the deposit that a piece is in.
func (s *Store) DepositOf(ctx context.Context, attempt string) (string, error) {
	var number string
	err := s.db.QueryRowContext(ctx, "SELECT d.number FROM deposits d JOIN pieces p ON p.deposit = d.id WHERE p.attempt = ?", attempt).Scan(&number)
	if err != nil {
		return "", fmt.Errorf("find the deposit of attempt %s: %w", attempt, explain(err))
	}
	return number, nil
}

// DepositState is what is known of a deposit as a whole.
type DepositState struct {
	ID         string
	Number     string
	Closed     time.Time
	Pieces     int
	Registered int  // pieces with a registered number, or that must have one
	Receipts   int  // kept
	Proven     int  // registered pieces whose number is on a receipt
	Told       bool // central has acknowledged the deposit
	Unsent     int  // receipts that it has not
}

const depositStates = `SELECT d.id, d.number, d.closed,
	(SELECT count(*) FROM pieces p WHERE p.deposit = d.id),
	(SELECT count(*) FROM pieces p JOIN attempts a ON a.code = p.attempt JOIN jobs j ON j.id = a.job
		WHERE p.deposit = d.id AND (j.product = ?1 OR j.sealed_tracking IS NOT NULL)),
	(SELECT count(*) FROM receipts r WHERE r.deposit = d.id),
	(SELECT count(DISTINCT f.attempt) FROM proofs f JOIN receipts r ON r.id = f.receipt
		JOIN pieces p ON p.attempt = f.attempt WHERE r.deposit = d.id AND p.deposit = d.id),
	NOT EXISTS (SELECT 1 FROM outbox o WHERE o.id = d.id),
	(SELECT count(*) FROM receipts r JOIN outbox o ON o.id = r.id WHERE r.deposit = d.id)
	FROM deposits d ORDER BY d.closed DESC, d.number DESC LIMIT ?2`

// DepositStates returns the newest deposits, newest first. Pieces of the product
// called registered count as registered without a number too.
func (s *Store) DepositStates(ctx context.Context, registered string, limit int) ([]DepositState, error) {
	rows, err := s.db.QueryContext(ctx, depositStates, registered, limit)
	if err != nil {
		return nil, fmt.Errorf("list deposits: %w", explain(err))
	}
	return collect(rows, func(d *DepositState) []any {
		return []any{&d.ID, &d.Number, millis{&d.Closed}, &d.Pieces, &d.Registered, &d.Receipts, &d.Proven, &d.Told, &d.Unsent}
	})
}

// TakeBack takes a piece out of a closed deposit: DROPPED becomes ENVELOPED
// again. It needs a deposit that central has acknowledged, else [ErrUntold].
func (s *Store) TakeBack(ctx context.Context, r Return, m Move) error {
	return s.transact(ctx, "take attempt "+r.Attempt+" out of its deposit", func(tx *sql.Tx) error {
		row := tx.QueryRowContext(ctx, "SELECT deposit FROM pieces WHERE attempt = ?", r.Attempt)
		if err := row.Scan(&r.Deposit); err != nil {
			return err
		}
		var untold int
		if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM outbox WHERE id = ?", r.Deposit).Scan(&untold); err != nil {
			return err
		}
		if untold > 0 {
			return ErrUntold
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM pieces WHERE attempt = ?", r.Attempt); err != nil {
			return err
		}
		return takeOut(ctx, tx, r, m)
	})
}

// ErrUntold is returned for a deposit that central has not acknowledged: what it
// is told first can't be changed.
var ErrUntold = errors.New("central has not acknowledged the deposit yet")

// Return is a piece that was taken out of a deposit.
type Return struct {
	Attempt string
	Deposit string // the closed deposit's id, "" for the one being made
	Reason  string
	At      time.Time
}

// TakeOut sets a piece aside from the deposit being made; m says how its job moves.
func (s *Store) TakeOut(ctx context.Context, r Return, m Move) error {
	return s.transact(ctx, "take attempt "+r.Attempt+" out", func(tx *sql.Tx) error { return takeOut(ctx, tx, r, m) })
}

func takeOut(ctx context.Context, tx *sql.Tx, r Return, m Move) error {
	if err := move(ctx, tx, m); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, "INSERT INTO returns (attempt, deposit, reason, at) VALUES (?, ?, ?, ?)", r.Attempt, r.Deposit, r.Reason, stamp(r.At))
	return err
}

// Returns gives for each attempt that was ever taken out the last time it was.
func (s *Store) Returns(ctx context.Context) ([]Return, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT attempt, deposit, reason, at FROM returns
		WHERE rowid IN (SELECT max(rowid) FROM returns GROUP BY attempt) ORDER BY rowid`)
	if err != nil {
		return nil, fmt.Errorf("list what was taken out: %w", explain(err))
	}
	return collect(rows, func(r *Return) []any { return []any{&r.Attempt, &r.Deposit, &r.Reason, millis{&r.At}} })
}
