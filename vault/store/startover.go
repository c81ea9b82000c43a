package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
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

// giveUp empties what is under an era.
func giveUp() []string {
	all := []string{"DELETE FROM pictures", "DELETE FROM slips", "DELETE FROM eras"}
	for _, c := range columns() {
		all = append(all, "UPDATE "+c.table+" SET "+c.name+" = "+c.gone+" WHERE "+c.living)
	}
	return all
}
