package central

import (
	"context"
	"database/sql"
	"fmt"

	"espero-soft.com/printroom/sync/wire"
)

// Cancel ends a letter that was not dropped off: it is leased no more, and no piece of it is accepted or
// deposited. Its station learns of it when it renews the claim, or reports. 409 job-closed after the drop-off.
func (c *Central) Cancel(ctx context.Context, job wire.UUID) error {
	err := c.write(ctx, func(tx *sql.Tx) error {
		j, err := ledgerJob(ctx, tx, job)
		if err != nil {
			return err
		}
		if j.state == stateDropped {
			return withJob(wire.ProblemJobClosed, job)
		}
		return j.set(ctx, tx, stateCancelled)
	})
	if err != nil {
		return fmt.Errorf("cancel: %w", err)
	}
	return nil
}

// Requeue is a person's decision that a letter which may be on paper, or was set aside, is leased again:
// whatever was printed of it is destroyed. What its former claim still reports is fenced off. Refused
// once a piece was accepted, and for a letter that ended.
func (c *Central) Requeue(ctx context.Context, job wire.UUID) error {
	err := c.write(ctx, func(tx *sql.Tx) error {
		j, err := ledgerJob(ctx, tx, job)
		if err != nil {
			return err
		}
		if err := j.open(); err != nil {
			return err
		}
		if j.accepted != "" {
			return withAttempt(wire.ProblemAttemptSuperseded, j.accepted)
		}
		_, err = exec(ctx, tx, `UPDATE jobs SET state = 'ready', claim = NULL WHERE id = ?`, job)
		return err
	})
	if err != nil {
		return fmt.Errorf("requeue: %w", err)
	}
	return nil
}
