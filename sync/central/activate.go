package central

import (
	"context"
	"crypto"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/x509"
	"database/sql"
	"errors"
	"fmt"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/journal/checkpoint"
)

// pending is an enrolment that waits for its activation.
type pending struct {
	id            wire.UUID
	station       wire.StationID
	doc, log, tls []byte // PKIX
}

func (c *Central) serveActivate(ctx context.Context, q *request) (answer, error) {
	var r wire.ActivationRequest
	if err := c.contract.decode("activate", q.body, &r); err != nil {
		return answer{}, err
	}
	return c.once(ctx, write{operation: "activate", id: q.id, body: r}, func(tx *sql.Tx) (int, any, error) {
		p, err := c.answered(ctx, tx, q.id, r.Secrets)
		if err != nil {
			return 0, nil, err
		}
		a, err := c.activate(ctx, tx, p)
		return 201, a, err
	})
}

// answered finds the enrolment whose challenges these secrets answer.
func (c *Central) answered(ctx context.Context, tx *sql.Tx, id wire.UUID, secrets wire.KeyBytes) (pending, error) {
	p := pending{id: id}
	var (
		digests []byte
		expires int64
	)
	err := tx.QueryRowContext(ctx, `SELECT station, doc_key, log_key, tls_key, secrets, expires_at FROM enrolments WHERE id = ?`, id).
		Scan(&p.station, &p.doc, &p.log, &p.tls, &digests, &expires)
	if errors.Is(err, sql.ErrNoRows) {
		return p, wire.NewProblem(wire.ProblemNotFound, "no such enrolment")
	}
	if err != nil {
		return p, fmt.Errorf("look up enrolment: %w", err)
	}
	if micros(c.now()) >= expires {
		return p, wire.NewProblem(wire.ProblemEnrolmentExpired, "")
	}
	var shown []byte
	for _, secret := range [][]byte{secrets.Doc, secrets.Log, secrets.TLS} {
		digest := sha256.Sum256(secret)
		shown = append(shown, digest[:]...)
	}
	if subtle.ConstantTimeCompare(shown, digests) != 1 {
		return p, wire.NewProblem(wire.ProblemSecretRefused, "")
	}
	return p, nil
}

func (c *Central) activate(ctx context.Context, tx *sql.Tx, p pending) (wire.Activation, error) {
	a := wire.Activation{Station: p.station, Authority: c.authority.certificate.Raw, Witness: c.cosigner.Vkey()}
	var generation int64
	err := tx.QueryRowContext(ctx, `SELECT COALESCE(MAX(generation), 0) FROM stations WHERE id = ?`, p.station).Scan(&generation)
	if err != nil {
		return a, fmt.Errorf("look up station: %w", err)
	}
	if generation > 0 {
		if a.Predecessor, err = c.succeed(ctx, tx, p.station, generation); err != nil {
			return a, err
		}
	}
	generation++
	a.Log = c.config.Name + "/" + p.station
	if generation > 1 {
		a.Log = fmt.Sprintf("%s/%d", a.Log, generation)
	}
	key, err := parseKey(p.tls)
	if err != nil {
		return a, err
	}
	certificate, err := c.authority.client(p.station, c.config.CertificateLife, key)
	if err != nil {
		return a, err
	}
	a.Certificates = [][]byte{certificate, c.authority.certificate.Raw}
	digest := sha256.Sum256(certificate)
	_, err = exec(ctx, tx, `INSERT INTO stations (id, generation, enrolment, doc_key, certificate, log) VALUES (?, ?, ?, ?, ?, ?)`,
		p.station, generation, p.id, p.doc, digest[:], a.Log)
	if err != nil {
		return a, fmt.Errorf("keep station: %w", err)
	}
	return a, openJournal(ctx, tx, a.Log, p)
}

// succeed ends an earlier enrolment: its claims cannot be opened any more by the new keys, so what is on
// no paper is leased anew.
func (c *Central) succeed(ctx context.Context, tx *sql.Tx, station wire.StationID, generation int64) (*wire.Predecessor, error) {
	_, err := exec(ctx, tx, `UPDATE jobs SET claim = NULL
		WHERE state = 'ready' AND claim IN (SELECT id FROM claims WHERE station = ?)`, station)
	if err != nil {
		return nil, fmt.Errorf("return jobs: %w", err)
	}
	var before wire.Predecessor
	err = tx.QueryRowContext(ctx, `SELECT j.log, j.size, j.checkpoint FROM journals j
		JOIN stations s ON s.log = j.log WHERE s.id = ? AND s.generation = ?`, station, generation).
		Scan(&before.Log, &before.Size, &before.Checkpoint)
	if err != nil {
		return nil, fmt.Errorf("look up journal: %w", err)
	}
	return &before, nil
}

func openJournal(ctx context.Context, tx *sql.Tx, log wire.LogOrigin, p pending) error {
	key, err := parseKey(p.log)
	if err != nil {
		return err
	}
	vkey, err := checkpoint.StationVkey(log, key)
	if err != nil {
		return fmt.Errorf("name the journal's key: %w", err)
	}
	_, err = exec(ctx, tx, `INSERT INTO journals (log, station, vkey, size, frontier, last, countersigned, checkpoint)
		VALUES (?, ?, ?, 0, x'', x'', 0, '')`, log, p.station, vkey)
	if err != nil {
		return fmt.Errorf("open journal: %w", err)
	}
	return nil
}

func parseKey(pkix []byte) (crypto.PublicKey, error) {
	key, err := x509.ParsePKIXPublicKey(pkix)
	if err != nil {
		return nil, fmt.Errorf("read a key: %w", err)
	}
	return key, nil
}
