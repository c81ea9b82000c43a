package central

import (
	"context"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"database/sql"
	"errors"
	"fmt"
	"net/http"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/tpm"
)

// station is an enrolled one, in its enrolment in force.
type station struct {
	id         wire.StationID
	generation int64
	log        wire.LogOrigin
	kind       tpm.PINKind
	doc        *ecdh.PublicKey // K_doc
	letters    bool            // the request is for letters, or a PIN, which a station whose log is forked does not get
}

// authenticate says whose request it is: by the certificate of the connection, which TLS has verified, and
// which must be one that was given for the station's latest enrolment. letters says that it asks for some.
func (c *Central) authenticate(ctx context.Context, r *http.Request, letters bool) (station, error) {
	if r.TLS == nil || len(r.TLS.PeerCertificates) == 0 {
		return station{}, wire.NewProblem(wire.ProblemCertificateRequired, "")
	}
	shown := r.TLS.PeerCertificates[0]
	digest := sha256.Sum256(shown.Raw)
	s := station{id: shown.Subject.CommonName, letters: letters}
	var (
		doc             []byte
		latest, revoked int64
		forked          bool
	)
	err := c.read.QueryRowContext(ctx, `SELECT s.generation, s.log, s.pin_kind, s.doc_key, s.revoked_at,
			(SELECT MAX(n.generation) FROM stations n WHERE n.id = s.id), COALESCE((SELECT forked_at > 0 FROM journals j WHERE j.log = s.log), 0)
		FROM certificates k JOIN stations s ON s.id = k.station AND s.generation = k.generation
		WHERE k.sha256 = ? AND k.station = ?`, digest[:], s.id).
		Scan(&s.generation, &s.log, &s.kind, &doc, &revoked, &latest, &forked)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return station{}, wire.NewProblem(wire.ProblemForbidden, "no such station")
	case err != nil:
		return station{}, fmt.Errorf("look up station: %w", err)
	}
	if err := s.holds(revoked, latest, forked); err != nil {
		return station{}, err
	}
	// A connection may outlive the certificate it began with, and that one's authority.
	if now := c.now(); now.After(shown.NotAfter) || now.Before(shown.NotBefore) {
		return station{}, wire.NewProblem(wire.ProblemForbidden, "the certificate is out of time")
	}
	if !c.authority.certified(shown) {
		return station{}, wire.NewProblem(wire.ProblemForbidden, "the certificate's authority was dropped")
	}
	s.doc, err = documentKey(doc)
	return s, err
}

// holds refuses a station that was revoked, or whose latest enrolment is another one, and letters to one
// whose log is forked.
func (s station) holds(revoked, latest int64, forked bool) error {
	if revoked != 0 {
		return wire.NewProblem(wire.ProblemStationRevoked, "")
	}
	if s.generation != latest {
		return wire.NewProblem(wire.ProblemForbidden, "the station has enrolled anew")
	}
	if s.letters && forked {
		return suspended()
	}
	return nil
}

// writeFor is write for a station, if it still holds: it may have taken minutes over its request. One that
// is zero has yet to enrol.
func (c *Central) writeFor(ctx context.Context, s station, work func(tx *sql.Tx) error) error {
	return c.write(ctx, func(tx *sql.Tx) error {
		if s.id == "" {
			return work(tx)
		}
		var latest, revoked int64
		var forked bool
		err := tx.QueryRowContext(ctx, `SELECT revoked_at, (SELECT MAX(generation) FROM stations WHERE id = ?1),
				COALESCE((SELECT forked_at > 0 FROM journals WHERE log = stations.log), 0)
			FROM stations WHERE id = ?1 AND generation = ?2`, s.id, s.generation).Scan(&revoked, &latest, &forked)
		if err != nil {
			return fmt.Errorf("look up station: %w", err)
		}
		if err := s.holds(revoked, latest, forked); err != nil {
			return err
		}
		return work(tx)
	})
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
