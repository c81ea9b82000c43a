package central

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"espero-soft.com/printroom/sync/wire"
)

func (c *Central) serveDeposit(ctx context.Context, q *request) (answer, error) {
	var r wire.DepositRequest
	if err := c.contract.decode("deposit", q.body, &r); err != nil {
		return answer{}, err
	}
	return c.once(ctx, write{q.station, "deposit", q.id, r}, func(tx *sql.Tx) (int, any, error) {
		err := c.deposit(ctx, tx, q.station, q.id, r)
		return 201, wire.Deposit{ID: q.id, Pieces: len(r.Attempts)}, err
	})
}

// deposit closes a deposit: all its attempts, or none.
func (c *Central) deposit(ctx context.Context, tx *sql.Tx, s station, id wire.UUID, r wire.DepositRequest) error {
	jobs, err := depositable(ctx, tx, s, r.Attempts)
	if err != nil {
		return err
	}
	n, err := exec(ctx, tx, `INSERT INTO deposits (id, station, closed_at, slip, received_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
		id, s.id, micros(r.ClosedAt), r.SlipSHA256, micros(c.now()))
	if err != nil {
		return fmt.Errorf("keep deposit: %w", err)
	}
	if n == 0 {
		return wire.NewProblem(wire.ProblemIDReused, "")
	}
	for i, code := range r.Attempts {
		if _, err := exec(ctx, tx, `INSERT INTO pieces (attempt, job, deposit) VALUES (?, ?, ?)`, code, jobs[i], id); err != nil {
			return fmt.Errorf("keep piece: %w", err)
		}
		if _, err := exec(ctx, tx, `UPDATE attempts SET state = 'dropped' WHERE code = ?`, code); err != nil {
			return fmt.Errorf("drop off attempt: %w", err)
		}
		if _, err := exec(ctx, tx, `UPDATE jobs SET state = 'dropped' WHERE id = ?`, jobs[i]); err != nil {
			return fmt.Errorf("drop off job: %w", err)
		}
	}
	return nil
}

// depositable gives the attempts' jobs, or a problem that names every attempt that stands in the way.
func depositable(ctx context.Context, tx *sql.Tx, s station, codes []wire.AttemptCode) ([]string, error) {
	var jobs []string
	var refused, deposited, cancelled []wire.AttemptCode
	for _, code := range codes {
		var job, state, jobState string
		err := tx.QueryRowContext(ctx, `SELECT a.job, a.state, j.state FROM attempts a JOIN jobs j ON j.id = a.job
			WHERE a.code = ? AND a.station = ?`, code, s.id).Scan(&job, &state, &jobState)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			refused = append(refused, code)
		case err != nil:
			return nil, fmt.Errorf("look up attempt: %w", err)
		case state == "dropped":
			deposited = append(deposited, code)
		case jobState == stateCancelled:
			taken, err := unknowing(ctx, tx, s, job)
			if err != nil {
				return nil, err
			}
			if !taken || state != "enveloped" {
				cancelled = append(cancelled, code)
			}
		case state != "enveloped" || jobState != statePaper:
			refused = append(refused, code)
		}
		jobs = append(jobs, job)
	}
	switch {
	case len(cancelled) > 0:
		return nil, withAttempt(wire.ProblemJobCancelled, cancelled...)
	case len(refused) > 0:
		return nil, withAttempt(wire.ProblemAttemptNotAccepted, refused...)
	case len(deposited) > 0:
		return nil, withAttempt(wire.ProblemAttemptDeposited, deposited...)
	}
	return jobs, nil
}
