package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// Deposit is a set of pieces handed to the post together.
type Deposit struct {
	ID       string
	Number   string // printed on the slip
	Closed   time.Time
	Slip     []byte   // PDF
	Attempts []string // the pieces, by their attempts' codes
}

// CloseDeposit keeps a deposit and moves each of its pieces from ENVELOPED to
// DROPPED, all or none.
func (s *Store) CloseDeposit(ctx context.Context, d Deposit, messages ...Message) error {
	return s.transact(ctx, "close a deposit", func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO deposits VALUES (?, ?, ?, ?)", d.ID, d.Number, stamp(d.Closed), d.Slip)
		if err != nil {
			return err
		}
		for _, code := range d.Attempts {
			var job string
			if err := tx.QueryRowContext(ctx, "SELECT job FROM attempts WHERE code = ?", code).Scan(&job); err != nil {
				return err
			}
			if err := move(ctx, tx, Move{Job: job, From: []State{Enveloped}, To: Dropped}); err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, "INSERT INTO pieces VALUES (?, ?)", code, d.ID); err != nil {
				return err
			}
		}
		return post(ctx, tx, messages)
	})
}

// DepositByNumber returns a deposit by the number on its slip.
func (s *Store) DepositByNumber(ctx context.Context, number string) (Deposit, error) {
	d := Deposit{Number: number}
	err := s.db.QueryRowContext(ctx, "SELECT id, closed, slip FROM deposits WHERE number = ?", number).Scan(&d.ID, millis{&d.Closed}, &d.Slip)
	if err != nil {
		return d, fmt.Errorf("find deposit %s: %w", number, explain(err))
	}
	rows, err := s.db.QueryContext(ctx, "SELECT attempt FROM pieces WHERE deposit = ? ORDER BY attempt", d.ID)
	if err != nil {
		return d, fmt.Errorf("list the pieces of deposit %s: %w", number, explain(err))
	}
	d.Attempts, err = collect(rows, func(c *string) []any { return []any{c} })
	return d, err
}

// Receipt is the proof of a deposit. Its picture and its numbers are sealed.
type Receipt struct {
	ID        string
	Deposit   string // the deposit's id
	MediaType string
	SHA256    string // hexadecimal, of the picture as it came
	Image     []byte // sealed
	Numbers   []byte // sealed JSON: attempt to registered number
	At        time.Time
}

// AddReceipt keeps a receipt and its message.
func (s *Store) AddReceipt(ctx context.Context, r Receipt, messages ...Message) error {
	return s.transact(ctx, "keep a receipt", func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO receipts VALUES (?, ?, ?, ?, ?, ?, ?)",
			r.ID, r.Deposit, r.MediaType, r.SHA256, r.Image, r.Numbers, stamp(r.At))
		if err != nil {
			return err
		}
		return post(ctx, tx, messages)
	})
}

// ReceiptByID returns one receipt.
func (s *Store) ReceiptByID(ctx context.Context, id string) (Receipt, error) {
	r := Receipt{ID: id}
	err := s.db.QueryRowContext(ctx, "SELECT deposit, media_type, sha256, sealed_image, sealed_numbers, at FROM receipts WHERE id = ?", id).
		Scan(&r.Deposit, &r.MediaType, &r.SHA256, &r.Image, &r.Numbers, millis{&r.At})
	if err != nil {
		return r, fmt.Errorf("find receipt %s: %w", id, explain(err))
	}
	return r, nil
}
