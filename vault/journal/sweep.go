package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// sweepChunk rows are deleted in one step: appends wait for one at most.
const sweepChunk = 2000

// sweepOn deletes what an interrupted Forget left, on a goroutine of the journal's
// that Close and Forget end: it takes minutes for millions of entries. What fails,
// on a full disk, say, is left to the next Forget or Open.
func (j *Journal) sweepOn(ctx context.Context) {
	start := j.start().Size
	if start == 0 || j.trusted() != nil {
		return
	}
	j.sweeping.Go(func() {
		j.forgetting.Lock()
		defer j.forgetting.Unlock()
		err := j.open()
		if err == nil {
			var left bool
			if left, err = j.db.unswept(ctx, start); left {
				err = j.db.sweep(ctx, j.open)
			}
		}
		_ = j.found(err)
	})
}

// unswept tells whether something before the start is still there.
func (r reading) unswept(ctx context.Context, start int64) (left bool, err error) {
	err = r.from.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM entry WHERE sequence <= ?1)
		OR EXISTS (SELECT 1 FROM checkpoint WHERE size <= ?1)`, start).Scan(&left)
	return left, readError(ctx, err)
}

// sweep deletes what is before the start, and overwrites it, until going says
// why not to.
func (d *database) sweep(ctx context.Context, going func() error) error {
	var swept int64
	for _, rows := range []string{
		`DELETE FROM entry WHERE sequence <= (SELECT size FROM start)
			AND sequence < (SELECT min(sequence) FROM entry) + ?`,
		`DELETE FROM checkpoint WHERE (size, sealed) IN (SELECT size, sealed FROM checkpoint
			WHERE size <= (SELECT size FROM start) ORDER BY size LIMIT ?)`,
	} {
		for n := int64(1); n > 0; swept += n {
			if err := going(); err != nil {
				return err
			}
			r, err := d.writer.ExecContext(ctx, rows, sweepChunk)
			if err != nil {
				return storageError("forget", err)
			}
			if n, err = r.RowsAffected(); err != nil {
				return storageError("forget", err)
			}
		}
	}
	if swept == 0 {
		return nil
	}
	return d.emptyLog(ctx)
}

// emptyLog takes what was deleted out of SQLite's own log as well, unless
// somebody is reading from it: then the next one to close the file does.
func (d *database) emptyLog(ctx context.Context) error {
	conn, err := d.writer.Conn(ctx)
	if err != nil {
		return storageError("forget", err)
	}
	defer func() { _ = conn.Close() }() // it goes back to the pool
	var wait int64
	if err := conn.QueryRowContext(ctx, "PRAGMA busy_timeout").Scan(&wait); err != nil {
		return storageError("forget", err)
	}
	var busy sql.NullInt64
	_, err = conn.ExecContext(ctx, "PRAGMA busy_timeout=0")
	if err == nil {
		err = conn.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, new(sql.NullInt64), new(sql.NullInt64))
	}
	back, stop := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer stop()
	_, berr := conn.ExecContext(back, fmt.Sprintf("PRAGMA busy_timeout=%d", wait))
	return storageError("forget", errors.Join(err, berr))
}
