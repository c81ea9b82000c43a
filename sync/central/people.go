package central

import (
	"context"
	"database/sql"
	"fmt"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/journal/verify"
	"espero-soft.com/printroom/vault/memory"
)

// AddPerson adds a person, or changes the one of that pseudonym; their slots and approvals are central's to
// give, whatever p says of them. A pseudonym that the journal would not take is refused here: whoever had
// it could not unlock a station. So is one of somebody who left, as the journals name that person by it.
func (c *Central) AddPerson(ctx context.Context, p wire.Person) error {
	if !nameForm().MatchString(p.Pseudonym) || verify.CheckID(p.Pseudonym) != nil || p.Name == "" || len(p.Name) > wire.MaxName || !p.Role.Valid() || len(p.Language) != 2 {
		return fmt.Errorf("add person: %w", ErrLetter)
	}
	sealed, err := c.kms.Wrap(ctx, personPurpose(p.Pseudonym), []byte(p.Name))
	if err != nil {
		return fmt.Errorf("add person: seal the name: %w", err)
	}
	err = c.write(ctx, func(tx *sql.Tx) error {
		n, err := exec(ctx, tx, `INSERT INTO people (pseudonym, name, role, language) SELECT ?, ?, ?, ?
			WHERE NOT EXISTS (SELECT 1 FROM leavers WHERE pseudonym = ?)
			ON CONFLICT (pseudonym) DO UPDATE SET name = excluded.name, role = excluded.role, language = excluded.language`,
			p.Pseudonym, sealed, string(p.Role), p.Language, p.Pseudonym)
		if err != nil {
			return err
		}
		if n == 0 {
			return fmt.Errorf("%w: %s was another person's", ErrLetter, p.Pseudonym)
		}
		if err := c.fillAllSlots(ctx, tx); err != nil {
			return err
		}
		return c.raiseStaff(ctx, tx)
	})
	if err != nil {
		return fmt.Errorf("add person: %w", err)
	}
	return nil
}

// RemovePerson takes a person off every station within a second of its being online, and erases the name,
// also from what the database has yet to overwrite. The pseudonym stays, in the ledger, in the journals
// and as one that nobody else is given. sql.ErrNoRows when there is no such person.
func (c *Central) RemovePerson(ctx context.Context, pseudonym string) error {
	err := c.write(ctx, func(tx *sql.Tx) error {
		for _, forget := range []string{`DELETE FROM slots WHERE pseudonym = ?`, `DELETE FROM pin_codes WHERE pseudonym = ?`} {
			if _, err := exec(ctx, tx, forget, pseudonym); err != nil {
				return err
			}
		}
		n, err := exec(ctx, tx, `DELETE FROM people WHERE pseudonym = ?`, pseudonym)
		if err != nil {
			return err
		}
		if n == 0 {
			return sql.ErrNoRows
		}
		if _, err := exec(ctx, tx, `INSERT INTO leavers (pseudonym, left_at) VALUES (?, ?)`, pseudonym, micros(c.now())); err != nil {
			return err
		}
		if err := c.fillAllSlots(ctx, tx); err != nil { // whoever had to wait for a place
			return err
		}
		return c.raiseStaff(ctx, tx)
	})
	if err != nil {
		return fmt.Errorf("remove person: %w", err)
	}
	if _, err := c.db.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		return fmt.Errorf("remove person: overwrite the name: %w", err)
	}
	return nil
}

// peopleAt are all people, with their places at a station.
func (c *Central) peopleAt(ctx context.Context, station wire.StationID) ([]wire.Person, error) {
	rows, err := c.read.QueryContext(ctx, `SELECT p.pseudonym, p.name, p.role, p.language, COALESCE(s.slot, ?), s.approval, COALESCE(s.pin, 'unset')
		FROM people p LEFT JOIN slots s ON s.pseudonym = p.pseudonym AND s.station = ? ORDER BY p.pseudonym LIMIT ?`,
		wire.NoSlot, station, wire.MaxPeople)
	if err != nil {
		return nil, fmt.Errorf("look up people: %w", err)
	}
	defer func() { _ = rows.Close() }()
	people := []wire.Person{}
	for rows.Next() {
		var p wire.Person
		var sealed []byte
		if err := rows.Scan(&p.Pseudonym, &sealed, &p.Role, &p.Language, &p.Slot, &p.Approval, &p.PIN); err != nil {
			return nil, fmt.Errorf("read person: %w", err)
		}
		name, err := c.kms.Unwrap(ctx, personPurpose(p.Pseudonym), sealed)
		if err != nil {
			return nil, fmt.Errorf("open a person's name: %w", err)
		}
		p.Name = string(name)
		memory.Wipe(name)
		people = append(people, p)
	}
	return people, rows.Err()
}

func personPurpose(pseudonym string) string { return "person/" + pseudonym }
