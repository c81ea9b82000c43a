package central

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"espero-soft.com/printroom/sync/wire"
)

// AlarmKind is what central found about a station's log.
type AlarmKind string

// The kinds of alarms.
const (
	AlarmFork       AlarmKind = "fork"       // two histories: there is another copy, or the log was set back and went on
	AlarmSetBack    AlarmKind = "set_back"   // a head of fewer entries than were countersigned
	AlarmGap        AlarmKind = "gap"        // entries or a head beyond what is held; mended when the entries come
	AlarmBroken     AlarmKind = "broken"     // a batch with something in it that is no entry, or does not chain
	AlarmCheckpoint AlarmKind = "checkpoint" // a head that the log's key did not sign
	AlarmSilent     AlarmKind = "silent"     // the station works, and its log is not sealed; mended when it is
	AlarmSuccessor  AlarmKind = "successor"  // a log that does not go on where the one before ends; mended when that end comes
	AlarmClockBack  AlarmKind = "clock_back" // an entry says a time well before that of the one before
	AlarmClockFar   AlarmKind = "clock_far"  // an entry says a time at which it can't have been written, by central's clock
)

// Alarm is something a person must look into. What is found again before somebody did counts in the same
// one: there is one open alarm of a kind and log.
type Alarm struct {
	ID      wire.UUID
	Log     wire.LogOrigin
	Station wire.StationID
	Kind    AlarmKind
	Place   int64 // the entry's sequence, or the size of the head; of a gap the furthest, else the first
	Times   int
	FirstAt time.Time
	LastAt  time.Time
	Mended  time.Time // when what was missing came; zero when it did not

	Acknowledged time.Time // zero while the alarm is open
	By, Reason   string    // who acknowledged it, and why
}

// AlarmFilter selects alarms; its zero value all of them.
type AlarmFilter struct {
	Station wire.StationID
	Log     wire.LogOrigin
	Kind    AlarmKind
	Open    bool // not acknowledged
}

var (
	// ErrAlarm: no such alarm, or nothing to decide about that station.
	ErrAlarm = errors.New("no such alarm")
	// ErrAcknowledged: somebody else has acknowledged the alarm, or for another reason.
	ErrAcknowledged = errors.New("acknowledged before")
)

const alarmColumns = `id, log, station, kind, place, times, first_at, last_at, mended_at, acknowledged_at, acknowledged_by, reason`

// Alarms lists alarms, the oldest first.
func (c *Central) Alarms(ctx context.Context, f AlarmFilter) ([]Alarm, error) {
	all, err := alarms(ctx, c.read, `(?1 = '' OR station = ?1) AND (?2 = '' OR log = ?2) AND (?3 = '' OR kind = ?3)
		AND (NOT ?4 OR acknowledged_at = 0)`, f.Station, f.Log, string(f.Kind), f.Open)
	if err != nil {
		return nil, fmt.Errorf("alarms: %w", err)
	}
	return all, nil
}

