package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Kept is a letter that has come to its end, DROPPED or HELD, and of which the
// station still has keys, personal fields or the document.
type Kept struct {
	Job      string
	State    State
	Hold     string
	Paper    bool // sheets of it may exist
	Proof    bool // it has a registered number, must have one, or is kept as if it had
	CutOff   time.Time
	Deposit  string    // the id of the deposit it is in, "" for none
	Dated    time.Time // since when it is kept, zero while that is not known
	Receipts int       // of its deposit
	Untold   int       // messages about it, its deposit and its receipts, and orders, that central has not acknowledged
}

// kept are those letters.
const kept = `WITH told AS MATERIALIZED (SELECT CAST(json_extract(CAST(body AS TEXT), '$.job') AS TEXT) AS job, count(*) AS n
		FROM outbox WHERE kind = ?4 AND json_valid(CAST(body AS TEXT)) GROUP BY 1)
	SELECT j.id, j.state, j.hold, j.paper, j.proof OR j.longer OR j.product = ?1 OR j.sealed_tracking IS NOT NULL, j.cut_off,
	coalesce(d.id, ''), coalesce(d.dated, 0),
	(SELECT count(*) FROM receipts r WHERE r.deposit = d.id),
	coalesce(told.n, 0) + (SELECT count(*) FROM outbox o WHERE o.id = d.id)
		+ (SELECT count(*) FROM receipts r JOIN outbox o ON o.id = r.id WHERE r.deposit = d.id)
		+ (SELECT count(*) FROM orders o WHERE o.job = j.id AND o.done = '')
	FROM jobs j INDEXED BY jobs_listed LEFT JOIN pieces p ON p.attempt = j.attempt LEFT JOIN deposits d ON d.id = p.deposit
	LEFT JOIN told ON told.job = j.id
	WHERE ` + listed + ` AND j.state IN (?2, ?3) AND NOT ` + forgotten + ` ORDER BY j.cut_off, j.id`

const forgotten = `(j.wrapped_key = x'' AND j.sealed_details = x'' AND j.sealed_tracking IS NULL)`

// Kept lists those letters. registered is the product whose letters are proofs.
func (s *Store) Kept(ctx context.Context, registered string) ([]Kept, error) {
	rows, err := s.db.QueryContext(ctx, kept, registered, Dropped, Held, EventMessage)
	if err != nil {
		return nil, fmt.Errorf("list what is kept: %w", explain(err))
	}
	return collect(rows, func(k *Kept) []any {
		return []any{&k.Job, &k.State, &k.Hold, &k.Paper, &k.Proof, millis{&k.CutOff}, &k.Deposit, millis{&k.Dated}, &k.Receipts, &k.Untold}
	})
}

// clockSkew is how far apart two clocks that are right may be.
const clockSkew = 5 * time.Minute

// DateDeposits says of deposits that central has acknowledged since when their
// letters are kept: since they were closed. Where the clock was behind what had
// been seen before, so that nobody knows when that was, it is since now, which is
// later. It is never later than now.
func (s *Store) DateDeposits(ctx context.Context, now time.Time) error {
	_, err := s.db.ExecContext(ctx, `UPDATE deposits SET dated = CASE WHEN closed < seen - ?2 THEN ?1 ELSE min(max(closed, seen), ?1) END
		WHERE dated = 0 AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.id = deposits.id)`, stamp(now), clockSkew.Milliseconds())
	if err != nil {
		return fmt.Errorf("date deposits: %w", explain(err))
	}
	return nil
}

// Forget deletes the keys, the personal fields and the document of a letter that
// has come to its end, and the key of its claim with the last of its letters. A
// letter that is wanted again meanwhile stays: ErrState. A raise must follow, and
// EmptyLog.
func (s *Store) Forget(ctx context.Context, k Kept) error {
	return s.transact(ctx, "forget job "+k.Job, func(tx *sql.Tx) error {
		r, err := tx.ExecContext(ctx, `UPDATE jobs SET wrapped_key = x'', sealed_details = x'', sealed_tracking = NULL
			WHERE id = ? AND state = ? AND hold = ? AND paper = ?`, k.Job, k.State, k.Hold, k.Paper)
		if err := exactlyOne(r, err); err != nil {
			return errors.Join(ErrState, err)
		}
		_, err = tx.ExecContext(ctx, `UPDATE claims SET sealed_key = NULL WHERE fetched = 1 AND sealed_key IS NOT NULL
			AND NOT EXISTS (SELECT 1 FROM jobs WHERE claim = claims.id AND wrapped_key <> x'')`)
		if err != nil {
			return err
		}
		if err := unraised(ctx, tx); err != nil {
			return err
		}
		// Within the transaction: nobody can bring the letter back in between.
		return s.removeDocument(k.Job)
	})
}

