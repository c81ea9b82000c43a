package journal

import (
	"context"
	"database/sql"
	"errors"
	"math"
)

// toEnd as the last entry of a scan means all there are.
const toEnd = math.MaxInt64

// maxEntries bounds what Entries gives at once.
const maxEntries = 10_000

// Entries gives the exact bytes of up to limit entries (10,000 at most) after
// the first after ones, in order: Entries(ctx, 0, n) starts with the first. It
// reads what is stored, good or not.
func (j *Journal) Entries(ctx context.Context, after int64, limit int) ([][]byte, error) {
	limit = max(0, min(limit, maxEntries))
	var out [][]byte
	after = max(0, min(after, math.MaxInt64-maxEntries))
	err := j.db.scan(ctx, after, after+int64(limit), func(_ int64, b []byte) error {
		out = append(out, append([]byte(nil), b...))
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// scan calls each with the entries after < sequence <= last in order. The bytes
// are only valid during the call and not to be kept. An error of each ends the scan and comes back
// as it is.
func (d *database) scan(ctx context.Context, after, last int64, each func(sequence int64, bytes []byte) error) error {
	rows, err := d.reader.QueryContext(ctx,
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

// scanBack calls each with the entries from the last one on, backwards, until it
// returns false or an error, which comes back as it is.
func (d *database) scanBack(ctx context.Context, each func(bytes []byte) (bool, error)) error {
	rows, err := d.reader.QueryContext(ctx, "SELECT bytes FROM entry ORDER BY sequence DESC")
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
func (d *database) entry(ctx context.Context, sequence int64) ([]byte, error) {
	var b []byte
	err := d.reader.QueryRowContext(ctx, "SELECT bytes FROM entry WHERE sequence = ?", sequence).Scan(&b)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return b, readError(ctx, err)
}

// last is the greatest sequence, 0 when there is no entry.
func (d *database) last(ctx context.Context) (int64, error) {
	var n int64
	err := d.reader.QueryRowContext(ctx, "SELECT coalesce(max(sequence), 0) FROM entry").Scan(&n)
	return n, readError(ctx, err)
}

// readError keeps a cancelled reading apart from a failing storage.
func readError(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return storageError("read", err)
}
