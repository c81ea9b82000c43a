package journal

import (
	"context"
	"fmt"
)

// firstVersion is the schema's that knew no start.
const firstVersion = 1

// toSecond takes away what the second version has in another form.
const toSecond = `
DROP TRIGGER IF EXISTS entry_order;
DROP TRIGGER IF EXISTS entry_delete;
DROP TRIGGER IF EXISTS checkpoint_delete;
`

// migrate makes the tables, or brings the first version's to this one, in one
// transaction. Several programs may try: what is there is left.
func (d *database) migrate(ctx context.Context, schema string) error {
	tx, err := d.writer.BeginTx(ctx, nil)
	if err != nil {
		return storageError("make the tables", err)
	}
	defer func() { _ = tx.Rollback() }() // after a commit it does nothing
	var version int
	if err := tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return storageError("make the tables", err)
	}
	if version == firstVersion {
		schema = toSecond + schema
	}
	schema += fmt.Sprintf("; PRAGMA application_id=%d; PRAGMA user_version=%d", applicationID, schemaVersion)
	if _, err := tx.ExecContext(ctx, schema); err != nil {
		return storageError("make the tables", err)
	}
	return storageError("make the tables", tx.Commit())
}
