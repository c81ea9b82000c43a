package central

import (
	"context"
	"database/sql"
	"fmt"

	"espero-soft.com/printroom/sync/wire"
)

// giveBack takes a piece that the counter refused out of its deposit. It stays
// the one that may be mailed, and may go into another deposit.
func (j inLedger) giveBack(ctx context.Context, tx *sql.Tx, s station, e wire.Event) (bool, error) {
	if e.Reason == "" {
		return false, wire.NewProblem(wire.ProblemBadRequest, "returned needs a reason")
	}
	a, err := j.own(ctx, tx, s, e.Attempt)
	switch {
	case err != nil:
		return false, err
	case a.state == "enveloped":
		return false, nil
	case a.state != "dropped":
		return false, withAttempt(wire.ProblemAttemptNotAccepted, e.Attempt)
	}
	if _, err := exec(ctx, tx, `DELETE FROM pieces WHERE attempt = ?`, e.Attempt); err != nil {
		return false, fmt.Errorf("take a piece out: %w", err)
	}
	if _, err := exec(ctx, tx, `UPDATE attempts SET state = 'enveloped' WHERE code = ?`, e.Attempt); err != nil {
		return false, fmt.Errorf("take a piece out: %w", err)
	}
	return true, j.set(ctx, tx, statePaper)
}
