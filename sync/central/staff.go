package central

import (
	"context"
	"crypto/ecdsa"
	"crypto/rand"
	"encoding/json"
	"fmt"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/memory"
)

func (c *Central) serveStaff(ctx context.Context, q *request) (answer, error) {
	people, err := c.people(ctx)
	if err != nil {
		return answer{}, err
	}
	text, err := json.Marshal(wire.Staff{Station: q.station.id, IssuedAt: c.now(), People: people})
	if err != nil {
		return answer{}, fmt.Errorf("encode staff: %w", err)
	}
	digest := wire.StaffDigest(string(text))
	signature, err := ecdsa.SignASN1(rand.Reader, c.authority.key, digest[:])
	if err != nil {
		return answer{}, fmt.Errorf("sign staff: %w", err)
	}
	return jsonAnswer(200, wire.SignedStaff{Staff: string(text), Signature: signature})
}

func (c *Central) people(ctx context.Context) ([]wire.Person, error) {
	rows, err := c.read.QueryContext(ctx, `SELECT pseudonym, name, role, language FROM people ORDER BY pseudonym LIMIT ?`, wire.MaxPeople)
	if err != nil {
		return nil, fmt.Errorf("look up people: %w", err)
	}
	defer func() { _ = rows.Close() }()
	people := []wire.Person{}
	for rows.Next() {
		var p wire.Person
		var sealed []byte
		if err := rows.Scan(&p.Pseudonym, &sealed, &p.Role, &p.Language); err != nil {
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
