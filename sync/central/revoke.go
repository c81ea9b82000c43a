package central

import (
	"context"
	"database/sql"
	"fmt"

	"espero-soft.com/printroom/sync/wire"
)

// Revoke ends a station that was stolen or lost: whatever it asks is answered "station revoked" from then
// on, its stream ends, what it leased and has on no paper is leased to others, and tokens that would enrol
// it are void. What may be on its paper stays so until a person decides. A new token enrols a new station
// of that name. sql.ErrNoRows when none was ever enrolled.
func (c *Central) Revoke(ctx context.Context, station wire.StationID) error {
	err := c.write(ctx, func(tx *sql.Tx) error {
		var enrolled int
		if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM stations WHERE id = ?`, station).Scan(&enrolled); err != nil {
			return fmt.Errorf("look up station: %w", err)
		}
		if enrolled == 0 {
			return fmt.Errorf("station %s: %w", station, sql.ErrNoRows)
		}
		for _, end := range []string{
			`UPDATE stations SET revoked_at = ? WHERE id = ? AND revoked_at = 0`,
			`UPDATE enrolments SET expires_at = MIN(expires_at, ?) WHERE station = ?`,
			`UPDATE tokens SET expires_at = MIN(expires_at, ?) WHERE station = ?`,
		} {
			if _, err := exec(ctx, tx, end, micros(c.now()), station); err != nil {
				return fmt.Errorf("end station: %w", err)
			}
		}
		if _, err := exec(ctx, tx, `DELETE FROM slots WHERE station = ?`, station); err != nil {
			return fmt.Errorf("end station: %w", err)
		}
		return giveBackReady(ctx, tx, station)
	})
	if err != nil {
		return fmt.Errorf("revoke: %w", err)
	}
	c.streams.end(station)
	return nil
}
