package central

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"espero-soft.com/printroom/vault/journal/verify"
)

// timely raises alarms about the times that new entries say. They came after the last head was
// countersigned, or the log opened, and before now; in between a station may have been away for long.
func (c *Central) timely(ctx context.Context, tx *sql.Tx, s station, j *journal, entries []string) error {
	skew := c.config.ClockSkew.Microseconds()
	earliest, latest := max(j.openedAt, j.sealedAt)-skew, micros(c.now())+skew
	var back, far bool
	for i, text := range entries {
		e, err := verify.ParseEntry([]byte(text))
		if err != nil {
			return fmt.Errorf("read entry: %w", err)
		}
		at, place := micros(e.Time), j.tree.Size()+int64(i)+1
		if !back && at < j.writtenAt-skew {
			back = true
			err = c.raise(ctx, tx, AlarmClockBack, j.log, s.id, place)
		}
		if err == nil && !far && (at < earliest || at > latest) {
			far = true
			err = c.raise(ctx, tx, AlarmClockFar, j.log, s.id, place)
		}
		if err != nil {
			return err
		}
		j.writtenAt = at
	}
	return nil
}

// worked notes that a station did what it has to journal. A log that is not sealed although its station
// goes on working is silent. A station that was away for long reports first and is sealed then: it has an
// eighth of the time for that.
func (c *Central) worked(ctx context.Context, tx *sql.Tx, s station) error {
	var since, last, sealed int64
	err := tx.QueryRowContext(ctx, `SELECT working_since, worked_at, countersigned FROM journals WHERE log = ?`, s.log).Scan(&since, &last, &sealed)
	if err != nil {
		return fmt.Errorf("look up journal: %w", err)
	}
	now, silence := micros(c.now()), c.config.Silence.Microseconds()
	switch {
	case since == 0:
		since = now
	case now-last > silence:
		since = max(since, now-silence+silence/8)
	}
	if _, err := exec(ctx, tx, `UPDATE journals SET working_since = ?, worked_at = ? WHERE log = ?`, since, now, s.log); err != nil {
		return fmt.Errorf("keep when a station worked: %w", err)
	}
	if now-since > silence {
		return c.raise(ctx, tx, AlarmSilent, s.log, s.id, sealed)
	}
	return nil
}

// succession looks whether the log of a station's enrolment in force goes on where the one before ends, when
// either of them grew by added entries.
func (c *Central) succession(ctx context.Context, tx *sql.Tx, s station, j *journal, added int64) error {
	if j.log == s.log && j.tree.Size() > added || s.generation < 2 {
		return nil
	}
	var first []byte
	err := tx.QueryRowContext(ctx, `SELECT entry FROM entries WHERE log = ? AND sequence = 1`, s.log).Scan(&first)
	if errors.Is(err, sql.ErrNoRows) {
		return nil // not begun, or long ago
	}
	var last []byte
	if err == nil {
		err = tx.QueryRowContext(ctx, `SELECT last FROM journals j JOIN stations s ON s.log = j.log
			WHERE s.id = ? AND s.generation < ? AND j.size > 0 ORDER BY s.generation DESC LIMIT 1`, s.id, s.generation).Scan(&last)
	}
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("look up the journal before: %w", err)
	}
	e, err := verify.ParseEntry(first)
	if err != nil {
		return fmt.Errorf("read entry: %w", err)
	}
	var before tlog.Hash
	copy(before[:], last)
	switch {
	case e.Previous == before:
		return c.mend(ctx, tx, AlarmSuccessor, s.log, 1)
	case j.log == s.log:
		return c.raise(ctx, tx, AlarmSuccessor, s.log, s.id, 1)
	}
	return nil
}
