package journal

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// Hour counts the accesses of one actor in one hour, or in one day.
type Hour struct {
	Start    time.Time // UTC, on the hour
	Day      bool      // it is the whole day that begins then where the room is
	Actor    string    // "" for the station itself
	Accesses int64
	Unusual  int64 // of these, those that a rule fired for
	Open     int64 // of those, the ones that nobody has concluded
}

// Hours counts the accesses that the filter selects by hour and actor, by hour
// and then by actor's name. Whole hours come from counts that are kept.
func (j *Journal) Hours(ctx context.Context, f Filter) ([]Hour, error) {
	return j.count(ctx, f, func() (bool, error) { return false, nil })
}

// Counts is Hours where the filter's time is no longer than that, and counts by
// the day otherwise, so that years of them are quick; what a bound leaves of a
// day is counted by the hour even then.
func (j *Journal) Counts(ctx context.Context, f Filter, longest time.Duration) ([]Hour, error) {
	return j.count(ctx, f, func() (bool, error) { return j.index.longer(ctx, f, longest) })
}

func (j *Journal) count(ctx context.Context, f Filter, byDay func() (bool, error)) (hours []Hour, err error) {
	err = j.look(ctx, func() error {
		c := counting{index: &j.index.index, ctx: ctx, filter: f}
		days, err := byDay()
		if err == nil && f.Object != "" {
			err = c.scan(f.query())
		} else if err == nil {
			err = c.all(days)
		}
		hours = c.hours
		return err
	})
	return hours, err
}

// longer tells whether the filter's time, as far as there are entries, is
// longer than that.
func (x *index) longer(ctx context.Context, f Filter, than time.Duration) (bool, error) {
	var first, last int64
	err := x.db.reader.QueryRowContext(ctx, "SELECT coalesce(min(hour), 0), coalesce(max(hour), 0) FROM hour").Scan(&first, &last)
	from, to := f.hours()[0], f.hours()[1]
	return time.Duration(min(to, last)-max(from, first))*time.Hour >= than, treeError(err)
}

// counting is one question for counts.
type counting struct {
	*index
	ctx    context.Context // of the one call that this value lives for
	filter Filter
	hours  []Hour
}

// all adds the counts of the hours, or days, that lie in the filter's times
// whole, and scans the hour at either end that does not.
func (c *counting) all(days bool) error {
	span := c.filter.hours()
	from, to := span[0], span[1]
	ragged := func(at time.Time) bool { return !at.IsZero() && at.UnixMilli()%hourLong != 0 }
	if ragged(c.filter.From) {
		if err := c.scan(c.filter.within(from)); err != nil {
			return err
		}
		from++
	}
	last := to
	if ragged(c.filter.To) && to >= from {
		last--
	}
	if err := c.whole(from, last, days); err != nil || last == to {
		return err
	}
	return c.scan(c.filter.within(to))
}

// whole adds the counts of whole hours, the days among them as such.
func (c *counting) whole(from, to int64, days bool) error {
	if !days {
		return c.kept(false, from, to)
	}
	first, end := from, to+1
	if room := c.index.hours; from >= 0 && room.dayOf(from) != from {
		first = room.dayAfter(from)
	}
	if to < everAfter {
		end = c.index.hours.dayOf(end)
	}
	if first >= end {
		return c.kept(false, from, to)
	}
	if err := c.kept(false, from, first-1); err != nil {
		return err
	}
	if err := c.kept(true, first, end-1); err != nil {
		return err
	}
	return c.kept(false, end, to)
}

// kept adds what is counted already.
func (c *counting) kept(days bool, from, to int64) error {
	if from > to {
		return nil
	}
	var q query
	q.and("days = ? AND hour BETWEEN ? AND ?", days, from, to)
	if c.filter.Action == "" {
		q.and("action = 0")
	} else {
		q.and("action = (SELECT id FROM word WHERE text = ?)", string(c.filter.Action))
	}
	if c.filter.Actor != "" {
		q.and("actor = (SELECT id FROM word WHERE text = ?)", c.filter.actor())
	}
	accesses := "accesses"
	if c.filter.Unusual {
		accesses = "unusual"
	}
	q.and(accesses + " > 0")
	return c.read(days, "SELECT hour, actor, "+accesses+", unusual, open FROM tally WHERE "+q.where+" ORDER BY hour", q.args...)
}

// within is the filter's query for one hour.
func (f Filter) within(hour int64) query {
	q := f.query()
	q.span = [2]int64{hour, hour}
	q.and("at >= ? AND at < ?", hour*hourLong, (hour+1)*hourLong)
	return q
}

// scan counts accesses one by one.
func (c *counting) scan(q query) error {
	if ok, err := c.narrow(c.ctx, &q); err != nil || !ok {
		return err
	}
	return c.read(false, `SELECT at / 3600000 AS hour, actor, count(*), sum(rules <> 0), sum(rules <> 0 AND concluded = 0)
		FROM access `+q.by()+` WHERE `+q.where+` GROUP BY hour, actor ORDER BY hour`, q.args...)
}

// read adds what a question for counts, ordered by the hour, gives.
func (c *counting) read(days bool, question string, args ...any) error {
	words, err := c.words(c.ctx)
	if err != nil {
		return err
	}
	rows, err := c.db.reader.QueryContext(c.ctx, question, args...)
	if err != nil {
		return treeError(err)
	}
	defer func() { _ = rows.Close() }() // Err below tells
	added := len(c.hours)
	for rows.Next() {
		var hour, actor int64
		h := Hour{Day: days}
		if err := rows.Scan(&hour, &actor, &h.Accesses, &h.Unusual, &h.Open); err != nil {
			return treeError(err)
		}
		h.Start, h.Actor = time.UnixMilli(hour*hourLong).UTC(), words[actor]
		c.hours = append(c.hours, h)
	}
	slices.SortStableFunc(c.hours[added:], func(a, b Hour) int {
		return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.Actor, b.Actor))
	})
	return treeError(rows.Err())
}

// words are the texts of actors and actions by their numbers.
func (x *index) words(ctx context.Context) (map[int64]string, error) {
	rows, err := x.db.reader.QueryContext(ctx, "SELECT id, text FROM word")
	if err != nil {
		return nil, treeError(err)
	}
	defer func() { _ = rows.Close() }() // Err below tells
	words := make(map[int64]string)
	for rows.Next() {
		var id int64
		var text string
		if err := rows.Scan(&id, &text); err != nil {
			return nil, treeError(err)
		}
		words[id] = text
	}
	return words, treeError(rows.Err())
}
