package central

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/x509"
	"database/sql"
	"errors"
	"fmt"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/journal/checkpoint"
	"espero-soft.com/printroom/vault/tpm"
)

// pending is an enrolment that waits for its activation.
type pending struct {
	id      wire.UUID
	station wire.StationID
	kind    tpm.PINKind
	keys    [3]shownKey // by role
}

func (c *Central) serveActivate(ctx context.Context, q *request) (answer, error) {
	var r wire.ActivationRequest
	if err := c.contract.decode("activate", q.body, &r); err != nil {
		return answer{}, err
	}
	return c.once(ctx, write{operation: "activate", id: q.id, body: r}, func(tx *sql.Tx) (int, any, error) {
		p, err := c.proved(ctx, tx, q.id, r)
		if err != nil {
			return 0, nil, err
		}
		a, err := c.activate(ctx, tx, p)
		return 201, a, err
	})
}

// proved finds the enrolment whose challenge the secret answers and whose keys the TPM certified for it.
func (c *Central) proved(ctx context.Context, tx *sql.Tx, id wire.UUID, r wire.ActivationRequest) (pending, error) {
	p := pending{id: id}
	var (
		ak, digest []byte
		expires    int64
		doc        = &p.keys[tpm.RoleDoc]
		log        = &p.keys[tpm.RoleLog]
		tls        = &p.keys[tpm.RoleTLS]
	)
	err := tx.QueryRowContext(ctx, `SELECT station, pin_kind, ak_key, doc_key, log_key, tls_key, doc_name, log_name, tls_name, secret, expires_at
		FROM enrolments WHERE id = ?`, id).
		Scan(&p.station, &p.kind, &ak, &doc.pkix, &log.pkix, &tls.pkix, (*[]byte)(&doc.name), (*[]byte)(&log.name), (*[]byte)(&tls.name), &digest, &expires)
	if errors.Is(err, sql.ErrNoRows) {
		return p, wire.NewProblem(wire.ProblemNotFound, "no such enrolment")
	}
	if err != nil {
		return p, fmt.Errorf("look up enrolment: %w", err)
	}
	if micros(c.now()) >= expires {
		return p, wire.NewProblem(wire.ProblemEnrolmentExpired, "")
	}
	if shown := sha256.Sum256(r.Secret); subtle.ConstantTimeCompare(shown[:], digest) != 1 {
		return p, wire.NewProblem(wire.ProblemSecretRefused, "")
	}
	return p, c.certified(p, ak, r)
}

// certified wants the attestation key's word on each of the keys.
func (c *Central) certified(p pending, ak []byte, r wire.ActivationRequest) error {
	parsed, err := parseKey(ak)
	if err != nil {
		return err
	}
	key, ok := parsed.(*ecdsa.PublicKey)
	if !ok {
		return errors.New("read the attestation key: not on P-256")
	}
	qualifying := tpm.Qualifying(r.Secret, p.id)
	shown := [3]wire.Certification{tpm.RoleDoc: r.Certifications.Doc, tpm.RoleLog: r.Certifications.Log, tpm.RoleTLS: r.Certifications.TLS}
	for _, role := range tpm.Roles() {
		if err := c.tpm.certified(key, shown[role], p.keys[role].name, qualifying); err != nil {
			return wire.NewProblem(wire.ProblemKeyRefused, "%v: %v", role, err)
		}
	}
	return nil
}

func (c *Central) activate(ctx context.Context, tx *sql.Tx, p pending) (wire.Activation, error) {
	a := wire.Activation{Station: p.station, Authority: c.authority.current().Raw, Witness: c.Witness()}
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
	_, err = exec(ctx, tx, `INSERT INTO stations (id, generation, enrolment, doc_key, log, pin_kind) VALUES (?, ?, ?, ?, ?, ?)`,
		p.station, generation, p.id, p.keys[tpm.RoleDoc].pkix, a.Log, string(p.kind))
	if err != nil {
		return a, fmt.Errorf("keep station: %w", err)
	}
	key, err := parseKey(p.keys[tpm.RoleTLS].pkix)
	if err != nil {
		return a, err
	}
	if a.Certificates, err = c.certify(ctx, tx, station{id: p.station, generation: generation}, key); err != nil {
		return a, err
	}
	if err := c.openJournal(ctx, tx, a.Log, p); err != nil {
		return a, err
	}
	return a, c.seat(ctx, tx, p.station, p.kind)
}

// succeed ends an earlier enrolment. Its claims stay leased to the station: what it printed before it could
// tell comes first, and then it releases what the new keys can't open. One that lost that too lets them run out.
func (c *Central) succeed(ctx context.Context, tx *sql.Tx, station wire.StationID, generation int64) (*wire.Predecessor, error) {
	var before wire.Predecessor
	err := tx.QueryRowContext(ctx, `SELECT j.log, j.size, j.checkpoint FROM journals j
		JOIN stations s ON s.log = j.log WHERE s.id = ? AND s.generation = ?`, station, generation).
		Scan(&before.Log, &before.Size, &before.Checkpoint)
	if err != nil {
		return nil, fmt.Errorf("look up journal: %w", err)
	}
	return &before, nil
}

// giveBackReady has what a station leased and has on no paper leased anew.
func giveBackReady(ctx context.Context, tx *sql.Tx, station wire.StationID) error {
	_, err := exec(ctx, tx, `UPDATE jobs SET claim = NULL
		WHERE state = 'ready' AND claim IN (SELECT id FROM claims WHERE station = ?)`, station)
	if err != nil {
		return fmt.Errorf("return jobs: %w", err)
	}
	return nil
}

func (c *Central) openJournal(ctx context.Context, tx *sql.Tx, log wire.LogOrigin, p pending) error {
	key, err := parseKey(p.keys[tpm.RoleLog].pkix)
	if err != nil {
		return err
	}
	vkey, err := checkpoint.StationVkey(log, key)
	if err != nil {
		return fmt.Errorf("name the journal's key: %w", err)
	}
	_, err = exec(ctx, tx, `INSERT INTO journals (log, station, vkey, size, frontier, last, countersigned, checkpoint, opened_at)
		VALUES (?, ?, ?, 0, x'', x'', 0, '', ?)`, log, p.station, vkey, micros(c.now()))
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
