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

// forgetEvery is how often Serve looks whether a month's time is up.
const forgetEvery = 6 * time.Hour

// keepForgetting forgets what is over, now and then, until ctx ends.
func (c *Central) keepForgetting(ctx context.Context) {
	if c.config.JournalMonths <= 0 {
		return
	}
	for {
		if _, err := c.ForgetJournals(ctx); err != nil && ctx.Err() == nil {
			c.config.Fault(err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(forgetEvery):
		}
	}
}

// month is the first moment of a time's calendar month, UTC.
func month(t time.Time) time.Time {
	y, m, _ := t.UTC().Date()
	return time.Date(y, m, 1, 0, 0, 0, 0, time.UTC)
}

// ForgetJournals forgets the months of all logs that ended Config.JournalMonths ago, and tells how many
// entries that were. A month of a log is what was countersigned in it, by the witness's clock, as at the
// stations. Its last head is kept: the log starts after it. The end of a former log, which nobody can seal
// any more, belongs to the month in which its last entry came. What of a log in force was never
// countersigned stays, and so does a log with an open question: one that is forked, or about which an alarm
// of that is open. Of a station the oldest goes first, so that what stays can be exported as one chain.
func (c *Central) ForgetJournals(ctx context.Context) (forgotten int64, err error) {
	if c.config.JournalMonths <= 0 {
		return 0, nil
	}
	before := month(c.now()).AddDate(0, -c.config.JournalMonths, 0)
	err = c.write(ctx, func(tx *sql.Tx) error {
		forgotten = 0
		logs, err := logsToForget(ctx, tx)
		if err != nil {
			return err
		}
		for i, stays := 0, false; i < len(logs); i++ {
			l := logs[i]
			stays = l.doubtful || stays && logs[i-1].station == l.station
			if stays {
				continue
			}
			n, left, err := startAfter(ctx, tx, l, before)
			if err != nil {
				return err
			}
			forgotten, stays = forgotten+n, left
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

// oldLog is a log of which something may be forgotten.
type oldLog struct {
	log      wire.LogOrigin
	station  wire.StationID
	former   bool // its station has enrolled anew
	doubtful bool // it is forked, or may be
}

// logsToForget are all logs, those of a station one after the other, the oldest first.
func logsToForget(ctx context.Context, tx *sql.Tx) (logs []oldLog, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT j.log, s.id, s.generation < (SELECT MAX(generation) FROM stations n WHERE n.id = s.id),
		j.forked_at > 0 OR EXISTS (SELECT 1 FROM alarms a WHERE a.log = j.log AND a.kind IN ('fork', 'set_back') AND a.acknowledged_at = 0)
		FROM stations s JOIN journals j ON j.log = s.log ORDER BY s.id, s.generation`)
	if err != nil {
		return nil, fmt.Errorf("look up journals: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var l oldLog
		if err := rows.Scan(&l.log, &l.station, &l.former, &l.doubtful); err != nil {
			return nil, fmt.Errorf("look up journals: %w", err)
		}
		logs = append(logs, l)
	}
	return logs, rows.Err()
}

// startAfter lets a log start after its last head that was countersigned before a time, and a former one end
// when its last entry came before that. left tells whether some of it stays.
func startAfter(ctx context.Context, tx *sql.Tx, l oldLog, before time.Time) (forgotten int64, left bool, err error) {
	var start, end, ended, sealed, size, received int64
	err = tx.QueryRowContext(ctx, `SELECT start, COALESCE((SELECT size FROM checkpoints
		WHERE log = ?1 AND signed_at < ?2 ORDER BY signed_at DESC, size DESC LIMIT 1), 0), ended, countersigned, size, received_at
		FROM journals WHERE log = ?1`, l.log, micros(before)).Scan(&start, &end, &ended, &sealed, &size, &received)
	if err != nil {
		return 0, false, err
	}
	was := max(start, ended)
	if end > start {
		start = end
		_, err = exec(ctx, tx, `UPDATE journals SET start = ? WHERE log = ?`, start, l.log)
	}
	if err == nil && l.former && start == sealed && received < micros(before) && size > max(start, ended) {
		ended = size
		_, err = exec(ctx, tx, `UPDATE journals SET ended = ? WHERE log = ?`, ended, l.log)
	}
	gone := max(start, ended)
	return gone - was, gone < size, err
}

// sweepEntries deletes the entries, and the heads, before the logs' starts: after a crash, where it was
// broken off.
func (c *Central) sweepEntries(ctx context.Context) error {
	for more := true; more; {
		err := inTx(ctx, c.db, func(tx *sql.Tx) error {
			n, err := exec(ctx, tx, `DELETE FROM entries WHERE rowid IN (SELECT e.rowid FROM journals j
				JOIN entries e ON e.log = j.log AND e.sequence <= MAX(j.start, j.ended) WHERE j.start > 0 OR j.ended > 0 LIMIT ?)`, forgetBatch)
			if more = n == forgetBatch; err != nil || more {
				return err
			}
			n, err = exec(ctx, tx, `DELETE FROM checkpoints WHERE rowid IN (SELECT c.rowid FROM journals j
				JOIN checkpoints c ON c.log = j.log AND c.size < j.start WHERE j.start > 0 LIMIT ?)`, forgetBatch)
			more = n == forgetBatch
			return err
		})
		if err != nil {
			return fmt.Errorf("delete what is forgotten: %w", err)
		}
	}
	return nil
}
