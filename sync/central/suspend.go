package central

import (
	"context"
	"database/sql"
	"fmt"

	"espero-soft.com/printroom/sync/wire"
)

// suspend gives a station no letters from now on, and what it leased and has on no paper to others. What
// it reports is taken, and orders reach it.
func (c *Central) suspend(ctx context.Context, tx *sql.Tx, s station) error {
	n, err := exec(ctx, tx, `UPDATE journals SET forked_at = ? WHERE log = ? AND forked_at = 0`, micros(c.now()), s.log)
	if err != nil {
		return fmt.Errorf("suspend station: %w", err)
	}
	if n == 0 {
		return nil
	}
	return giveBackReady(ctx, tx, s.id)
}

// isForked tells whether a station has no letters.
func (c *Central) isForked(ctx context.Context, station wire.StationID) (yes bool, err error) {
	err = c.read.QueryRowContext(ctx, `SELECT COALESCE(MAX(j.forked_at > 0), 0) FROM stations s JOIN journals j ON j.log = s.log
		WHERE s.id = ?1 AND s.generation = (SELECT MAX(generation) FROM stations WHERE id = ?1)`, station).Scan(&yes)
	if err != nil {
		return false, fmt.Errorf("look up journal: %w", err)
	}
	return yes, nil
}

// suspended is what a station is answered that asks for letters while its log has two histories.
func suspended() *wire.Problem {
	return wire.NewProblem(wire.ProblemJournalFork, "no letters until somebody has decided")
}

// Resolve is a person's decision, by pseudonym, about a station whose log has two histories: it has letters
// again, with the history that central holds. Only the station whose log that is can go on; one that was
// set back is enrolled anew instead, which gives it a new log. If the other history is shown again, the
// station is suspended again. The alarm is acknowledged with the reason, a code. ErrAlarm when there is
// nothing to decide; the same decision again is no error.
func (c *Central) Resolve(ctx context.Context, station wire.StationID, by, reason string) error {
	if !nameForm().MatchString(by) || !reasonForm().MatchString(reason) {
		return fmt.Errorf("resolve: %w: by %q for %q", ErrLetter, by, reason)
	}
	err := c.write(ctx, func(tx *sql.Tx) error {
		const latest = `(SELECT log FROM stations WHERE id = ? ORDER BY generation DESC LIMIT 1)`
		freed, err := exec(ctx, tx, `UPDATE journals SET forked_at = 0 WHERE forked_at <> 0 AND log = `+latest, station)
		if err != nil {
			return err
		}
		if _, err := exec(ctx, tx, `UPDATE alarms SET acknowledged_at = ?, acknowledged_by = ?, reason = ?
			WHERE acknowledged_at = 0 AND kind IN ('fork', 'set_back') AND log = `+latest, micros(c.now()), by, reason, station); err != nil {
			return err
		}
		var decided int
		err = tx.QueryRowContext(ctx, `SELECT count(*) FROM alarms WHERE acknowledged_by = ? AND reason = ? AND kind = 'fork' AND log = `+latest,
			by, reason, station).Scan(&decided)
		if err == nil && freed == 0 && decided == 0 {
			err = ErrAlarm
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("resolve %s: %w", station, err)
	}
	return nil
}
