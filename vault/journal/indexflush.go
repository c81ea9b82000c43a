package journal

import "time"

// tallyKey is what accesses are counted by: action 0 is all of them. With days,
// the hour is the one in which the day begins where the room is.
type tallyKey struct {
	days                bool
	action, hour, actor int64
}

type tallyChange struct{ accesses, unusual, open int64 }

type span struct{ first, last int64 }

// flush writes the batch.
func (w *indexWriter) flush() error {
	tally, hours := make(map[tallyKey]tallyChange), make(map[int64]span)
	for _, r := range w.order {
		var err error
		if r.stored {
			err = w.exec("UPDATE access SET result = ?, rules = ?, concluded = ? WHERE sequence = ?",
				r.result, r.rules, r.concluded, r.sequence)
		} else {
			err = w.exec(`INSERT INTO access (sequence, at, actor, action, object, attempt, result, rules, concluded)
				VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
				r.sequence, r.at, r.actor, r.action, blob(r.object), text(r.attempt), r.result, r.rules, r.concluded)
		}
		if err != nil {
			return err
		}
		r.add(tally, hours)
	}
	if err := w.flushCounts(tally, hours); err != nil {
		return err
	}
	return w.flushRules()
}

// add counts what the batch changed about a row.
func (r *accessRow) add(tally map[tallyKey]tallyChange, hours map[int64]span) {
	hour := hourOf(r.at)
	k := tallyKey{action: r.action, hour: hour, actor: r.actor}
	c := tally[k]
	if !r.stored {
		c.accesses++
		s, ok := hours[hour]
		if !ok {
			s = span{r.sequence, r.sequence}
		}
		hours[hour] = span{min(s.first, r.sequence), max(s.last, r.sequence)}
	}
	c.unusual += one(r.unusual()) - one(r.wasUnusual)
	c.open += one(r.unusual() && r.concluded == 0) - one(r.wasUnusual && !r.wasConcluded)
	if tally[k] = c; c == (tallyChange{}) {
		delete(tally, k)
	}
}

func one(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}

// hourOf is the hour since 1970 of a time in milliseconds.
func hourOf(at int64) int64 { return at / hourLong }

const hourLong = int64(time.Hour / time.Millisecond)

// dayOf is the first whole hour since 1970 of the day that an hour is in where
// the room is.
func (w WorkingHours) dayOf(hour int64) int64 { return w.day(hour, 0) }

// dayAfter is the first whole hour of the next day.
func (w WorkingHours) dayAfter(hour int64) int64 { return w.day(hour, 1) }

func (w WorkingHours) day(hour int64, later int) int64 {
	y, m, d := time.UnixMilli(hour * hourLong).In(w.Zone).Date()
	return hourOf(time.Date(y, m, d+later, 0, 0, 0, 0, w.Zone).UnixMilli() + hourLong - 1)
}

// flushCounts adds to the counts: by the action and of all of them, by the hour
// and by the day.
func (w *indexWriter) flushCounts(tally map[tallyKey]tallyChange, hours map[int64]span) error {
	sums := make(map[tallyKey]tallyChange)
	for k, c := range tally {
		day := w.hours.dayOf(k.hour)
		for _, sum := range []tallyKey{
			k, {false, 0, k.hour, k.actor}, {true, k.action, day, k.actor}, {true, 0, day, k.actor},
		} {
			s := sums[sum]
			sums[sum] = tallyChange{s.accesses + c.accesses, s.unusual + c.unusual, s.open + c.open}
		}
	}
	for k, c := range sums {
		err := w.exec(`INSERT INTO tally (days, action, hour, actor, accesses, unusual, open)
			VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (days, action, hour, actor)
			DO UPDATE SET accesses = accesses + ?5, unusual = unusual + ?6, open = open + ?7`,
			k.days, k.action, k.hour, k.actor, c.accesses, c.unusual, c.open)
		if err != nil {
			return err
		}
	}
	for hour, s := range hours {
		err := w.exec(`INSERT INTO hour (hour, first, last) VALUES (?1, ?2, ?3)
			ON CONFLICT (hour) DO UPDATE SET first = min(first, ?2), last = max(last, ?3)`, hour, s.first, s.last)
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *indexWriter) flushRules() error {
	for object, p := range w.prints {
		if err := w.exec(`INSERT INTO letter (object, prints, last) VALUES (?1, ?2, ?3)
			ON CONFLICT (object) DO UPDATE SET prints = ?2, last = ?3`, blob(object), p.count, p.last); err != nil {
			return err
		}
	}
	for _, a := range w.again {
		if err := w.exec("INSERT OR IGNORE INTO again (sequence, object) VALUES (?, ?)", a.sequence, blob(a.object)); err != nil {
			return err
		}
	}
	for actor, n := range w.failed {
		if err := w.exec(`INSERT INTO streak (actor, failed) VALUES (?1, ?2)
			ON CONFLICT (actor) DO UPDATE SET failed = ?2`, actor, n); err != nil {
			return err
		}
	}
	for _, k := range w.gone {
		if err := w.exec("DELETE FROM due WHERE sequence = ? AND rule = ?", k.sequence, k.rule); err != nil {
			return err
		}
	}
	for k, d := range w.due {
		if d.stored {
			continue
		}
		if err := w.exec("INSERT INTO due (sequence, rule, at, object) VALUES (?, ?, ?, ?)",
			k.sequence, k.rule, d.at, blob(d.object)); err != nil {
			return err
		}
	}
	return nil
}