// removeDocument removes what there is of a document, and makes that durable.
func (s *Store) removeDocument(job string) error {
	for _, path := range []string{s.DocumentPath(job), s.DocumentPath(job) + ".part"} {
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return syncDir(s.documents())
}

// KeptProof is a deposit of which the station has the slip and receipts' pictures.
type KeptProof struct {
	Deposit string
	Dated   time.Time
	Letters int  // in it of which something is kept
	Longest bool // any of its letters is a proof
	Untold  int  // receipts that central has not acknowledged
}

// KeptProofs lists them, oldest first.
func (s *Store) KeptProofs(ctx context.Context, registered string) ([]KeptProof, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT d.id, d.dated,
		(SELECT count(*) FROM pieces p JOIN attempts a ON a.code = p.attempt JOIN jobs j ON j.id = a.job
			WHERE p.deposit = d.id AND NOT `+forgotten+`),
		EXISTS (SELECT 1 FROM pieces p JOIN attempts a ON a.code = p.attempt JOIN jobs j ON j.id = a.job
			WHERE p.deposit = d.id AND (j.proof OR j.longer OR j.product = ? OR j.sealed_tracking IS NOT NULL)),
		(SELECT count(*) FROM receipts r JOIN outbox o ON o.id = r.id WHERE r.deposit = d.id)
		FROM deposits d WHERE d.slip_key <> x'' OR EXISTS (SELECT 1 FROM receipts r WHERE r.deposit = d.id AND r.image_key <> x'')
		ORDER BY d.closed, d.id`, registered)
	if err != nil {
		return nil, fmt.Errorf("list the proofs that are kept: %w", explain(err))
	}
	return collect(rows, func(k *KeptProof) []any {
		return []any{&k.Deposit, millis{&k.Dated}, &k.Letters, &k.Longest, &k.Untold}
	})
}

// ForgetProof deletes a deposit's slip and the pictures and numbers of its
// receipts. A raise must follow, and EmptyLog.
func (s *Store) ForgetProof(ctx context.Context, deposit string) error {
	return s.transact(ctx, "forget the proof of deposit "+deposit, func(tx *sql.Tx) error {
		for _, q := range []string{
			"UPDATE receipts SET image_key = x'', sealed_numbers = x'' WHERE deposit = ?",
			"DELETE FROM pictures WHERE receipt IN (SELECT id FROM receipts WHERE deposit = ?)",
			"UPDATE deposits SET slip_key = x'' WHERE id = ?",
			"DELETE FROM slips WHERE deposit = ?",
		} {
			if _, err := tx.ExecContext(ctx, q, deposit); err != nil {
				return err
			}
		}
		return unraised(ctx, tx)
	})
}

// SweepDocuments removes documents that belong to no letter, or to one that is
// forgotten: what a crash left of them. While a claim is being fetched a document
// may come before its letter, and nothing is swept.
func (s *Store) SweepDocuments(ctx context.Context) error {
	files, err := os.ReadDir(s.documents())
	if err != nil {
		return fmt.Errorf("sweep the documents: %w", err)
	}
	var fetching bool // asked after the list was made, so that nothing in it is news
	if err := s.db.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM claims WHERE fetched = 0)").Scan(&fetching); err != nil || fetching {
		return explain(err)
	}
	for _, f := range files {
		job := strings.TrimSuffix(strings.TrimSuffix(f.Name(), ".part"), ".sealed")
		var needed bool
		err := s.db.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM jobs WHERE id = ? AND wrapped_key <> x'')", job).Scan(&needed)
		if err == nil && !needed {
			err = os.Remove(filepath.Join(s.documents(), f.Name()))
		}
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("sweep the documents: %w", explain(err))
		}
	}
	return nil
}

// EmptyLog folds the write-ahead log into the database and cuts it to nothing:
// old pages in it hold what was deleted.
func (s *Store) EmptyLog(ctx context.Context) error { return s.checkpoint(ctx) }
