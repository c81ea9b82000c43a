package journal

import (
	"context"
	"database/sql"
)

// indexFile serves the questions of whoever reads the journal. It is a file of
// its own, so that neither appends nor proofs nor the start wait for it.
const indexFile = "index.db"

// indexBatch entries are taken up in one transaction.
const indexBatch = 20_000

// indexSchema: an access is an intent with its result, or a record; "result" is
// the sequence of the entry that has the outcome, 0 while there is none.
// "tally" counts accesses so that no picture of them needs a scan; "unusual"
// are those that a rule fired for, "open" the ones of them that nobody has
// concluded. "hour" narrows a time to sequences. "due" are rules that fire
// when their time comes and nothing has called them off.
const indexSchema = `
CREATE TABLE IF NOT EXISTS state (one INTEGER PRIMARY KEY CHECK (one = 1),
	size INTEGER NOT NULL, hours TEXT NOT NULL) STRICT;
INSERT INTO state (one, size, hours) SELECT 1, 0, '' WHERE NOT EXISTS (SELECT 1 FROM state);
CREATE TABLE IF NOT EXISTS word (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE IF NOT EXISTS access (
	sequence  INTEGER PRIMARY KEY,
	at        INTEGER NOT NULL,
	actor     INTEGER NOT NULL,
	action    INTEGER NOT NULL,
	object    TEXT NOT NULL,
	attempt   TEXT NOT NULL,
	result    INTEGER NOT NULL,
	rules     INTEGER NOT NULL,
	concluded INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS by_actor ON access (actor);
CREATE INDEX IF NOT EXISTS by_action ON access (action);
CREATE INDEX IF NOT EXISTS by_both ON access (actor, action);
CREATE INDEX IF NOT EXISTS by_object ON access (object) WHERE object <> '';
CREATE INDEX IF NOT EXISTS by_attempt ON access (attempt) WHERE attempt <> '';
CREATE INDEX IF NOT EXISTS by_rule ON access (sequence) WHERE rules <> 0;
CREATE TABLE IF NOT EXISTS hour (hour INTEGER PRIMARY KEY, first INTEGER NOT NULL, last INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS tally (
	hour INTEGER NOT NULL, actor INTEGER NOT NULL, action INTEGER NOT NULL,
	accesses INTEGER NOT NULL, unusual INTEGER NOT NULL, open INTEGER NOT NULL,
	PRIMARY KEY (hour, actor, action)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS letter (object TEXT PRIMARY KEY, prints INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS streak (actor INTEGER PRIMARY KEY, failed INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS due (
	sequence INTEGER NOT NULL, rule INTEGER NOT NULL, at INTEGER NOT NULL, object TEXT NOT NULL,
	PRIMARY KEY (sequence, rule)
) STRICT, WITHOUT ROWID;
`

// index is the file; Journal's lock is held while it is used.
type index struct {
	remade
	hours WorkingHours
}

// look calls use with the index up to date with what is stored. An index that
// contradicts the entries is made again first; use is then called twice.
func (j *Journal) look(ctx context.Context, use func() error) error {
	if err := j.open(); err != nil {
		return err
	}
	last, err := j.db.last(ctx)
	if err != nil {
		return j.found(err)
	}
	j.index.Lock()
	defer j.index.Unlock()
	if err := j.open(); err != nil { // closed while waiting
		return err
	}
	err = j.index.sound(ctx, func() error { return j.index.catchUp(ctx, j.db, last) }, use)
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return j.found(err)
}

// Index brings the index up to date and tells how far it is between its steps,
// so that whoever waits for the first questions sees why. The questions do the
// same by themselves.
func (j *Journal) Index(ctx context.Context, progress func(done, total int64)) error {
	total, err := j.db.last(ctx)
	if err != nil {
		return j.found(err)
	}
	for done := int64(0); ; {
		err := j.step(ctx, total, &done)
		if err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return j.found(err)
		}
		if progress != nil {
			progress(min(done, total), total)
		}
		if done >= total {
			return nil
		}
	}
}

// step takes up one batch.
func (j *Journal) step(ctx context.Context, total int64, done *int64) error {
	j.index.Lock()
	defer j.index.Unlock()
	if err := j.open(); err != nil {
		return err
	}
	return j.index.sound(ctx, func() error { return nil }, func() (err error) {
		*done, err = j.index.takeUp(ctx, j.db, total)
		return err
	})
}

// Reindex makes the index again from the entries: what it lists afterwards is
// what is stored, whoever had changed the index file.
func (j *Journal) Reindex(ctx context.Context, progress func(done, total int64)) error {
	j.index.Lock()
	err := j.open()
	if err == nil {
		err = j.index.restart(ctx)
	}
	j.index.Unlock()
	if err != nil {
		return err
	}
	return j.Index(ctx, progress)
}

func (x *index) catchUp(ctx context.Context, from *database, last int64) error {
	for {
		done, err := x.takeUp(ctx, from, last)
		if err != nil || done >= last {
			return err
		}
	}
}

// takeUp indexes the next batch of the entries up to last and tells how far the
// index is. Entries that can't be read are left to verification.
func (x *index) takeUp(ctx context.Context, from *database, last int64) (done int64, err error) {
	tx, err := x.db.writer.BeginTx(ctx, nil)
	if err != nil {
		return 0, treeError(err)
	}
	defer func() {
		if err != nil {
			_ = tx.Rollback() // err says what went wrong
		}
	}()
	size, err := x.present(ctx, tx, last)
	if err != nil {
		return 0, err
	}
	if size >= last {
		return size, tx.Rollback()
	}
	w, err := newIndexWriter(ctx, tx, x.hours)
	if err != nil {
		return 0, err
	}
	until := min(last, size+indexBatch)
	err = from.scan(ctx, size, until, func(_ int64, b []byte) error { return w.add(b) })
	if err != nil {
		return 0, err
	}
	if err := w.flush(); err != nil {
		return 0, err
	}
	if _, err := tx.ExecContext(ctx, "UPDATE state SET size = ?, hours = ?", until, x.hours.mark()); err != nil {
		return 0, treeError(err)
	}
	return until, treeError(tx.Commit())
}

// present is how many entries the index holds. One that is ahead of the log, or
// was made for other working hours, is no good.
func (x *index) present(ctx context.Context, tx *sql.Tx, last int64) (size int64, err error) {
	var hours string
	// Writing first takes the write lock before anything is read.
	err = tx.QueryRowContext(ctx, "UPDATE state SET size = size RETURNING size, hours").Scan(&size, &hours)
	if err != nil {
		return 0, treeError(err)
	}
	if size > last || size > 0 && hours != x.hours.mark() {
		return 0, errTree
	}
	return size, nil
}
