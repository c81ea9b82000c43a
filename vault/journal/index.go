package journal

import (
	"context"
	"errors"
)

const (
	// indexBatch entries are taken up in one transaction, firstBatch as long as
	// no search has to be kept up to date.
	indexBatch = 20_000
	firstBatch = 200_000
)

// index is the file; Journal's lock is held while it is used.
type index struct {
	remade
	hours WorkingHours
	start int64 // the log begins after this entry; as of the last indexed
}

// indexed is how far the index is.
type indexed struct {
	size     int64 // entries taken up
	start    int64
	searched bool
}

// look calls use with the index up to date with what is stored. An index that
// contradicts the entries is made again first; use is then called twice.
func (j *Journal) look(ctx context.Context, use func() error) error {
	if err := j.open(); err != nil {
		return err
	}
	j.index.Lock()
	defer j.index.Unlock()
	if err := j.open(); err != nil { // closed while waiting
		return err
	}
	err := j.index.sound(ctx, func() error { return j.index.catchUp(ctx, j.db) }, use)
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return j.found(err)
}

// Index brings the index up to date and tells how far it is between its steps,
// so that whoever waits for the first questions sees why. The questions do the
// same by themselves; who calls it now and then makes them quick.
func (j *Journal) Index(ctx context.Context, progress func(done, total int64)) error {
	return j.found(j.index.make(ctx, j, &j.index.index, progress))
}

// make brings x up to date step by step, the lock free between them.
func (l *indexLock) make(ctx context.Context, j *Journal, x *index, progress func(done, total int64)) error {
	for {
		var done, total int64
		ready := false
		err := func() error {
			l.Lock()
			defer l.Unlock()
			if err := j.open(); err != nil {
				return err
			}
			return x.sound(ctx, func() error { return nil }, func() (err error) {
				done, total, ready, err = x.step(ctx, j.db)
				return err
			})
		}()
		if err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return err
		}
		if progress != nil {
			progress(done, total)
		}
		if ready {
			return nil
		}
	}
}

// catchUp makes the index answer for what is stored now.
func (x *index) catchUp(ctx context.Context, from *database) error {
	last, err := from.last(ctx)
	if err != nil {
		return err
	}
	for {
		_, ready, err := x.advance(ctx, from, last)
		if err != nil || ready {
			return err
		}
	}
}

// step is a part of catchUp and tells how far it is of how many entries; the
// searches count as a quarter of the work.
func (x *index) step(ctx context.Context, from *database) (done, total int64, ready bool, err error) {
	if total, err = from.last(ctx); err != nil {
		return 0, 0, false, err
	}
	state, ready, err := x.advance(ctx, from, total)
	if err != nil || ready {
		return total, total, ready, err
	}
	if done = state.size; !state.searched {
		done = state.size * 3 / 4
		if state.size >= total {
			made, err := x.searchesMade(ctx)
			return total*3/4 + total/4*made/int64(len(searches())), total, false, err
		}
	}
	return min(done, total), total, false, nil
}

// advance takes the next step towards the entry last: what was forgotten goes,
// a batch of entries comes, and once all of the first ones are in, a search.
func (x *index) advance(ctx context.Context, from *database, last int64) (state indexed, ready bool, err error) {
	if state, err = x.state(ctx, last); err != nil {
		return state, false, err
	}
	x.start = state.start
	switch {
	case state.size < last:
		state.size, err = x.takeUp(ctx, from, state, last)
		return state, err == nil && state.searched && state.size >= last, err
	case !state.searched:
		state.searched, err = x.search(ctx)
		return state, state.searched, err
	default:
		return state, true, nil
	}
}

// state is how far the index is. One that is ahead of the log, or was made for
// other working hours, is no good.
func (x *index) state(ctx context.Context, last int64) (s indexed, err error) {
	var hours string
	err = x.db.writer.QueryRowContext(ctx, "SELECT size, start, hours, searched FROM state").
		Scan(&s.size, &s.start, &hours, &s.searched)
	if err != nil {
		return s, treeError(err)
	}
	if s.size > last || s.size > 0 && hours != x.hours.mark() {
		return s, errTree
	}
	return s, nil
}

// takeUp indexes the next batch of the entries up to last. Entries that can't be
// read are left to verification.
func (x *index) takeUp(ctx context.Context, from *database, state indexed, last int64) (size int64, err error) {
	tx, err := x.db.writer.BeginTx(ctx, nil)
	if err != nil {
		return 0, treeError(err)
	}
	defer func() {
		if err != nil {
			_ = tx.Rollback() // err says what went wrong
		}
	}()
	until := min(last, state.size+indexBatch)
	if !state.searched {
		until = min(last, state.size+firstBatch)
	}
	// Writing first takes the write lock before anything is read.
	r, err := tx.ExecContext(ctx, "UPDATE state SET size = ?, hours = ? WHERE size = ? AND start = ?",
		until, x.hours.mark(), state.size, state.start)
	if err != nil {
		return 0, treeError(err)
	}
	if n, err := r.RowsAffected(); err != nil || n != 1 { // another program was faster
		return state.size, treeError(errors.Join(err, tx.Rollback()))
	}
	w, err := newIndexWriter(ctx, tx, x.hours)
	if err != nil {
		return 0, err
	}
	if err := from.scanAhead(ctx, state.size, until, func(_ int64, b []byte) error { return w.add(b) }); err != nil {
		return 0, err
	}
	if err := w.flush(); err != nil {
		return 0, err
	}
	return until, treeError(tx.Commit())
}

// search makes the next search that is missing, and tells whether it was the last.
func (x *index) search(ctx context.Context) (all bool, err error) {
	made, err := x.searchesMade(ctx)
	if err != nil {
		return false, err
	}
	exec := func(query string) {
		if err == nil {
			_, err = x.db.writer.ExecContext(ctx, query)
		}
	}
	if made < int64(len(searches())) {
		exec("PRAGMA cache_size = -65536")
		exec("CREATE INDEX IF NOT EXISTS " + searches()[made])
		exec("PRAGMA cache_size = -2000")
		exec("PRAGMA shrink_memory")
		made++
	}
	if all = made == int64(len(searches())); all {
		exec("UPDATE state SET searched = 1")
	}
	return all, treeError(err)
}

// searchesMade counts them; they are made in order.
func (x *index) searchesMade(ctx context.Context) (made int64, err error) {
	err = x.db.writer.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema WHERE type = 'index' AND name LIKE 'by!_%' ESCAPE '!'").Scan(&made)
	return made, treeError(err)
}

// Reindex makes the index again from the entries: what it lists afterwards is
// what is stored, whoever had changed the index file. The old one answers until
// then.
func (j *Journal) Reindex(ctx context.Context, progress func(done, total int64)) error {
	aside := &index{hours: j.index.hours}
	aside.path, aside.schema = j.index.path+".new", j.index.schema
	j.remaking.Lock()
	defer j.remaking.Unlock()
	err := aside.restart(ctx)
	if err == nil {
		var beside indexLock // nobody else knows of it
		err = beside.make(ctx, j, aside, progress)
	}
	if err != nil {
		return j.found(errors.Join(err, aside.remove()))
	}
	j.index.Lock()
	defer j.index.Unlock()
	if err := j.open(); err != nil {
		return errors.Join(err, aside.remove())
	}
	return j.index.replace(ctx, &aside.remade)
}
