package store

import (
	"context"
	"database/sql"
)

// Message returns what is in the outbox under an id, [ErrNotFound] when it is not
// there any more.
func (s *Store) Message(ctx context.Context, id string) (Message, error) {
	m := Message{ID: id}
	err := s.db.QueryRowContext(ctx, "SELECT seq, kind, body FROM outbox WHERE id = ?", id).Scan(&m.Seq, &m.Kind, &m.Body)
	if err != nil {
		return m, explain(err)
	}
	return m, nil
}

// Withdraw takes a piece out of a closed deposit that central refused, and of
// which it therefore knows nothing: DROPPED becomes ENVELOPED again. report is
// what central is told of the deposit from now on, under the same id; nil when no
// piece is left, and then it is told nothing.
func (s *Store) Withdraw(ctx context.Context, r Return, m Move, report []byte) error {
	return s.transact(ctx, "withdraw attempt "+r.Attempt, func(tx *sql.Tx) error {
		if err := exactlyOne(tx.ExecContext(ctx, "DELETE FROM pieces WHERE attempt = ? AND deposit = ?", r.Attempt, r.Deposit)); err != nil {
			return err
		}
		var err error
		if report == nil {
			err = exactlyOne(tx.ExecContext(ctx, "DELETE FROM outbox WHERE id = ?", r.Deposit))
		} else {
			err = exactlyOne(tx.ExecContext(ctx, "UPDATE outbox SET body = ? WHERE id = ?", report, r.Deposit))
		}
		if err != nil {
			return err
		}
		return takeOut(ctx, tx, r, m)
	})
}
