package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// StartOver gives up every sealed value, which ErrEra says are lost, and begins an
// era in which the store works on. Letters of which nothing is on paper are HELD
// for that reason, so that central leases them anew when their lease ends; those
// on paper go their way. It returns how many are held. While the values can be
// opened it changes nothing.
func (s *Store) StartOver(ctx context.Context, hold string) (letters int64, err error) {
	s.era.turning.Lock()
	defer s.era.turning.Unlock()
	if _, err := s.settle(ctx); !errors.Is(err, ErrEra) {
		return 0, err
	}
	now, err := s.era.tpm.Counter()
	if err != nil {
		return 0, fmt.Errorf("start over: %w: %w", ErrNoEra, err)
	}
	key, sealed, err := s.newEra(now)
	if err != nil {
		return 0, fmt.Errorf("start over: %w", err)
	}
	err = s.transact(ctx, "start over", func(tx *sql.Tx) error {
		r, err := tx.ExecContext(ctx, `UPDATE jobs SET state = ?1, hold = ?2 WHERE wrapped_key <> x''
			AND (state IN (?3, ?4, ?5) OR state = ?1 AND paper = 0)`, Held, hold, Ready, Intent, Created)
		if err != nil {
			return err
		}
		if letters, err = r.RowsAffected(); err != nil {
			return err
		}
		if err := each(ctx, tx, giveUp()); err != nil {
			return err
		}
		return insertEra(ctx, tx, now, sealed)
	})
	if err != nil {
		key.Destroy()
		return 0, err
	}
	s.setEra(key)
	return letters, s.checkpoint(ctx)
}

// Lost are the letters that StartOver held for a reason, by the claims that have
// not run out: what central can lease anew.
func (s *Store) Lost(ctx context.Context, hold string, now time.Time) ([]LostLetter, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT c.id, c.token, j.id FROM jobs j JOIN claims c ON c.id = j.claim
		WHERE j.state = ? AND j.hold = ? AND j.paper = 0 AND j.wrapped_key = x'' AND c.sealed_key IS NULL AND c.expires > ?
		ORDER BY c.id, j.id`, Held, hold, stamp(now))
	if err != nil {
		return nil, fmt.Errorf("list lost letters: %w", explain(err))
	}
	return collect(rows, func(l *LostLetter) []any { return []any{&l.Claim, &l.Token, &l.Job} })
}

// LostLetter is a letter of a claim.
type LostLetter struct {
	Claim string
	Token int64 // fencing token
	Job   string
}

// giveUp empties what is under an era.
func giveUp() []string {
	all := []string{"DELETE FROM pictures", "DELETE FROM slips", "DELETE FROM eras"}
	for _, c := range columns() {
		all = append(all, "UPDATE "+c.table+" SET "+c.name+" = "+c.gone+" WHERE "+c.living)
	}
	return all
}
