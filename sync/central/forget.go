package central

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"espero-soft.com/printroom/sync/wire"
)

// forgetBatch is how many entries are deleted in one transaction: few, as all writers wait for it.
const forgetBatch = 5000

// month is the first moment of a time's calendar month, UTC.
func month(t time.Time) time.Time {
	y, m, _ := t.UTC().Date()
	return time.Date(y, m, 1, 0, 0, 0, 0, time.UTC)
}

// ForgetJournals forgets the months of all logs that ended Config.JournalMonths ago, and tells how many
// entries that were. A month of a log is what was countersigned in it, by the witness's clock, as at the
// stations. Its last head is kept: the log starts after it. What was never countersigned stays, and so does
// a log with an open question: one that is forked, or about which an alarm of that is open.
func (c *Central) ForgetJournals(ctx context.Context) (forgotten int64, err error) {
	if c.config.JournalMonths <= 0 {
		return 0, nil
	}
	before := month(c.now()).AddDate(0, -c.config.JournalMonths, 0)
	err = c.write(ctx, func(tx *sql.Tx) error {
		forgotten = 0
		logs, err := texts(ctx, tx, `SELECT log FROM journals j WHERE forked_at = 0
			AND NOT EXISTS (SELECT 1 FROM alarms a WHERE a.log = j.log AND a.kind IN ('fork', 'set_back') AND a.acknowledged_at = 0) ORDER BY log`)
		if err != nil {
			return err
		}
		for _, log := range logs {
			n, err := startAfter(ctx, tx, log, before)
			if err != nil {
				return err
			}
			forgotten += n
		}
		return nil
	})
	if err == nil {
		err = c.sweepEntries(ctx)
	}
	if err != nil {
		return 0, fmt.Errorf("forget journals: %w", err)
	}
	return forgotten, nil
}

// startAfter lets a log start after its last head that was countersigned before a time.
func startAfter(ctx context.Context, tx *sql.Tx, log wire.LogOrigin, before time.Time) (int64, error) {
	var start, end int64
	err := tx.QueryRowContext(ctx, `SELECT start, COALESCE((SELECT size FROM checkpoints
		WHERE log = ?1 AND signed_at < ?2 ORDER BY signed_at DESC, size DESC LIMIT 1), 0) FROM journals WHERE log = ?1`, log, micros(before)).Scan(&start, &end)
	if err != nil || end <= start {
		return 0, err
	}
	_, err = exec(ctx, tx, `UPDATE journals SET start = ? WHERE log = ?`, end, log)
	return end - start, err
}

// sweepEntries deletes the entries, and the heads, before the logs' starts: after a crash, where it was
// broken off.
func (c *Central) sweepEntries(ctx context.Context) error {
	for more := true; more; {
		err := inTx(ctx, c.db, func(tx *sql.Tx) error {
			n, err := exec(ctx, tx, `DELETE FROM entries WHERE rowid IN (SELECT e.rowid FROM journals j
				JOIN entries e ON e.log = j.log AND e.sequence <= j.start WHERE j.start > 0 LIMIT ?)`, forgetBatch)
			if more = n == forgetBatch; err != nil || more {
				return err
			}
			_, err = exec(ctx, tx, `DELETE FROM checkpoints WHERE size < (SELECT start FROM journals j WHERE j.log = checkpoints.log)`)
			return err
		})
		if err != nil {
			return fmt.Errorf("delete what is forgotten: %w", err)
		}
	}
	return nil
}
