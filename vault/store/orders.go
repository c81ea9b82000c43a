package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"time"
)

// ErrOrdered is returned for a letter that central wants back.
var ErrOrdered = errors.New("an order about the job is open")

// Order is what central asked for about a job.
type Order struct {
	ID      string
	Job     string
	Kind    string
	At      time.Time // by central's clock
	Outcome string    // what came of it, "" while it is open
	Told    bool      // the report of that is not in the outbox any more
	New     bool      // it was not here before
}

// OrderNews tells whether TakeOrder would keep an order that is not here yet, so
// that it can be journaled first.
func (s *Store) OrderNews(ctx context.Context, o Order) (bool, error) {
	var news bool
	err := s.db.QueryRowContext(ctx, `SELECT NOT EXISTS (SELECT 1 FROM orders WHERE id = ?1)
		AND (EXISTS (SELECT 1 FROM jobs WHERE id = ?2) OR NOT EXISTS (SELECT 1 FROM claims WHERE fetched = 0))`, o.ID, o.Job).Scan(&news)
	if err != nil {
		return false, fmt.Errorf("look for order %s: %w", o.ID, explain(err))
	}
	return news, nil
}

// TakeOrder keeps an order, once, and returns it as it stands: what was told
// before may be done. A letter that is not here gets no row as long as a claim
// is being fetched: it may be in it. Then ok is false.
func (s *Store) TakeOrder(ctx context.Context, o Order) (kept Order, ok bool, err error) {
	err = s.transact(ctx, "keep order "+o.ID, func(tx *sql.Tx) error {
		added, err := tx.ExecContext(ctx, `INSERT INTO orders (id, job, kind, at) SELECT ?1, ?2, ?3, ?4
			WHERE EXISTS (SELECT 1 FROM jobs WHERE id = ?2) OR NOT EXISTS (SELECT 1 FROM claims WHERE fetched = 0)
			ON CONFLICT (id) DO NOTHING`, o.ID, o.Job, o.Kind, stamp(o.At))
		if err != nil {
			return err
		}
		row := tx.QueryRowContext(ctx, `SELECT id, job, kind, at, done,
			NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.id = orders.message) FROM orders WHERE id = ?`, o.ID)
		err = row.Scan(orderFields(&kept)...)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		n, err := added.RowsAffected()
		ok, kept.New = err == nil, n == 1
		return err
	})
	return kept, ok, err
}

func orderFields(o *Order) []any {
	return []any{&o.ID, &o.Job, &o.Kind, millis{&o.At}, &o.Outcome, &o.Told}
}

// OpenOrders returns the orders about a job that are not carried out, oldest first.
func (s *Store) OpenOrders(ctx context.Context, job string) ([]Order, error) {
	rows, err := s.db.QueryContext(ctx, "SELECT id, job, kind, at, done, 0 FROM orders WHERE job = ? AND done = '' ORDER BY at, id", job)
	if err != nil {
		return nil, fmt.Errorf("list the orders about job %s: %w", job, explain(err))
	}
	return collect(rows, orderFields)
}

// FinishOrder says what came of an order that moves no letter, and reports it.
func (s *Store) FinishOrder(ctx context.Context, d Done, m Message) error {
	return s.transact(ctx, "finish order "+d.Order, func(tx *sql.Tx) error {
		if err := carriedOut(ctx, tx, []Done{d}); err != nil {
			return err
		}
		return post(ctx, tx, []Message{m})
	})
}

// Erase deletes what could open a letter, and its personal fields: its document,
// the document's key and the details. The registered number goes too, unless the
// letter is in a closed deposit, whose proof it is. Erasing twice is fine. It needs
// no TPM; see Erased for the raise that must follow.
func (s *Store) Erase(ctx context.Context, job string) error {
	var news bool
	err := s.transact(ctx, "erase job "+job, func(tx *sql.Tx) error {
		r, err := tx.ExecContext(ctx, `UPDATE jobs SET wrapped_key = x'', sealed_details = x'',
			sealed_tracking = CASE state WHEN ?1 THEN sealed_tracking END
			WHERE id = ?2 AND (wrapped_key <> x'' OR sealed_details <> x'' OR sealed_tracking IS NOT NULL AND state <> ?1)`, Dropped, job)
		if err != nil {
			return err
		}
		n, err := r.RowsAffected()
		if news = n > 0; err != nil || !news {
			return err
		}
		return unraised(ctx, tx)
	})
	if err != nil {
		return err
	}
	if news {
		defer s.tellErased()
	}
	if err := os.Remove(s.DocumentPath(job)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("erase the document of job %s: %w", job, err)
	}
	return s.checkpoint(ctx)
}

func (s *Store) tellErased() {
	select {
	case s.erased <- struct{}{}:
	default: // it was told already
	}
}

// checkpoint empties the write-ahead log, which holds old pages: what was
// deleted must not be there either.
func (s *Store) checkpoint(ctx context.Context) error {
	var busy, frames, moved int
	err := s.db.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &frames, &moved)
	if err == nil && busy != 0 {
		err = errors.New("another program reads it")
	}
	if err != nil {
		return fmt.Errorf("empty the store's write-ahead log: %w", explain(err))
	}
	return nil
}
