package central

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"espero-soft.com/printroom/sync/wire"
)

func (c *Central) serveRenew(ctx context.Context, q *request) (answer, error) {
	var r wire.RenewalRequest
	if err := c.contract.decode("renew", q.body, &r); err != nil {
		return answer{}, err
	}
	body := map[string]any{"claim": q.id, "renewal": r}
	return c.once(ctx, write{q.station, "renew", r.ID, body}, func(tx *sql.Tx) (int, any, error) {
		a, err := c.renew(ctx, tx, q.station, q.id, r.FencingToken)
		return 200, a, err
	})
}

// ownClaim refuses a claim that is not the station's, or not with this token.
func ownClaim(ctx context.Context, tx *sql.Tx, s station, claim wire.UUID, token int64) error {
	var owner string
	var fencing int64
	err := tx.QueryRowContext(ctx, `SELECT station, fencing FROM claims WHERE id = ?`, claim).Scan(&owner, &fencing)
	if errors.Is(err, sql.ErrNoRows) || (err == nil && owner != s.id) {
		return wire.NewProblem(wire.ProblemNotFound, "no such claim")
	}
	if err != nil {
		return fmt.Errorf("look up claim: %w", err)
	}
	if fencing != token {
		return wire.NewProblem(wire.ProblemStaleFencingToken, "not this claim's token")
	}
	return nil
}

func (c *Central) renew(ctx context.Context, tx *sql.Tx, s station, claim wire.UUID, token int64) (wire.Renewal, error) {
	a := wire.Renewal{ExpiresAt: c.now().Add(c.config.Lease).Truncate(time.Microsecond)}
	err := ownClaim(ctx, tx, s, claim, token)
	if err != nil {
		return a, err
	}
	if a.Jobs, err = texts(ctx, tx, `SELECT id FROM jobs WHERE claim = ? AND state IN ('ready', 'paper', 'held') ORDER BY id`, claim); err != nil {
		return a, fmt.Errorf("look up jobs: %w", err)
	}
	if a.Cancelled, err = texts(ctx, tx, `SELECT id FROM jobs WHERE claim = ? AND state = 'cancelled' ORDER BY id`, claim); err != nil {
		return a, fmt.Errorf("look up jobs: %w", err)
	}
	if len(a.Jobs) == 0 {
		p := wire.NewProblem(wire.ProblemLeaseLost, "")
		p.Jobs = a.Cancelled
		return a, p
	}
	_, err = exec(ctx, tx, `UPDATE claims SET expires_at = ? WHERE id = ?`, micros(a.ExpiresAt), claim)
	return a, err
}

func (c *Central) serveRelease(ctx context.Context, q *request) (answer, error) {
	var r wire.ReleaseRequest
	if err := c.contract.decode("release", q.body, &r); err != nil {
		return answer{}, err
	}
	body := map[string]any{"claim": q.id, "release": r}
	return c.once(ctx, write{q.station, "release", r.ID, body}, func(tx *sql.Tx) (int, any, error) {
		err := release(ctx, tx, q.station, q.id, r)
		return 200, wire.Release{Jobs: r.Jobs}, err
	})
}

func release(ctx context.Context, tx *sql.Tx, s station, claim wire.UUID, r wire.ReleaseRequest) error {
	if err := ownClaim(ctx, tx, s, claim, r.FencingToken); err != nil {
		return err
	}
	for _, id := range r.Jobs {
		n, err := exec(ctx, tx, `UPDATE jobs SET claim = NULL WHERE id = ? AND claim = ? AND state IN ('ready', 'cancelled')`, id, claim)
		if err != nil {
			return fmt.Errorf("release job: %w", err)
		}
		if n == 1 {
			continue
		}
		var state string
		err = tx.QueryRowContext(ctx, `SELECT state FROM jobs WHERE id = ? AND claim = ?`, id, claim).Scan(&state)
		if errors.Is(err, sql.ErrNoRows) {
			return withJob(wire.ProblemLeaseLost, id)
		}
		if err != nil {
			return fmt.Errorf("look up job: %w", err)
		}
		return withJob(wire.ProblemJobOnPaper, id)
	}
	return nil
}

func withJob(t wire.ProblemType, job wire.UUID) *wire.Problem {
	p := wire.NewProblem(t, "")
	p.Jobs = []wire.UUID{job}
	return p
}
