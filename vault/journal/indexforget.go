package journal

import (
	"context"
	"database/sql"
	"errors"
)

// clearBatch rows are taken out at once: nobody waits long for a question.
const clearBatch = 5000

// forget makes the index answer as one does that is made of the entries after
// start alone: the counts are lowered, and the rules that looked at what is gone
// look again. The rows themselves go later, see clear; no question sees them.
func (x *index) forget(ctx context.Context, from reading, state indexed, start int64) (err error) {
	tx, err := x.db.writer.BeginTx(ctx, nil)
	if err != nil {
		return treeError(err)
	}
	defer func() {
		if err != nil {
			_ = tx.Rollback() // err says what went wrong
		}
	}()
	r, err := tx.ExecContext(ctx, "UPDATE state SET start = ? WHERE start = ? AND size = ?", start, state.start, state.size)
	if err != nil {
		return treeError(err)
	}
	if n, err := r.RowsAffected(); err != nil || n != 1 { // another program was faster
		return treeError(errors.Join(err, tx.Rollback()))
	}
	w, err := newIndexWriter(ctx, tx, x.hours, start)
	if err != nil {
		return err
	}
	f := forgetting{indexWriter: w, from: from, old: state.start, size: state.size}
	for _, do := range []func() error{f.counts, f.letters, f.streaks, f.flush, f.tidy} {
		if err := do(); err != nil {
			return err
		}
	}
	return treeError(tx.Commit())
}

// clear takes out some of the rows that were forgotten, and tells whether none
// is left.
func (x *index) clear(ctx context.Context) (all bool, err error) {
	const some = "FROM access WHERE sequence <= ?1 ORDER BY sequence LIMIT ?2"
	if x.start == 0 {
		return true, nil
	}
	tx, err := x.db.writer.BeginTx(ctx, nil)
	if err != nil {
		return false, treeError(err)
	}
	defer func() { _ = tx.Rollback() }() // does nothing after Commit
	var n int64
	for _, query := range []string{
		"DELETE FROM letter WHERE last <= ?1 AND object IN (SELECT object " + some + ")",
		"DELETE FROM access WHERE sequence IN (SELECT sequence " + some + ")",
	} {
		r, err := tx.ExecContext(ctx, query, x.start, clearBatch)
		if err != nil {
			return false, treeError(err)
		}
		if n, err = r.RowsAffected(); err != nil {
			return false, treeError(err)
		}
	}
	return n < clearBatch, treeError(tx.Commit())
}

// forgetting is one change of the index's start.
type forgetting struct {
	*indexWriter
	from reading // of the entries
	old  int64   // what is between it and start is forgotten
	size int64   // the last entry that was taken up
}

// counts takes the forgotten accesses out of the counts. An hour that is gone
// whole gives its counts back; of another one the rows are counted.
func (f *forgetting) counts() error {
	less := make(map[tallyKey]tallyChange)
	take := func(rows *sql.Rows) error {
		var k tallyKey
		var c tallyChange
		err := rows.Scan(&k.hour, &k.action, &k.actor, &c.accesses, &c.unusual, &c.open)
		less[k] = tallyChange{-c.accesses, -c.unusual, -c.open}
		return err
	}
	err := f.each(`SELECT t.hour, action, actor, accesses, unusual, open FROM hour h CROSS JOIN tally t
		ON t.hour = h.hour WHERE last <= ? AND days = 0 AND action IN (SELECT id FROM word)`, take, f.start)
	if err != nil {
		return err
	}
	err = f.each(`SELECT h.hour, action, actor, count(*), sum(rules <> 0), sum(rules <> 0 AND concluded = 0)
		FROM hour h CROSS JOIN access ON sequence BETWEEN first AND ? AND at / 3600000 = h.hour
		WHERE first <= ? AND last > ? GROUP BY h.hour, action, actor`, take, f.start, f.start, f.start)
	if err != nil {
		return err
	}
	return f.flushCounts(less, nil)
}

// tidy removes what counts nothing any more.
func (f *forgetting) tidy() error {
	if err := f.exec("DELETE FROM tally WHERE accesses = 0"); err != nil {
		return err
	}
	for _, query := range []string{
		"DELETE FROM hour WHERE last <= ?1", "UPDATE hour SET first = ?1 + 1 WHERE first <= ?1",
		"DELETE FROM due WHERE sequence <= ?1", "DELETE FROM again WHERE sequence <= ?1",
	} {
		if err := f.exec(query, f.start); err != nil {
			return err
		}
	}
	return nil
}
