package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
)

// toEnd as the last entry of a scan means all there are.
const toEnd = math.MaxInt64

// maxEntries bounds what Entries gives at once.
const maxEntries = 10_000

// Entries gives the exact bytes of up to limit entries (10,000 at most) after
// the first after ones, in order: Entries(ctx, 0, n) starts with the first. It
// reads what is stored, good or not; ErrRange where after is before Start.
func (j *Journal) Entries(ctx context.Context, after int64, limit int) ([][]byte, error) {
	limit = max(0, min(limit, maxEntries))
	var out [][]byte
	after = max(0, min(after, math.MaxInt64-maxEntries))
	err := j.db.snapshot(ctx, func(r reading) error {
		start, err := r.start(ctx)
		if err != nil {
			return err
		}
		if after < start.size {
			return fmt.Errorf("%w: the entries up to %d were forgotten", ErrRange, start.size)
		}
		return r.scan(ctx, after, after+int64(limit), func(_ int64, b []byte) error {
			out = append(out, append([]byte(nil), b...))
			return nil
		})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// reading is where the log is read: any connection, or one snapshot of it.
type reading struct {
	from interface {
		QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
		QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	}
}

// snapshot calls use with the log as it is at one moment, whatever is added or
// forgotten meanwhile.
func (d *database) snapshot(ctx context.Context, use func(reading) error) error {
	tx, err := d.reader.BeginTx(ctx, nil)
	if err != nil {
		return readError(ctx, err)
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	return use(reading{tx})
}

// scan calls each with the entries after < sequence <= last in order. The bytes
// are only valid during the call and not to be kept. An error of each ends the scan and comes back
// as it is.
func (r reading) scan(ctx context.Context, after, last int64, each func(sequence int64, bytes []byte) error) error {
	rows, err := r.from.QueryContext(ctx,
		"SELECT sequence, bytes FROM entry WHERE sequence > ? AND sequence <= ? ORDER BY sequence", after, last)
	if err != nil {
		return readError(ctx, err)
	}
	defer func() { _ = rows.Close() }() // Err below tells
	for rows.Next() {
		var sequence int64
		var bytes sql.RawBytes
		if err := rows.Scan(&sequence, &bytes); err != nil {
			return readError(ctx, err)
		}
		if err := each(sequence, bytes); err != nil {
			return err
		}
	}
	return readError(ctx, rows.Err())
}

// scanBack calls each with the entries from that last one on, backwards to the
// one after the given one, until it returns false or an error, which comes back
// as it is.
func (r reading) scanBack(ctx context.Context, after, last int64, each func(bytes []byte) (bool, error)) error {
	rows, err := r.from.QueryContext(ctx, "SELECT bytes FROM entry WHERE sequence > ? AND sequence <= ? ORDER BY sequence DESC", after, last)
	if err != nil {
		return readError(ctx, err)
	}
	defer func() { _ = rows.Close() }() // Err below tells
	for more := true; more && rows.Next(); {
		var bytes sql.RawBytes
		if err := rows.Scan(&bytes); err != nil {
			return readError(ctx, err)
		}
		if more, err = each(bytes); err != nil {
			return err
		}
	}
	return readError(ctx, rows.Err())
}

// entry is one entry's bytes, nil when there is none of that sequence.
func (r reading) entry(ctx context.Context, sequence int64) ([]byte, error) {
	var b []byte
	err := r.from.QueryRowContext(ctx, "SELECT bytes FROM entry WHERE sequence = ?", sequence).Scan(&b)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return b, readError(ctx, err)
}

// last is the greatest sequence that was given, 0 when there is no entry.
func (r reading) last(ctx context.Context) (int64, error) {
	var n int64
	err := r.from.QueryRowContext(ctx, "SELECT "+lastSequence).Scan(&n)
	return n, readError(ctx, err)
}

// readError keeps a cancelled reading apart from a failing storage.
func readError(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return storageError("read", err)
}
