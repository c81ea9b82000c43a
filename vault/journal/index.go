package journal

import (
	"context"
	"errors"
	"time"
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
	size     int64 // the last entry that was taken up
	start    int64 // the one after which the log begins
	searched bool  // the searches are there
	ready    bool  // it can answer for what is stored
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

// KeepIndex brings the index up to date each time that long has passed, until ctx
// ends: the questions then wait for a few entries alone, and what was forgotten
// leaves the file soon.
func (j *Journal) KeepIndex(ctx context.Context, every time.Duration) {
	pace := time.NewTicker(every)
	defer pace.Stop()
	for {
		_ = j.Index(ctx, nil) // who asks gets the error; what it says of the log is kept
		select {
		case <-ctx.Done():
			return
		case <-pace.C:
		}
	}
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
	for {
		state, _, err := x.advance(ctx, from)
		if err != nil || state.ready {
			return err
		}
	}
}

// step is a part of catchUp, and afterwards of clear, and tells how far it is of
// how many entries; the searches count as a quarter of the work.
func (x *index) step(ctx context.Context, from *database) (done, total int64, ready bool, err error) {
	state, total, err := x.advance(ctx, from)
	switch {
	case err != nil:
		return 0, 0, false, err
	case state.ready:
		ready, err = x.clear(ctx)
		return total, total, ready, err
	case state.searched:
		return state.size, total, false, nil
	case state.size < total:
		return state.size * 3 / 4, total, false, nil
	}
	made, err := x.searchesMade(ctx)
	return total*3/4 + total/4*made/int64(len(searches())), total, false, err
}

// advance takes the next step towards the last entry: what the log has forgotten
// is left out, a batch of entries comes, and once all of the first ones are in,
// a search.
func (x *index) advance(ctx context.Context, from *database) (state indexed, last int64, err error) {
	err = from.snapshot(ctx, func(r reading) error {
		start, err := r.start(ctx)
		if err != nil {
			return err
		}
		if last, err = r.last(ctx); err != nil {
			return err
		}
		if state, err = x.state(ctx, start.size, last); err != nil {
			return err
		}
		switch {
		case state.start < start.size && state.size == 0:
			err = x.begin(ctx, start.size)
			state.size, state.start = start.size, start.size
		case state.start < start.size:
			err = x.forget(ctx, r, state, start.size)
			state.start = start.size
		case state.size < last:
			state.size, err = x.takeUp(ctx, r, state, last)
		case !state.searched:
			state.searched, err = x.search(ctx)
		}
		x.start = state.start
		state.ready = state.start >= start.size && state.size >= last && state.searched
		return err
	})
	return state, last, err
}

// state is how far the index is. One that is ahead of the log or behind its
// start, or was made for other working hours, is no good; nor is one of which
// something would have to be left out before it was ever whole.
func (x *index) state(ctx context.Context, start, last int64) (s indexed, err error) {
	var hours string
	err = x.db.writer.QueryRowContext(ctx, "SELECT size, start, hours, searched FROM state").
		Scan(&s.size, &s.start, &hours, &s.searched)
	if err != nil {
		return s, treeError(err)
	}
	if s.size == 0 {
		return s, nil
	}
	if s.size > last || s.size < start || s.start > start || hours != x.hours.mark() || s.start < start && !s.searched {
		return s, errTree
	}
	return s, nil
}

// begin makes an empty index begin where the log does.
func (x *index) begin(ctx context.Context, start int64) error {
	_, err := x.db.writer.ExecContext(ctx, "UPDATE state SET size = ?1, start = ?1, hours = ?2 WHERE size = 0", start, x.hours.mark())
	return treeError(err)
}

// takeUp indexes the next batch of the entries up to last. Entries that can't be
// read are left to verification.
func (x *index) takeUp(ctx context.Context, from reading, state indexed, last int64) (size int64, err error) {
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
	w, err := newIndexWriter(ctx, tx, x.hours, state.start)
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
