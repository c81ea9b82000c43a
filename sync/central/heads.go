package central

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"espero-soft.com/printroom/vault/journal/checkpoint"
)

// fineHeads is how long every countersigned head is kept: what another history shows parts from this one
// after one of them. Of older ones the last of each hour stays.
const fineHeads = 24 * time.Hour

// thin drops heads that are too many, when a new hour begins.
func thin(ctx context.Context, tx *sql.Tx, j *journal, now time.Time) error {
	hour := func(us int64) int64 { return us / time.Hour.Microseconds() }
	if hour(j.sealedAt) == hour(micros(now)) {
		return nil
	}
	old := hour(micros(now.Add(-fineHeads))) * time.Hour.Microseconds()
	for _, drop := range []string{
		`DELETE FROM checkpoints WHERE log = ?1 AND thinned = 0 AND signed_at < ?2 AND EXISTS (SELECT 1 FROM checkpoints n
			WHERE n.log = ?1 AND n.thinned = 0 AND n.size > checkpoints.size AND n.signed_at / 3600000000 = checkpoints.signed_at / 3600000000)`,
		`UPDATE checkpoints SET thinned = 1 WHERE log = ?1 AND thinned = 0 AND signed_at < ?2`,
	} {
		if _, err := exec(ctx, tx, drop, j.log, old); err != nil {
			return fmt.Errorf("thin checkpoints: %w", err)
		}
	}
	return nil
}

// rootAt is the root of the first size entries, computed when the last of them came; nil when it was
// forgotten. The last one that was forgotten has its head still.
func rootAt(ctx context.Context, tx *sql.Tx, j *journal, size int64) ([]byte, error) {
	if size == 0 || size == j.tree.Size() {
		tree := j.tree
		if size == 0 {
			tree = new(checkpoint.Tree)
		}
		root := tree.Root()
		return root[:], nil
	}
	var root, frontier []byte
	err := tx.QueryRowContext(ctx, `SELECT root FROM entries WHERE log = ? AND sequence = ?`, j.log, size).Scan(&root)
	if err == nil {
		return root, nil
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("look up root: %w", err)
	}
	err = tx.QueryRowContext(ctx, `SELECT frontier FROM checkpoints WHERE log = ? AND size = ?`, j.log, size).Scan(&frontier)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look up checkpoint: %w", err)
	}
	tree, err := treeOf(size, frontier)
	if err != nil {
		return nil, fmt.Errorf("read checkpoint: %w", err)
	}
	hash := tree.Root()
	return hash[:], nil
}

// treeAt is the tree of the first size entries: that of the last head before, and the entries since.
func treeAt(ctx context.Context, tx *sql.Tx, j *journal, size int64) (*checkpoint.Tree, error) {
	if size == j.tree.Size() {
		return j.tree, nil
	}
	var from int64
	var frontier []byte
	err := tx.QueryRowContext(ctx, `SELECT size, frontier FROM checkpoints WHERE log = ? AND size <= ? ORDER BY size DESC LIMIT 1`, j.log, size).
		Scan(&from, &frontier)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("look up checkpoint: %w", err)
	}
	tree, err := treeOf(from, frontier)
	if err != nil {
		return nil, fmt.Errorf("read checkpoint: %w", err)
	}
	rows, err := tx.QueryContext(ctx, `SELECT entry FROM entries WHERE log = ? AND sequence BETWEEN ? AND ? ORDER BY sequence`, j.log, from+1, size)
	if err != nil {
		return nil, fmt.Errorf("look up entries: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var entry sql.RawBytes
		if err := rows.Scan(&entry); err != nil {
			return nil, fmt.Errorf("read entry: %w", err)
		}
		tree.Append(checkpoint.LeafHash(entry))
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("look up entries: %w", err)
	}
	if tree.Size() != size {
		return nil, fmt.Errorf("journal %s: entries before %d are missing", j.log, size)
	}
	return tree, nil
}

// keepHeads brings the last countersigned heads of an older program's database to where they are kept now.
func (c *Central) keepHeads(ctx context.Context) error {
	return inTx(ctx, c.db, func(tx *sql.Tx) error {
		logs, err := texts(ctx, tx, `SELECT log FROM journals j WHERE checkpoint <> ''
			AND NOT EXISTS (SELECT 1 FROM checkpoints c WHERE c.log = j.log AND c.size = j.countersigned)`)
		if err != nil {
			return fmt.Errorf("look up journals: %w", err)
		}
		for _, log := range logs {
			var owner station
			if err := tx.QueryRowContext(ctx, `SELECT station FROM journals WHERE log = ?`, log).Scan(&owner.id); err != nil {
				return fmt.Errorf("look up journal: %w", err)
			}
			j, err := openLog(ctx, tx, owner, log)
			if err != nil {
				return err
			}
			at, err := signedAt(j.checkpoint)
			if err == nil {
				err = c.keepHead(ctx, tx, j, j.sealed, at, []byte(j.checkpoint))
			}
			if err != nil {
				return fmt.Errorf("journal %s: %w", log, err)
			}
		}
		return nil
	})
}

// signedAt is the witness's time on a note.
func signedAt(note string) (time.Time, error) {
	cp, err := checkpoint.ParseCheckpoint([]byte(note))
	if err != nil {
		return time.Time{}, fmt.Errorf("read checkpoint: %w", err)
	}
	at, ok := checkpoint.CosignedAt(cp)
	if !ok {
		return at, errors.New("read checkpoint: nobody countersigned it")
	}
	return at, nil
}
