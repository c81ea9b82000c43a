package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// Metadata counts the letters of which nothing but metadata is left, by when they
// ended: dropped off, or their cut-off.
func (s *Store) Metadata(ctx context.Context) (map[time.Time]int, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT `+ended+` / 86400000 * 86400000 AS day, count(*)
		FROM jobs j LEFT JOIN pieces p ON p.attempt = j.attempt LEFT JOIN deposits d ON d.id = p.deposit
		WHERE j.state IN (?, ?) AND `+forgotten+` AND `+ended+` > 0 GROUP BY day`, Dropped, Held)
	if err != nil {
		return nil, fmt.Errorf("count metadata: %w", explain(err))
	}
	type count struct {
		day time.Time
		n   int
	}
	counts, err := collect(rows, func(c *count) []any { return []any{millis{&c.day}, &c.n} })
	days := map[time.Time]int{}
	for _, c := range counts {
		days[c.day] = c.n
	}
	return days, err
}

const ended = `CASE WHEN d.id IS NULL THEN j.cut_off ELSE d.dated END`

// Expunge deletes the metadata of letters that ended before a time and of which
// nothing else is left, and the deposits that had no other. It returns the number
// of letters. EmptyLog must follow.
func (s *Store) Expunge(ctx context.Context, before time.Time) (letters int64, err error) {
	err = s.transact(ctx, "delete old metadata", func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `CREATE TEMP TABLE old AS SELECT j.id AS job FROM jobs j
			LEFT JOIN pieces p ON p.attempt = j.attempt LEFT JOIN deposits d ON d.id = p.deposit
			WHERE j.state IN (?, ?) AND `+forgotten+` AND `+ended+` > 0 AND `+ended+` < ?`, Dropped, Held, stamp(before))
		if err != nil {
			return err
		}
		if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM old").Scan(&letters); err != nil {
			return err
		}
		if err := each(ctx, tx, oldLetters()); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `CREATE TEMP TABLE emptied AS SELECT id FROM deposits WHERE dated > 0 AND dated < ?
			AND slip_key = x'' AND id NOT IN (SELECT deposit FROM pieces)`, stamp(before))
		if err != nil {
			return err
		}
		// Of letters that were never here.
		_, err = tx.ExecContext(ctx, "DELETE FROM orders WHERE at < ? AND done <> '' AND job NOT IN (SELECT id FROM jobs)", stamp(before))
		if err != nil {
			return err
		}
		return each(ctx, tx, emptiedDeposits())
	})
	return letters, err
}

func each(ctx context.Context, tx *sql.Tx, statements []string) error {
	for _, s := range statements {
		if _, err := tx.ExecContext(ctx, s); err != nil {
			return fmt.Errorf("%.40s: %w", s, err)
		}
	}
	return nil
}

// oldLetters deletes the letters in old, in the order in which rows point at each
// other. A label goes with its letter.
func oldLetters() []string {
	const attempts = "(SELECT code FROM attempts WHERE job IN (SELECT job FROM old))"
	return []string{
		"DELETE FROM pieces WHERE attempt IN " + attempts,
		"DELETE FROM proofs WHERE attempt IN " + attempts,
		"DELETE FROM returns WHERE attempt IN " + attempts,
		"DELETE FROM attempts WHERE job IN (SELECT job FROM old)",
		"DELETE FROM orders WHERE job IN (SELECT job FROM old)",
		"DELETE FROM jobs WHERE id IN (SELECT job FROM old)",
		"DELETE FROM claims WHERE fetched = 1 AND NOT EXISTS (SELECT 1 FROM jobs WHERE claim = claims.id)",
		"DROP TABLE old",
	}
}

// emptiedDeposits deletes the deposits in emptied. Proofs go with their receipts.
func emptiedDeposits() []string {
	return []string{
		"DELETE FROM receipts WHERE deposit IN (SELECT id FROM emptied)",
		"DELETE FROM returns WHERE deposit IN (SELECT id FROM emptied)",
		"DELETE FROM deposits WHERE id IN (SELECT id FROM emptied)",
		"DROP TABLE emptied",
	}
}
