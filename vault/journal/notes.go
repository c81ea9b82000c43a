package journal

import (
	"context"
	"database/sql"
	"errors"
)

// What the checkpoint table's column sealed says.
const (
	signed = 0 // by the station alone
	sealed = 1 // countersigned as well
)

// note is the stored note of that size and kind, nil when there is none.
func (r reading) note(ctx context.Context, kind int, size int64) ([]byte, error) {
	var b []byte
	err := r.from.QueryRowContext(ctx,
		"SELECT note FROM checkpoint WHERE sealed = ? AND size = ?", kind, size).Scan(&b)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return b, readError(ctx, err)
}

// lastNote is the note of the greatest size of that kind, nil when there is none
// of more than after entries.
func (r reading) lastNote(ctx context.Context, kind int, after int64) ([]byte, error) {
	var b []byte
	err := r.from.QueryRowContext(ctx,
		"SELECT note FROM checkpoint WHERE sealed = ? AND size > ? ORDER BY size DESC LIMIT 1", kind, after).Scan(&b)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return b, readError(ctx, err)
}

// putNote stores a note durably.
func (d *database) putNote(ctx context.Context, kind int, size int64, note []byte) error {
	_, err := d.writer.ExecContext(ctx,
		"INSERT INTO checkpoint (sealed, size, note) VALUES (?, ?, ?)", kind, size, note)
	return storageError("store a checkpoint", err)
}

// storedNote is a row of the checkpoint table.
type storedNote struct {
	size int64
	kind int
	note []byte
}

// notes gives up to 1000 notes after the given place, by size and kind.
func (r reading) notes(ctx context.Context, size int64, kind int) ([]storedNote, error) {
	rows, err := r.from.QueryContext(ctx,
		`SELECT size, sealed, note FROM checkpoint WHERE (size, sealed) > (?, ?)
		ORDER BY size, sealed LIMIT 1000`, size, kind)
	if err != nil {
		return nil, readError(ctx, err)
	}
	defer func() { _ = rows.Close() }() // Err below tells
	var out []storedNote
	for rows.Next() {
		var n storedNote
		if err := rows.Scan(&n.size, &n.kind, &n.note); err != nil {
			return nil, readError(ctx, err)
		}
		out = append(out, n)
	}
	return out, readError(ctx, rows.Err())
}
