package central

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/x509"
	"database/sql"
	"encoding/base32"
	"errors"
	"fmt"
	"strings"
	"time"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/memory"
	"espero-soft.com/printroom/vault/tpm"
)

const (
	tokenLife     = 15 * time.Minute
	challengeLife = 15 * time.Minute
	secretSize    = 32
)

// newToken is 80 bits to look up and 160 bits that nobody guesses, as "XXXX…-XXXX…".
func newToken() (id, token string, err error) {
	random := make([]byte, 30)
	if _, err := rand.Read(random); err != nil {
		return "", "", fmt.Errorf("make a token: %w", err)
	}
	text := base32.StdEncoding.EncodeToString(random)
	return text[:16], text[:16] + "-" + text[16:], nil
}

func (c *Central) serveEnrol(ctx context.Context, q *request) (answer, error) {
	var r wire.EnrolmentRequest
	if err := c.contract.decode("enrol", q.body, &r); err != nil {
		return answer{}, err
	}
	return c.once(ctx, write{operation: "enrol", id: r.ID, body: r}, func(tx *sql.Tx) (int, any, error) {
		station, err := c.useToken(ctx, tx, r.Token, r.ID)
		if err != nil {
			return 0, nil, err
		}
		e, err := c.enrol(ctx, tx, station, r)
		return 201, e, err
	})
}

// useToken gives the station the token was made for, and binds it to this enrolment for good.
func (c *Central) useToken(ctx context.Context, tx *sql.Tx, token string, enrolment wire.UUID) (wire.StationID, error) {
	refused := wire.NewProblem(wire.ProblemTokenRefused, "")
	id, _, ok := strings.Cut(token, "-")
	if !ok {
		return "", refused
	}
	var (
		hash    []byte
		station string
		expires int64
		used    sql.NullString
	)
	err := tx.QueryRowContext(ctx, `SELECT hash, station, expires_at, enrolment FROM tokens WHERE id = ?`, id).
		Scan(&hash, &station, &expires, &used)
	if errors.Is(err, sql.ErrNoRows) {
		return "", refused
	}
	if err != nil {
		return "", fmt.Errorf("look up token: %w", err)
	}
	shown := sha256.Sum256([]byte(token))
	if subtle.ConstantTimeCompare(shown[:], hash) != 1 || used.Valid || micros(c.now()) >= expires {
		return "", refused
	}
	_, err = exec(ctx, tx, `UPDATE tokens SET enrolment = ? WHERE id = ?`, enrolment, id)
	return station, err
}

// enrol checks the TPM, its attestation key and its keys, and keeps the challenge's secret as a digest.
func (c *Central) enrol(ctx context.Context, tx *sql.Tx, station wire.StationID, r wire.EnrolmentRequest) (wire.Enrolment, error) {
	e := wire.Enrolment{ID: r.ID, Station: station, ExpiresAt: c.now().Add(challengeLife).Truncate(time.Microsecond)}
	if err := c.tpm.endorsed(r.EKCertificate, r.EKChain, r.EKPublic); err != nil {
		return e, wire.NewProblem(wire.ProblemEndorsementRefused, "%v", err)
	}
	ak, akName, err := c.tpm.attestation(r.AK)
	if err != nil {
		return e, wire.NewProblem(wire.ProblemKeyRefused, "%v", err)
	}
	akKey, err := x509.MarshalPKIXPublicKey(ak)
	if err != nil {
		return e, fmt.Errorf("encode a key: %w", err)
	}
	keys, err := c.checkKeys(r.Keys)
	if err != nil {
		return e, err
	}
	secret := make([]byte, secretSize)
	defer memory.Wipe(secret)
	if _, err := rand.Read(secret); err != nil {
		return e, fmt.Errorf("make a secret: %w", err)
	}
	if e.Challenge, err = c.tpm.challenge(r.EKPublic, akName, secret); err != nil {
		return e, wire.NewProblem(wire.ProblemEndorsementRefused, "%v", err)
	}
	digest := sha256.Sum256(secret)
	_, err = exec(ctx, tx, `INSERT INTO enrolments (id, station, pin_kind, ak_key, doc_key, log_key, tls_key, doc_name, log_name, tls_name, secret, expires_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, r.ID, station, string(r.PINKind), akKey,
		keys[0].pkix, keys[1].pkix, keys[2].pkix, []byte(keys[0].name), []byte(keys[1].name), []byte(keys[2].name), digest[:], micros(e.ExpiresAt))
	return e, err
}

// shownKey is one of a station's keys, PKIX, and what the TPM calls it.
type shownKey struct {
	pkix []byte
	name tpm.Name
}

// checkKeys wants three keys, each as its role demands.
func (c *Central) checkKeys(shown wire.KeyBytes) (keys [3]shownKey, err error) {
	areas := [3][]byte{tpm.RoleDoc: shown.Doc, tpm.RoleLog: shown.Log, tpm.RoleTLS: shown.TLS}
	for i, role := range tpm.Roles() {
		key, name, err := c.tpm.key(role, areas[role], &c.policyKey.PublicKey)
		if err != nil {
			return keys, wire.NewProblem(wire.ProblemKeyRefused, "%v", err)
		}
		pkix, err := x509.MarshalPKIXPublicKey(key)
		if err != nil {
			return keys, fmt.Errorf("encode a key: %w", err)
		}
		for _, other := range keys[:i] {
			if bytes.Equal(other.pkix, pkix) {
				return keys, wire.NewProblem(wire.ProblemKeyRefused, "the three keys must be three")
			}
		}
		keys[role] = shownKey{pkix, name}
	}
	return keys, nil
}
