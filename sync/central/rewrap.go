package central

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"espero-soft.com/printroom/vault/memory"
)

// rewrapBatch is how many values are wrapped anew in one transaction: few, as all writers wait for it.
const rewrapBatch = 32

// sealedColumn is a column that the KMS wraps.
type sealedColumn struct {
	table, key, column string
	purpose            func(key string) string
}

// sealedColumns are all of them. Each has a trigger in schema4.sql.
func sealedColumns() []sealedColumn {
	return []sealedColumn{
		{"jobs", "id", "wrapped_dek", jobPurpose},
		{"people", "pseudonym", "name", personPurpose},
		{"receipts", "id", "dek", receiptPurpose},
		{"pin_codes", "pseudonym", "digest", codePurpose},
	}
}

// A KMSKey is a key of the KMS and how much it wraps.
type KMSKey struct {
	ID     []byte
	Newest bool // it wraps
	Uses   int  // values in the database that only this key opens
}

// KMSKeys are the keys of the KMS, oldest first.
func (c *Central) KMSKeys(ctx context.Context) ([]KMSKey, error) {
	ids, err := c.kms.Keys(ctx)
	if err != nil {
		return nil, fmt.Errorf("KMS keys: %w", err)
	}
	var all []KMSKey
	for i, id := range ids {
		uses, err := uses(ctx, c.read, id)
		if err != nil {
			return nil, err
		}
		all = append(all, KMSKey{ID: id, Newest: i == len(ids)-1, Uses: uses})
	}
	return all, nil
}

// uses counts the values that begin with a key's id.
func uses(ctx context.Context, from interface {
	QueryRowContext(context.Context, string, ...any) *sql.Row
}, id []byte) (total int, err error) {
	for _, s := range sealedColumns() {
		var n int
		err := from.QueryRowContext(ctx, `SELECT count(*) FROM `+s.table+` WHERE substr(`+s.column+`, 1, ?) = ?`, len(id), id).Scan(&n)
		if err != nil {
			return 0, fmt.Errorf("count what a key wraps: %w", err)
		}
		total += n
	}
	return total, nil
}

// RotateKMS makes a new key in the KMS, which wraps from now on. Rewrap then wraps anew what older keys
// wrapped, and DropKMSKey ends those.
//
// What this brings: whoever gets a copy of the database and of the KMS's older keys after that opens nothing
// with them. What it does not: an older key that leaked opens each older copy of the database (a backup, a
// stolen disk) for good; neither a rotation nor a drop takes that back. Dropping a key makes such backups
// useless to the room as well.
func (c *Central) RotateKMS(ctx context.Context) error {
	if err := c.kms.Rotate(ctx); err != nil {
		return fmt.Errorf("rotate the KMS: %w", err)
	}
	return nil
}

// Rewrap wraps anew, by the newest key, whatever an older one wrapped, and tells how many values it did. The
// server goes on meanwhile. It may be broken off at any point and begun again: it goes by what is left.
func (c *Central) Rewrap(ctx context.Context) (done int, err error) {
	ids, err := c.kms.Keys(ctx)
	if err != nil {
		return 0, fmt.Errorf("rewrap: %w", err)
	}
	newest := ids[len(ids)-1]
	for _, s := range sealedColumns() {
		for after, more := "", true; more; {
			var n int
			n, after, more, err = c.rewrapSome(ctx, s, newest, after)
			if done += n; err != nil {
				return done, fmt.Errorf("rewrap %s: %w", s.table, err)
			}
		}
	}
	return done, nil
}

// sealedValue is one value on its way from one key to another.
type sealedValue struct {
	key       string
	old, anew []byte
}

// rewrapSome does the next few rows after a key. The KMS works before the transaction begins; a row that was
// changed meanwhile is left as it is: who changed it wrapped it by the newest key, or erased it.
func (c *Central) rewrapSome(ctx context.Context, s sealedColumn, newest []byte, after string) (done int, last string, more bool, err error) {
	some, err := c.wrappedBefore(ctx, s, newest, after)
	if err != nil || len(some) == 0 {
		return 0, after, false, err
	}
	for i, v := range some {
		if some[i].anew, err = c.wrapAnew(ctx, s.purpose(v.key), v.old); err != nil {
			return 0, after, false, fmt.Errorf("%s: %w", v.key, err)
		}
	}
	err = inTx(ctx, c.db, func(tx *sql.Tx) error {
		for _, v := range some {
			n, err := exec(ctx, tx, `UPDATE `+s.table+` SET `+s.column+` = ? WHERE `+s.key+` = ? AND `+s.column+` = ?`, v.anew, v.key, v.old)
			if err != nil {
				return err
			}
			done += int(n)
		}
		return nil
	})
	if err != nil {
		return 0, after, false, err
	}
	return done, some[len(some)-1].key, len(some) == rewrapBatch, nil
}

// wrappedBefore reads rows, in the order of their keys, that another key than the newest wrapped.
func (c *Central) wrappedBefore(ctx context.Context, s sealedColumn, newest []byte, after string) ([]sealedValue, error) {
	rows, err := c.read.QueryContext(ctx, `SELECT `+s.key+`, `+s.column+` FROM `+s.table+`
		WHERE `+s.key+` > ? AND length(`+s.column+`) > 0 AND substr(`+s.column+`, 1, ?) <> ? ORDER BY `+s.key+` LIMIT ?`,
		after, len(newest), newest, rewrapBatch)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var some []sealedValue
	for rows.Next() {
		var v sealedValue
		if err := rows.Scan(&v.key, &v.old); err != nil {
			return nil, err
		}
		some = append(some, v)
	}
	return some, rows.Err()
}

func (c *Central) wrapAnew(ctx context.Context, purpose string, old []byte) ([]byte, error) {
	value, err := c.kms.Unwrap(ctx, purpose, old)
	if err != nil {
		return nil, err
	}
	defer memory.Wipe(value)
	return c.kms.Wrap(ctx, purpose, value)
}

// DropKMSKey destroys an older key of the KMS. It refuses with ErrKeyInUse while anything is wrapped by it:
// Rewrap first. From then on the database takes nothing more that it wrapped, so that a letter whose key it
// wrapped a moment ago is refused rather than lost.
func (c *Central) DropKMSKey(ctx context.Context, id []byte) error {
	ids, err := c.kms.Keys(ctx)
	if err != nil {
		return fmt.Errorf("drop a KMS key: %w", err)
	}
	if slices.Equal(ids[len(ids)-1], id) {
		return fmt.Errorf("drop a KMS key: %w", ErrNewest)
	}
	if len(id) < 4 {
		return fmt.Errorf("drop a KMS key: an id of %d bytes", len(id))
	}
	err = inTx(ctx, c.db, func(tx *sql.Tx) error {
		n, err := uses(ctx, tx, id)
		if err != nil {
			return err
		}
		if n > 0 {
			return fmt.Errorf("%w: %d values", ErrKeyInUse, n)
		}
		_, err = exec(ctx, tx, `INSERT INTO dropped_keys (id) VALUES (?) ON CONFLICT DO NOTHING`, id)
		return err
	})
	if err == nil {
		err = c.kms.Drop(ctx, id)
	}
	if err != nil {
		return fmt.Errorf("drop a KMS key: %w", err)
	}
	return nil
}
