package central

import (
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

// enrol checks the TPM and its keys and keeps the challenges' secrets as digests.
func (c *Central) enrol(ctx context.Context, tx *sql.Tx, station wire.StationID, r wire.EnrolmentRequest) (wire.Enrolment, error) {
	if err := c.tpm.endorsed(r.EKCertificate, r.EKPublic); err != nil {
		return wire.Enrolment{}, wire.NewProblem(wire.ProblemEndorsementRefused, "%v", err)
	}
	e := wire.Enrolment{ID: r.ID, Station: station, ExpiresAt: c.now().Add(challengeLife).Truncate(time.Microsecond)}
	var keys [3][]byte
	var digests []byte
	areas := [3][]byte{r.Keys.Doc, r.Keys.Log, r.Keys.TLS}
	challenges := [3]*wire.Challenge{&e.Challenges.Doc, &e.Challenges.Log, &e.Challenges.TLS}
	for i, role := range tpm.Roles() {
		secret := make([]byte, secretSize)
		if _, err := rand.Read(secret); err != nil {
			return e, fmt.Errorf("make a secret: %w", err)
		}
		key, challenge, err := c.tpm.challenge(role, r.EKPublic, areas[i], secret)
		if err != nil {
			return e, wire.NewProblem(wire.ProblemKeyRefused, "%v", err)
		}
		if keys[i], err = x509.MarshalPKIXPublicKey(key); err != nil {
			return e, fmt.Errorf("encode a key: %w", err)
		}
		*challenges[i] = challenge
		digest := sha256.Sum256(secret)
		digests = append(digests, digest[:]...)
	}
	if string(keys[0]) == string(keys[1]) || string(keys[1]) == string(keys[2]) || string(keys[0]) == string(keys[2]) {
		return e, wire.NewProblem(wire.ProblemKeyRefused, "the three keys must be three")
	}
	_, err := exec(ctx, tx, `INSERT INTO enrolments (id, station, doc_key, log_key, tls_key, secrets, expires_at)
		VALUES (?, ?, ?, ?, ?, ?, ?)`, r.ID, station, keys[0], keys[1], keys[2], digests, micros(e.ExpiresAt))
	return e, err
}
