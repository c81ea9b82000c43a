package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// Receipt is the proof of a deposit. Its picture and its numbers are sealed.
type Receipt struct {
	ID        string
	Deposit   string // the deposit's id
	MediaType string
	SHA256    string // hexadecimal, of the picture
	Image     []byte // sealed
	Numbers   []byte // sealed JSON: attempt to registered number
	At        time.Time
	Source    string   // hexadecimal SHA-256 of the file that the picture was made from
	Proven    []string // attempts whose numbers it shows
}

// AddReceipt keeps a receipt, the numbers that letters got by it, and its message.
func (s *Store) AddReceipt(ctx context.Context, r Receipt, labels []Label, messages ...Message) error {
	k, done, err := s.hold(ctx)
	if err != nil {
		return fmt.Errorf("keep a receipt: %w", err)
	}
	defer done()
	key, picture, err := k.wrapLarge(pictureField(r.ID), r.Image)
	if err != nil {
		return fmt.Errorf("keep a receipt: %w", err)
	}
	return s.transact(ctx, "keep a receipt", func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO receipts (id, deposit, media_type, sha256, image_key, sealed_numbers, at, source)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
			r.ID, r.Deposit, r.MediaType, r.SHA256, key, k.wrap(numbersField(r.ID), r.Numbers), stamp(r.At), r.Source)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "INSERT INTO pictures (receipt, sealed) VALUES (?, ?)", r.ID, picture); err != nil {
			return err
		}
		for _, attempt := range r.Proven {
			if _, err := tx.ExecContext(ctx, "INSERT INTO proofs (receipt, attempt) VALUES (?, ?)", r.ID, attempt); err != nil {
				return err
			}
		}
		for _, l := range labels {
			if err := stick(ctx, tx, k, l); err != nil {
				return err
			}
		}
		return post(ctx, tx, messages)
	})
}

// ReceiptByID returns one receipt, without what it proves. Its picture and its
// numbers are empty once they are forgotten.
func (s *Store) ReceiptByID(ctx context.Context, id string) (Receipt, error) {
	k, done := s.look(ctx)
	defer done()
	r := Receipt{ID: id}
	var key, picture, numbers []byte
	err := s.db.QueryRowContext(ctx, `SELECT deposit, media_type, sha256, image_key, coalesce(sealed, x''), sealed_numbers, at, source
		FROM receipts LEFT JOIN pictures ON receipt = id WHERE id = ?`, id).
		Scan(&r.Deposit, &r.MediaType, &r.SHA256, &key, &picture, &numbers, millis{&r.At}, &r.Source)
	if err != nil {
		return r, fmt.Errorf("find receipt %s: %w", id, explain(err))
	}
	if r.Image, err = k.unwrapLarge(pictureField(id), key, picture); err != nil {
		return r, fmt.Errorf("open the picture of receipt %s: %w", id, err)
	}
	if r.Numbers, err = k.unwrap(numbersField(id), numbers); err != nil {
		return r, fmt.Errorf("open the numbers of receipt %s: %w", id, err)
	}
	return r, nil
}

// Proven lists the attempts of a deposit whose numbers are on its receipts.
func (s *Store) Proven(ctx context.Context, deposit string) ([]string, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT DISTINCT f.attempt FROM proofs f JOIN receipts r ON r.id = f.receipt
		WHERE r.deposit = ? ORDER BY f.attempt`, deposit)
	if err != nil {
		return nil, fmt.Errorf("list what is proven: %w", explain(err))
	}
	return collect(rows, func(c *string) []any { return []any{c} })
}

// ReceiptsFrom returns the receipts that were made from a file, by its SHA-256 in
// hexadecimal, and whether central has acknowledged them all.
func (s *Store) ReceiptsFrom(ctx context.Context, source string) (ids []string, told bool, err error) {
	rows, err := s.db.QueryContext(ctx, "SELECT id FROM receipts WHERE source = ? ORDER BY rowid", source)
	if err != nil {
		return nil, false, fmt.Errorf("look for the receipts of a file: %w", explain(err))
	}
	if ids, err = collect(rows, func(id *string) []any { return []any{id} }); err != nil || len(ids) == 0 {
		return ids, false, err
	}
	var unsent int
	err = s.db.QueryRowContext(ctx, "SELECT count(*) FROM outbox o JOIN receipts r ON r.id = o.id WHERE r.source = ?", source).Scan(&unsent)
	if err != nil {
		return ids, false, fmt.Errorf("look for the receipts of a file: %w", explain(err))
	}
	return ids, unsent == 0, nil
}

// Label is the registered number that a letter got from a label, sealed.
type Label struct {
	Job    string
	Number []byte
	At     time.Time
}

// Stick gives a letter the number of a label, or that of another label. A number
// that central gave stays: then it is [ErrState].
func (s *Store) Stick(ctx context.Context, l Label) error {
	k, done, err := s.hold(ctx)
	if err != nil {
		return fmt.Errorf("give job %s a number: %w", l.Job, err)
	}
	defer done()
	return s.transact(ctx, "give job "+l.Job+" a number", func(tx *sql.Tx) error { return stick(ctx, tx, k, l) })
}

func stick(ctx context.Context, tx *sql.Tx, k eraKey, l Label) error {
	r, err := tx.ExecContext(ctx, `UPDATE jobs SET sealed_tracking = ?1 WHERE id = ?2
		AND (sealed_tracking IS NULL OR EXISTS (SELECT 1 FROM labels WHERE job = ?2))`, k.wrap(numberField(l.Job), l.Number), l.Job)
	if err != nil {
		return err
	}
	if n, err := r.RowsAffected(); err != nil || n != 1 {
		return fmt.Errorf("%w: it has a number of central's", ErrState)
	}
	_, err = tx.ExecContext(ctx, "INSERT INTO labels (job, at) VALUES (?, ?) ON CONFLICT (job) DO UPDATE SET at = excluded.at", l.Job, stamp(l.At))
	return err
}

// Labelled tells whether a letter's number is that of a label.
func (s *Store) Labelled(ctx context.Context, job string) (bool, error) {
	var n int
	if err := s.db.QueryRowContext(ctx, "SELECT count(*) FROM labels WHERE job = ?", job).Scan(&n); err != nil {
		return false, fmt.Errorf("look for the label of job %s: %w", job, explain(err))
	}
	return n > 0, nil
}