func alarms(ctx context.Context, db *sql.DB, where string, args ...any) ([]Alarm, error) {
	rows, err := db.QueryContext(ctx, `SELECT `+alarmColumns+` FROM alarms WHERE `+where+` ORDER BY first_at, id`, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var all []Alarm
	for rows.Next() {
		var a Alarm
		var first, last, mended, acknowledged int64
		if err := rows.Scan(&a.ID, &a.Log, &a.Station, &a.Kind, &a.Place, &a.Times, &first, &last, &mended, &acknowledged, &a.By, &a.Reason); err != nil {
			return nil, err
		}
		a.FirstAt, a.LastAt = fromMicros(first), fromMicros(last)
		a.Mended, a.Acknowledged = timeOrZero(mended), timeOrZero(acknowledged)
		all = append(all, a)
	}
	return all, rows.Err()
}

func timeOrZero(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return fromMicros(us)
}

// Acknowledge says that a person, by pseudonym, has looked into an alarm, and what came of it, as a code.
// The same again is no error. It lets no station have letters again: see Resolve.
func (c *Central) Acknowledge(ctx context.Context, alarm wire.UUID, by, reason string) error {
	if !nameForm().MatchString(by) || !reasonForm().MatchString(reason) {
		return fmt.Errorf("acknowledge: %w: by %q for %q", ErrLetter, by, reason)
	}
	err := c.write(ctx, func(tx *sql.Tx) error {
		n, err := exec(ctx, tx, `UPDATE alarms SET acknowledged_at = ?, acknowledged_by = ?, reason = ? WHERE id = ? AND acknowledged_at = 0`,
			micros(c.now()), by, reason, alarm)
		if err != nil || n == 1 {
			return err
		}
		var same bool
		err = tx.QueryRowContext(ctx, `SELECT acknowledged_by = ? AND reason = ? FROM alarms WHERE id = ?`, by, reason, alarm).Scan(&same)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return ErrAlarm
		case err == nil && !same:
			return ErrAcknowledged
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("acknowledge alarm %s: %w", alarm, err)
	}
	return nil
}

// raise raises an alarm, or counts it in the one that is open, in the transaction of what it is about. One
// that was mended, and returns after a while, is told again.
func (c *Central) raise(ctx context.Context, tx *sql.Tx, kind AlarmKind, log wire.LogOrigin, station wire.StationID, place int64) error {
	now := micros(c.now())
	_, err := exec(ctx, tx, `INSERT INTO alarms (id, log, station, kind, place, times, first_at, last_at) VALUES (?, ?, ?, ?, ?, 1, ?, ?)
		ON CONFLICT (log, kind) WHERE acknowledged_at = 0 DO UPDATE SET times = times + 1, last_at = excluded.last_at, mended_at = 0,
			told = CASE WHEN mended_at > 0 AND last_at < ? THEN 0 ELSE told END,
			place = CASE kind WHEN 'gap' THEN MAX(place, excluded.place) ELSE MIN(place, excluded.place) END`,
		uuid.NewString(), log, station, string(kind), place, now, now, now-c.config.Silence.Microseconds())
	if err != nil {
		return fmt.Errorf("raise an alarm: %w", err)
	}
	c.alarmed.Store(true)
	return nil
}

// mend notes that what an open alarm is about came after all, up to a place.
func (c *Central) mend(ctx context.Context, tx *sql.Tx, kind AlarmKind, log wire.LogOrigin, upto int64) error {
	_, err := exec(ctx, tx, `UPDATE alarms SET mended_at = ? WHERE log = ? AND kind = ? AND acknowledged_at = 0 AND mended_at = 0 AND place <= ?`,
		micros(c.now()), log, string(kind), upto)
	if err != nil {
		return fmt.Errorf("mend an alarm: %w", err)
	}
	return nil
}

// tellAlarms gives the hook the alarms that it has not had. One that a crash kept from it comes at the next start.
func (c *Central) tellAlarms(ctx context.Context) error {
	hook := c.config.Hooks.Alarm
	if hook == nil {
		return nil
	}
	untold, err := alarms(ctx, c.read, `told = 0`)
	if err != nil {
		return fmt.Errorf("tell alarms: %w", err)
	}
	for _, a := range untold {
		if err := c.tellAlarm(ctx, a.ID, hook); err != nil {
			return fmt.Errorf("tell alarms: %w", err)
		}
	}
	return nil
}

// tellAlarm tells one, unless another request does.
func (c *Central) tellAlarm(ctx context.Context, id wire.UUID, hook func(Alarm)) error {
	if _, other := c.telling.LoadOrStore(id, true); other {
		return nil
	}
	defer c.telling.Delete(id)
	untold, err := alarms(ctx, c.read, `told = 0 AND id = ?`, id) // as others may have told it meanwhile
	if err != nil || len(untold) == 0 {
		return err
	}
	hook(untold[0])
	_, err = c.db.ExecContext(ctx, `UPDATE alarms SET told = 1 WHERE id = ?`, id)
	return err
}
