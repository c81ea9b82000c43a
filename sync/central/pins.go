package central

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/tpm"
)

// serveGrantPIN signs the setting of a PIN for whoever has the code. Nothing of it is in any journal of
// central's; the station's has it. The same grant sent again is answered with the same signatures, which
// serve in those two sessions of that TPM alone.
func (c *Central) serveGrantPIN(ctx context.Context, q *request) (answer, error) {
	var r wire.PINGrantRequest
	if err := c.contract.decode("grantPIN", q.body, &r); err != nil {
		return answer{}, err
	}
	return c.once(ctx, write{q.station, "grantPIN", r.ID, r}, func(tx *sql.Tx) (int, any, error) {
		if !c.tries.allowed(q.station.id, c.now()) {
			return 0, nil, wire.NewProblem(wire.ProblemTooManyTries, "")
		}
		right, err := c.codeIs(ctx, tx, r.Person, r.Code)
		if err != nil {
			return 0, nil, err
		}
		if !right {
			c.tries.wrong(q.station.id, c.now())
			return 0, nil, told{wire.NewProblem(wire.ProblemPINCodeRefused, "")}
		}
		grant, err := c.grant(ctx, tx, q.station, r)
		return 201, grant, err
	})
}

// grant signs, and uses the code up.
func (c *Central) grant(ctx context.Context, tx *sql.Tx, s station, r wire.PINGrantRequest) (wire.PINGrant, error) {
	var g wire.PINGrant
	var slot int
	err := tx.QueryRowContext(ctx, `SELECT slot FROM slots WHERE station = ? AND pseudonym = ?`, s.id, r.Person).Scan(&slot)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return g, fmt.Errorf("look up slot: %w", err)
	}
	if err != nil || slot != r.Request.Slot {
		return g, wire.NewProblem(wire.ProblemPINRequestRefused, "slot %d is not this person's here", r.Request.Slot)
	}
	g.AuthSignature, g.WriteSignature, err = tpm.SignPIN(c.policyKey, s.kind, pinRequest(r.Request))
	if errors.Is(err, tpm.ErrPINRequest) {
		return g, wire.NewProblem(wire.ProblemPINRequestRefused, "%v", err)
	}
	if err != nil {
		return g, fmt.Errorf("sign a PIN's setting: %w", err)
	}
	if _, err := exec(ctx, tx, `DELETE FROM pin_codes WHERE pseudonym = ?`, r.Person); err != nil {
		return g, fmt.Errorf("use a PIN code up: %w", err)
	}
	if _, err := exec(ctx, tx, `UPDATE slots SET pin = 'set' WHERE station = ? AND slot = ?`, s.id, slot); err != nil {
		return g, fmt.Errorf("keep that a PIN is set: %w", err)
	}
	return g, c.raiseStaff(ctx, tx)
}

func pinRequest(r wire.PINRequest) tpm.PINRequest {
	sign := func(s wire.SignRequest) tpm.SignRequest { return tpm.SignRequest{Nonce: s.Nonce, CpHash: s.CpHash} }
	return tpm.PINRequest{Slot: r.Slot, Auth: sign(r.Auth), Write: sign(r.Write)}
}
