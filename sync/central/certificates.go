package central

import (
	"context"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"database/sql"
	"errors"
	"fmt"

	"espero-soft.com/printroom/sync/wire"
)

// certify gives a station a certificate on its K_tls, and the authority's with it.
func (c *Central) certify(ctx context.Context, tx *sql.Tx, s station, key crypto.PublicKey) ([][]byte, error) {
	der, err := c.authority.client(s.id, c.config.CertificateLife, key)
	if err != nil {
		return nil, err
	}
	digest := sha256.Sum256(der)
	_, err = exec(ctx, tx, `INSERT INTO certificates (sha256, station, generation, number, der)
		SELECT ?, ?, ?, COALESCE(MAX(number), 0) + 1, ? FROM certificates WHERE station = ? AND generation = ?`,
		digest[:], s.id, s.generation, der, s.id, s.generation)
	if err != nil {
		return nil, fmt.Errorf("keep certificate: %w", err)
	}
	return [][]byte{der, c.authority.current().Raw}, nil
}

func (c *Central) serveCertificate(ctx context.Context, q *request) (answer, error) {
	var r wire.CertificateRequest
	if err := c.contract.decode("certificate", q.body, &r); err != nil {
		return answer{}, err
	}
	shown := q.http.TLS.PeerCertificates[0]
	return c.once(ctx, write{q.station, "certificate", r.ID, r}, func(tx *sql.Tx) (int, any, error) {
		certificates, err := c.renewCertificate(ctx, tx, q.station, shown)
		return 201, wire.Certificates{Certificates: certificates}, err
	})
}

// renewCertificate gives a new certificate on the key of the one that was shown. One that was given already
// and whose answer was lost is given again: a station has at most two at a time.
func (c *Central) renewCertificate(ctx context.Context, tx *sql.Tx, s station, shown *x509.Certificate) ([][]byte, error) {
	if !c.due(shown) {
		return nil, wire.NewProblem(wire.ProblemRenewalEarly, "")
	}
	var der []byte
	err := tx.QueryRowContext(ctx, `SELECT der FROM certificates WHERE station = ? AND generation = ? ORDER BY number DESC LIMIT 1`,
		s.id, s.generation).Scan(&der)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("look up certificate: %w", err)
	}
	if newest, err := x509.ParseCertificate(der); err == nil && !c.due(newest) {
		return [][]byte{der, c.authority.current().Raw}, nil
	}
	return c.certify(ctx, tx, s, shown.PublicKey)
}

// due says whether a certificate has a third of its life left, or less, or is not the current authority's.
func (c *Central) due(certificate *x509.Certificate) bool {
	life := certificate.NotAfter.Sub(certificate.NotBefore)
	left := certificate.NotAfter.Sub(c.now())
	return left <= life/3 || certificate.CheckSignatureFrom(c.authority.current()) != nil
}
