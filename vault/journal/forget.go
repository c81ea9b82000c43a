package journal

import (
	"context"
	"fmt"
)

// Forget deletes the oldest shard: its entries and its checkpoints but the last
// one, after which the log then starts. Whether its time is up is for the caller
// to judge, by the witness's clock (Status.SealedAt) and not by the station's
// own. The shard is read before: ErrRange when s is not the oldest one as Shards
// gives it, and a broken journal, or one that turns out to be, forgets nothing.
// Once the start is stored the shard is forgotten, whatever happens; what an
// error or a crash leaves undeleted goes with the next Forget, or soon after the
// next Open.
func (j *Journal) Forget(ctx context.Context, s Shard) error {
	j.sweeping.stop() // the rest is for this call, which its own ctx ends
	j.forgetting.Lock()
	defer j.forgetting.Unlock()
	if err := j.trusted(); err != nil {
		return err
	}
	err := j.found(j.forget(ctx, s))
	j.months.drop() // if s was none, so may the others be
	if j.trusted() == nil {
		if serr := j.db.sweep(ctx, j.open); err == nil {
			err = j.found(serr)
		}
	}
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

func (j *Journal) forget(ctx context.Context, s Shard) error {
	var from, to beginning
	err := j.db.snapshot(ctx, func(r reading) (err error) {
		if from, err = j.startIn(ctx, r); err != nil {
			return err
		}
		to, err = j.startAfter(ctx, r, from, s)
		return err
	})
	if err != nil {
		return err
	}
	// Whether it happened must not be left open by who asked.
	if err := j.db.putStart(context.WithoutCancel(ctx), from.Size, to.stored); err != nil {
		return err
	}
	j.setStart(to)
	return nil
}

// putStart stores a start durably, its checkpoint with it, if the log still
// starts after the given entry. From then on what is before it is forgotten.
func (d *database) putStart(ctx context.Context, from int64, s storedStart) error {
	const first = `INSERT INTO start (one, size, note, frontier, leaf, proof, anchor, anchored)
		SELECT 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 WHERE ?1 = 0 AND NOT EXISTS (SELECT 1 FROM start)`
	const next = `UPDATE start SET size = ?2, note = ?3, frontier = ?4, leaf = ?5, proof = ?6, anchor = ?7, anchored = ?8
		WHERE size = ?1`
	put := next
	if from == 0 {
		put = first
	}
	r, err := d.writer.ExecContext(ctx, put, from, s.size, []byte(s.note), []byte(s.frontier), []byte(s.leaf),
		[]byte(s.proof), []byte(s.anchor), []byte(s.anchored))
	if err != nil {
		return storageError("forget", err)
	}
	if n, err := r.RowsAffected(); err != nil || n == 1 {
		return storageError("forget", err)
	}
	return fmt.Errorf("%w: another program has forgotten it", ErrRange)
}
