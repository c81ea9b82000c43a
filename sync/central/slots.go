package central

import (
	"context"
	"database/sql"
	"fmt"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/tpm"
)

// seat begins a station's enrolment: everybody has a place, as far as there are places, and nobody a PIN.
func (c *Central) seat(ctx context.Context, tx *sql.Tx, station wire.StationID, kind tpm.PINKind) error {
	if _, err := exec(ctx, tx, `DELETE FROM slots WHERE station = ?`, station); err != nil {
		return fmt.Errorf("clear slots: %w", err)
	}
	if err := c.fillSlots(ctx, tx, station, kind); err != nil {
		return err
	}
	return c.raiseStaff(ctx, tx)
}

// fillAllSlots does fillSlots for every station that is enrolled.
func (c *Central) fillAllSlots(ctx context.Context, tx *sql.Tx) error {
	rows, err := tx.QueryContext(ctx, `SELECT s.id, s.pin_kind FROM stations s WHERE s.revoked_at = 0
		AND s.generation = (SELECT MAX(n.generation) FROM stations n WHERE n.id = s.id)`)
	if err != nil {
		return fmt.Errorf("look up stations: %w", err)
	}
	kinds := map[wire.StationID]tpm.PINKind{}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id wire.StationID
		var kind tpm.PINKind
		if err := rows.Scan(&id, &kind); err != nil {
			return fmt.Errorf("read station: %w", err)
		}
		kinds[id] = kind
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("look up stations: %w", err)
	}
	for id, kind := range kinds {
		if err := c.fillSlots(ctx, tx, id, kind); err != nil {
			return err
		}
	}
	return nil
}

// fillSlots gives the lowest free slots of a station to those who have none, in the order of their
// pseudonyms. A slot that was somebody else's opens nothing for its new person before a PIN is set in it,
// which ends the former person's.
func (c *Central) fillSlots(ctx context.Context, tx *sql.Tx, station wire.StationID, kind tpm.PINKind) error {
	waiting, err := texts(ctx, tx, `SELECT pseudonym FROM people p
		WHERE NOT EXISTS (SELECT 1 FROM slots s WHERE s.station = ? AND s.pseudonym = p.pseudonym) ORDER BY pseudonym LIMIT ?`,
		station, wire.MaxSlots)
	if err != nil {
		return fmt.Errorf("look up people without a slot: %w", err)
	}
	for _, pseudonym := range waiting {
		slot, err := freeSlot(ctx, tx, station)
		if err != nil || slot == wire.NoSlot {
			return err
		}
		approval, err := tpm.ApprovePIN(c.policyKey, kind, slot)
		if err != nil {
			return fmt.Errorf("approve slot %d: %w", slot, err)
		}
		_, err = exec(ctx, tx, `INSERT INTO slots (station, slot, pseudonym, approval, pin) VALUES (?, ?, ?, ?, 'unset')`,
			station, slot, pseudonym, approval)
		if err != nil {
			return fmt.Errorf("keep slot: %w", err)
		}
	}
	return nil
}

// freeSlot is the lowest one, wire.NoSlot where all are taken.
func freeSlot(ctx context.Context, tx *sql.Tx, station wire.StationID) (int, error) {
	rows, err := tx.QueryContext(ctx, `SELECT slot FROM slots WHERE station = ? ORDER BY slot`, station)
	if err != nil {
		return wire.NoSlot, fmt.Errorf("look up slots: %w", err)
	}
	defer func() { _ = rows.Close() }()
	free := 0
	for rows.Next() {
		var taken int
		if err := rows.Scan(&taken); err != nil {
			return wire.NoSlot, fmt.Errorf("read slot: %w", err)
		}
		if taken == free {
			free++
		}
	}
	if free == wire.MaxSlots {
		free = wire.NoSlot
	}
	return free, rows.Err()
}
