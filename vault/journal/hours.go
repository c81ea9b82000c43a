package journal

import (
	"context"
	"database/sql"
	"time"
)

// Hour counts the accesses of one actor in one hour.
type Hour struct {
	Start    time.Time // UTC, on the hour
	Actor    string    // "" for the station itself
	Accesses int64
	Unusual  int64 // of these, those that a rule fired for
	Open     int64 // of those, the ones that nobody has concluded
}

// Hours counts the accesses that the filter selects by hour and actor, by hour
// and then by actor's name. Whole hours come from counts that are kept, so that
// years of them are quick.
func (j *Journal) Hours(ctx context.Context, f Filter) (hours []Hour, err error) {
	err = j.look(ctx, func() error {
		var err error
		if f.Object != "" {
			hours, err = j.index.scanHours(ctx, f.query())
			return err
		}
		hours, err = j.index.countHours(ctx, f)
		return err
	})
	return hours, err
}

// countHours adds the counts of the hours that lie in the filter's times whole,
// and scans the one at either end that does not.
func (x *index) countHours(ctx context.Context, f Filter) ([]Hour, error) {
	span := f.hours()
	from, to := span[0], span[1]
	ragged := func(at time.Time) bool { return !at.IsZero() && at.UnixMilli()%3_600_000 != 0 }
	var first, last []Hour
	var err error
	if ragged(f.From) {
		if first, err = x.scanHours(ctx, f.within(from)); err != nil {
			return nil, err
		}
		from++
	}
	if ragged(f.To) && to >= from {
		if last, err = x.scanHours(ctx, f.within(to)); err != nil {
			return nil, err
		}
		to--
	}
	var q query
	q.and("hour BETWEEN ? AND ?", from, to)
	if f.Actor != "" {
		q.and("actor = (SELECT id FROM word WHERE text = ?)", f.actor())
	}
	if f.Action != "" {
		q.and("action = (SELECT id FROM word WHERE text = ?)", string(f.Action))
	}
	accesses := "accesses"
	if f.Unusual {
		accesses = "unusual"
	}
	middle, err := x.hoursOf(ctx, `SELECT hour, text, sum(`+accesses+`), sum(unusual), sum(open)
		FROM tally JOIN word ON id = actor WHERE `+q.where+`
		GROUP BY hour, actor HAVING sum(`+accesses+`) > 0 ORDER BY hour, text`, q.args...)
	return append(append(first, middle...), last...), err
}

// within is the filter's query for one hour.
func (f Filter) within(hour int64) query {
	q := f.query()
	q.span = [2]int64{hour, hour}
	q.and("at >= ? AND at < ?", hour*3_600_000, (hour+1)*3_600_000)
	return q
}

// scanHours counts accesses one by one.
func (x *index) scanHours(ctx context.Context, q query) ([]Hour, error) {
	if ok, err := x.narrow(ctx, &q); err != nil || !ok {
		return nil, err
	}
	return x.hoursOf(ctx, `SELECT at / 3600000 AS hour, text, count(*), sum(rules <> 0), sum(rules <> 0 AND concluded = 0)
		FROM access JOIN word ON id = actor WHERE `+q.where+` GROUP BY hour, actor ORDER BY hour, text`, q.args...)
}

func (x *index) hoursOf(ctx context.Context, question string, args ...any) ([]Hour, error) {
	rows, err := x.db.reader.QueryContext(ctx, question, args...)
	if err != nil {
		return nil, treeError(err)
	}
	defer func() { _ = rows.Close() }() // Err below tells
	var out []Hour
	for rows.Next() {
		var hour int64
		var h Hour
		var actor sql.NullString
		if err := rows.Scan(&hour, &actor, &h.Accesses, &h.Unusual, &h.Open); err != nil {
			return nil, treeError(err)
		}
		h.Start, h.Actor = time.UnixMilli(hour*3_600_000).UTC(), actor.String
		out = append(out, h)
	}
	return out, treeError(rows.Err())
}
