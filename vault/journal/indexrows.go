package journal

import (
	"context"
	"database/sql"
	"errors"
	"math/bits"
)

// ruleAt is the place in AllRules of a set of one rule.
func ruleAt(s ruleSet) int { return bits.TrailingZeros64(uint64(s)) }

// newIndexWriter starts a batch with what the index holds of the past.
func newIndexWriter(ctx context.Context, tx *sql.Tx, hours WorkingHours) (*indexWriter, error) {
	w := &indexWriter{
		ctx: ctx, tx: tx, hours: hours,
		words: make(map[string]int64), rows: make(map[int64]*accessRow), viewed: make(map[string][]*accessRow),
		failed: make(map[int64]int64), prints: make(map[string]int64),
		due: make(map[dueKey]deadline), shown: make(map[string]map[int64]struct{}),
	}
	if err := w.each("SELECT id, text FROM word", func(rows *sql.Rows) error {
		var id int64
		var text string
		err := rows.Scan(&id, &text)
		w.words[text] = id
		return err
	}); err != nil {
		return nil, err
	}
	err := w.each("SELECT sequence, rule, at, object FROM due", func(rows *sql.Rows) error {
		d := deadline{stored: true}
		err := rows.Scan(&d.sequence, &d.rule, &d.at, &d.object)
		if bits.OnesCount64(uint64(d.rule)) != 1 || ruleAt(d.rule) >= len(AllRules()) {
			return errTree
		}
		w.wait(d)
		return err
	})
	return w, err
}

// each calls use with each row of a question.
func (w *indexWriter) each(query string, use func(*sql.Rows) error, args ...any) error {
	rows, err := w.tx.QueryContext(w.ctx, query, args...)
	if err != nil {
		return treeError(err)
	}
	defer func() { _ = rows.Close() }() // Err below tells
	for rows.Next() {
		if err := use(rows); err != nil {
			return treeError(err)
		}
	}
	return treeError(rows.Err())
}

// ask gives the numbers that answer a question.
func (w *indexWriter) ask(query string, args ...any) (out []int64, err error) {
	err = w.each(query, func(rows *sql.Rows) error {
		var n int64
		err := rows.Scan(&n)
		out = append(out, n)
		return err
	}, args...)
	return out, err
}

// word is the number that stands for a text.
func (w *indexWriter) word(text string) (int64, error) {
	if id, ok := w.words[text]; ok {
		return id, nil
	}
	var id int64
	err := w.tx.QueryRowContext(w.ctx, "INSERT INTO word (text) VALUES (?) RETURNING id", text).Scan(&id)
	if err != nil {
		return 0, treeError(err)
	}
	w.words[text] = id
	return id, nil
}

// keep adds a row to the batch.
func (w *indexWriter) keep(r *accessRow) {
	w.rows[r.sequence] = r
	w.order = append(w.order, r)
}

// row is the access of that sequence, nil when there is none.
func (w *indexWriter) row(sequence int64) (*accessRow, error) {
	if r, ok := w.rows[sequence]; ok {
		return r, nil
	}
	r := &accessRow{sequence: sequence, stored: true}
	err := w.tx.QueryRowContext(w.ctx, `SELECT at, actor, action, object, attempt, result, rules, concluded
		FROM access WHERE sequence = ?`, sequence).
		Scan(&r.at, &r.actor, &r.action, &r.object, &r.attempt, &r.result, &r.rules, &r.concluded)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, treeError(err)
	}
	r.wasUnusual, r.wasConcluded = r.unusual(), r.concluded != 0
	w.keep(r)
	if r.rules&bit(RuleViewed) != 0 {
		w.viewed[r.object] = append(w.viewed[r.object], r)
	}
	return r, nil
}

type tallyKey struct{ hour, actor, action int64 }

type tallyChange struct{ accesses, unusual, open int64 }

type span struct{ first, last int64 }

// flush writes the batch.
func (w *indexWriter) flush() error {
	tally, hours := make(map[tallyKey]tallyChange), make(map[int64]span)
	put, err := w.tx.PrepareContext(w.ctx, `INSERT INTO access
		(sequence, at, actor, action, object, attempt, result, rules, concluded)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (sequence)
		DO UPDATE SET result = ?7, rules = ?8, concluded = ?9`)
	if err != nil {
		return treeError(err)
	}
	defer func() { _ = put.Close() }() // the transaction ends it too
	for _, r := range w.order {
		_, err := put.ExecContext(w.ctx, r.sequence, r.at, r.actor, r.action, r.object, r.attempt, r.result, r.rules, r.concluded)
		if err != nil {
			return treeError(err)
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
	k := tallyKey{hour, r.actor, r.action}
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
	if c != (tallyChange{}) {
		tally[k] = c
	}
}

func one(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}

// hourOf is the hour since 1970 of a time in milliseconds.
func hourOf(at int64) int64 { return at / 3_600_000 }

func (w *indexWriter) flushCounts(tally map[tallyKey]tallyChange, hours map[int64]span) error {
	for k, c := range tally {
		_, err := w.tx.ExecContext(w.ctx, `INSERT INTO tally (hour, actor, action, accesses, unusual, open)
			VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (hour, actor, action)
			DO UPDATE SET accesses = accesses + ?4, unusual = unusual + ?5, open = open + ?6`,
			k.hour, k.actor, k.action, c.accesses, c.unusual, c.open)
		if err != nil {
			return treeError(err)
		}
	}
	for hour, s := range hours {
		_, err := w.tx.ExecContext(w.ctx, `INSERT INTO hour (hour, first, last) VALUES (?1, ?2, ?3)
			ON CONFLICT (hour) DO UPDATE SET first = min(first, ?2), last = max(last, ?3)`, hour, s.first, s.last)
		if err != nil {
			return treeError(err)
		}
	}
	return nil
}

func (w *indexWriter) flushRules() error {
	exec := func(query string, args ...any) error {
		_, err := w.tx.ExecContext(w.ctx, query, args...)
		return treeError(err)
	}
	for object, n := range w.prints {
		if err := exec(`INSERT INTO letter (object, prints) VALUES (?1, ?2)
			ON CONFLICT (object) DO UPDATE SET prints = ?2`, object, n); err != nil {
			return err
		}
	}
	for actor, n := range w.failed {
		if err := exec(`INSERT INTO streak (actor, failed) VALUES (?1, ?2)
			ON CONFLICT (actor) DO UPDATE SET failed = ?2`, actor, n); err != nil {
			return err
		}
	}
	for _, k := range w.gone {
		if err := exec("DELETE FROM due WHERE sequence = ? AND rule = ?", k.sequence, k.rule); err != nil {
			return err
		}
	}
	for k, d := range w.due {
		if d.stored {
			continue
		}
		if err := exec("INSERT INTO due (sequence, rule, at, object) VALUES (?, ?, ?, ?)",
			k.sequence, k.rule, d.at, d.object); err != nil {
			return err
		}
	}
	return nil
}
