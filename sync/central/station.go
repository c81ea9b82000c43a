package central

import (
	"context"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/x509"
	"database/sql"
	"errors"
	"fmt"
	"net/http"

	"espero-soft.com/printroom/sync/wire"
)

// station is an enrolled one, in its enrolment in force.
type station struct {
	id  wire.StationID
	log wire.LogOrigin
	doc *ecdh.PublicKey // K_doc
}

// authenticate says whose request it is: by the certificate of the connection, which TLS has verified,
// and which must be the one given at the station's latest enrolment.
func (c *Central) authenticate(ctx context.Context, r *http.Request) (station, error) {
	if r.TLS == nil || len(r.TLS.PeerCertificates) == 0 {
		return station{}, wire.NewProblem(wire.ProblemCertificateRequired, "")
	}
	shown := r.TLS.PeerCertificates[0]
	// A connection may outlive the certificate it began with.
	if now := c.now(); now.After(shown.NotAfter) || now.Before(shown.NotBefore) {
		return station{}, wire.NewProblem(wire.ProblemForbidden, "the certificate is out of time")
	}
	s := station{id: shown.Subject.CommonName}
	var certificate, doc []byte
	err := c.read.QueryRowContext(ctx, `SELECT certificate, doc_key, log FROM stations WHERE id = ?
		ORDER BY generation DESC LIMIT 1`, s.id).Scan(&certificate, &doc, &s.log)
	if errors.Is(err, sql.ErrNoRows) {
		return station{}, wire.NewProblem(wire.ProblemForbidden, "no such station")
	}
	if err != nil {
		return station{}, fmt.Errorf("look up station: %w", err)
	}
	digest := sha256.Sum256(shown.Raw)
	if subtle.ConstantTimeCompare(digest[:], certificate) != 1 {
		return station{}, wire.NewProblem(wire.ProblemForbidden, "the station has enrolled anew")
	}
	s.doc, err = documentKey(doc)
	return s, err
}

func documentKey(pkix []byte) (*ecdh.PublicKey, error) {
	parsed, err := x509.ParsePKIXPublicKey(pkix)
	if err != nil {
		return nil, fmt.Errorf("read the station's key: %w", err)
	}
	key, ok := parsed.(*ecdsa.PublicKey)
	if !ok {
		return nil, errors.New("read the station's key: not on P-256")
	}
	return key.ECDH()
}
