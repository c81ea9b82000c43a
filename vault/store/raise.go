package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"espero-soft.com/printroom/vault/memory"
)

// Raise begins a new era, and ends the one that was: what was forgotten or erased
// until now can't be opened any more out of any copy of the data folder, nor out
// of what a disk keeps of deleted blocks. What lives is wrapped anew.
//
// Its steps, and what a stop after each leaves, with the counter at g:
//
//	the next key is sealed to g+1      nothing is written yet
//	one transaction: all that lives is wrapped under that key, and its sealed
//	form is kept beside the old one    the next start raises the counter first,
//	                                   then opens g+1's key: until then neither
//	                                   it nor, as nothing is under it any more,
//	                                   g's would open anything
//	the counter is raised              the next start opens g+1's key
//	the old sealed key is dropped, the write-ahead log emptied
//
// The counter is raised by one, only from the value before an era that is
// committed, and only after it was read: an increment whose answer was lost is
// not done twice. Without the TPM the error is ErrNoEra and nothing is lost: what
// was forgotten is deleted all the same, and Unraised counts it until a raise.
func (s *Store) Raise(ctx context.Context) error {
	s.era.turning.Lock()
	defer s.era.turning.Unlock()
	if _, err := s.settle(ctx); err != nil {
		return fmt.Errorf("raise the era: %w", err)
	}
	return s.raise(ctx)
}

// RaiseIfDue raises the era if anything was forgotten since the last time, or if
// its key is in memory alone. It finishes a raise that was interrupted. A TPM that
// is away is no error while nothing is due.
func (s *Store) RaiseIfDue(ctx context.Context) error {
	s.era.turning.Lock()
	defer s.era.turning.Unlock()
	adrift, err := s.settle(ctx)
	due, derr := s.Unraised(ctx)
	switch {
	case errors.Is(err, ErrNoEra) && derr == nil && due == 0:
		return nil
	case err != nil || derr != nil:
		return fmt.Errorf("raise the era: %w", errors.Join(err, derr))
	case due == 0 && !adrift:
		return nil
	}
	return s.raise(ctx)
}

// Unraised counts what was forgotten since the last raise: a copy of the data
// folder from before that still opens it, on this machine.
func (s *Store) Unraised(ctx context.Context) (int, error) {
	var n int
	if err := s.db.QueryRowContext(ctx, "SELECT deletions FROM unraised").Scan(&n); err != nil {
		return 0, fmt.Errorf("count what was forgotten: %w", explain(err))
	}
	return n, nil
}

// unraised counts a deletion that a raise makes final.
func unraised(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, "UPDATE unraised SET deletions = deletions + 1")
	return err
}

// Erased holds a value when something was erased at central's order, for whoever
// raises the era at once. It has one reader.
func (s *Store) Erased() <-chan struct{} { return s.erased }

// raise does it when the eras are at rest. Callers hold turning.
func (s *Store) raise(ctx context.Context) error {
	now, err := s.era.tpm.Counter()
	if err != nil {
		return fmt.Errorf("raise the era: %w: %w", ErrNoEra, err)
	}
	key, sealed, err := s.newEra(now + 1)
	if err != nil {
		return fmt.Errorf("raise the era: %w", err)
	}
	s.step("sealed")
	if err := s.turn(ctx, key, now+1, sealed); err != nil {
		return err
	}
	s.step("committed")
	if _, err := s.settle(ctx); err != nil {
		return fmt.Errorf("raise the era: %w", err)
	}
	return nil
}

// turn wraps everything that lives under another key, keeps that, and goes on
// with it.
func (s *Store) turn(ctx context.Context, key *memory.Buffer, generation uint64, sealed []byte) error {
	s.era.mu.Lock()
	defer s.era.mu.Unlock()
	from, err := newEraKey(s.era.key)
	if err != nil {
		return err
	}
	to, err := newEraKey(key)
	if err != nil {
		return err
	}
	err = s.transact(ctx, "raise the era", func(tx *sql.Tx) error {
		if err := insertEra(ctx, tx, generation, sealed); err != nil {
			return err
		}
		for _, c := range columns() {
			if err := rewrap(ctx, tx, c, from, to); err != nil {
				return fmt.Errorf("wrap %s.%s anew: %w", c.table, c.name, err)
			}
		}
		s.step("wrapped")
		return nil
	})
	if err != nil {
		kept, kerr := s.eraKept(ctx, sealed)
		if kerr != nil { // which of the two keys is right is read at the next use
			s.era.key.Destroy()
			s.era.key = nil
		}
		if !kept {
			key.Destroy()
			return errors.Join(err, kerr)
		}
	}
	s.era.key.Destroy()
	s.era.key = key
	return nil
}

// eraKept tells whether an era is in the database, also after a commit that
// answered with an error.
func (s *Store) eraKept(ctx context.Context, sealed []byte) (kept bool, err error) {
	ctx = context.WithoutCancel(ctx)
	err = s.db.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM eras WHERE sealed = ?)", sealed).Scan(&kept)
	return kept, explain(err)
}

// rewrap wraps a column anew. The values keep their length, so that each is
// written over the one before. One that was changed opens under no key: it is
// left as it is, and whoever reads it is told.
func rewrap(ctx context.Context, tx *sql.Tx, c column, from, to eraKey) (err error) {
	type value struct {
		row    string
		sealed []byte
	}
	rows, err := tx.QueryContext(ctx, "SELECT "+c.row+", "+c.name+" FROM "+c.table+" WHERE "+c.living)
	if err != nil {
		return err
	}
	values, err := collect(rows, func(v *value) []any { return []any{&v.row, &v.sealed} })
	if err != nil || len(values) == 0 {
		return err
	}
	update, err := tx.PrepareContext(ctx, "UPDATE "+c.table+" SET "+c.name+" = ? WHERE "+c.row+" = ?")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, update.Close()) }()
	for _, v := range values {
		inner, oerr := from.unwrap(c.field(v.row), v.sealed)
		if oerr != nil {
			continue
		}
		_, err = update.ExecContext(ctx, to.wrap(c.field(v.row), inner), v.row)
		memory.Wipe(inner)
		if err != nil {
			return err
		}
	}
	return err
}
