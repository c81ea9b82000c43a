package central

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/google/uuid"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/keys"
	"espero-soft.com/printroom/vault/memory"
)

// ErrLetter: a letter, a person or a station's name that the contract could not carry.
var ErrLetter = errors.New("not acceptable")

// Letter is one paid letter.
type Letter struct {
	PDF       []byte
	Recipient []string // lines, as printed
	Country   string   // ISO 3166-1 alpha-2
	Return    []string // the sender's lines
	Product   wire.Product
	Duplex    bool
	Colour    bool
	Envelope  string // the envelope profile, as "c5_6"
	Pages     int    // paid for
	Tracking  string // registered number, "" when central gives none
	CutOff    time.Time
	Proof     bool // kept as long as a registered one, for legal proof
}

func (l Letter) check() error {
	switch {
	case len(l.PDF) == 0 || len(l.PDF) > wire.MaxDocument-keys.Overhead:
		return fmt.Errorf("%w: a document of %d bytes", ErrLetter, len(l.PDF))
	case !l.Product.Valid():
		return fmt.Errorf("%w: product %q", ErrLetter, l.Product)
	case l.Pages < 1 || l.Pages > wire.MaxPaidPages:
		return fmt.Errorf("%w: %d pages", ErrLetter, l.Pages)
	case !envelopeForm().MatchString(l.Envelope):
		return fmt.Errorf("%w: envelope %q", ErrLetter, l.Envelope)
	case l.Tracking != "" && !trackingForm().MatchString(l.Tracking):
		return fmt.Errorf("%w: the tracking number's form", ErrLetter)
	case l.CutOff.IsZero():
		return fmt.Errorf("%w: no cut-off", ErrLetter)
	}
	return nil
}

func envelopeForm() *regexp.Regexp { return regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,31}$`) }
func nameForm() *regexp.Regexp     { return regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,31}$`) }
func trackingForm() *regexp.Regexp {
	return regexp.MustCompile(`^(010[0-9]{27}|R[A-Z][0-9]{9}[A-Z]{2})$`)
}

// Pay takes a letter in and returns its job's id; it is ready to be claimed then, sealed and durable.
func (c *Central) Pay(ctx context.Context, l Letter) (wire.UUID, error) {
	if err := l.check(); err != nil {
		return "", fmt.Errorf("pay: %w", err)
	}
	job := uuid.NewString()
	sealed, err := c.sealLetter(ctx, job, l)
	if err != nil {
		return "", fmt.Errorf("pay: %w", err)
	}
	document := uuid.NewString()
	if err := writeFile(c.documentPath(document), sealed.document); err != nil {
		return "", fmt.Errorf("pay: keep document: %w", err)
	}
	digest := sha256.Sum256(sealed.document)
	err = c.write(ctx, func(tx *sql.Tx) error {
		_, err := exec(ctx, tx, `INSERT INTO jobs (id, product, duplex, colour, envelope, pages, paid_at, cut_off, tracking, legal_proof, state,
				document, size, sha256, wrapped_dek, details)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'ready', ?, ?, ?, ?, ?)`,
			job, string(l.Product), l.Duplex, l.Colour, l.Envelope, l.Pages, micros(c.now()), micros(l.CutOff), l.Tracking, l.Proof,
			document, len(sealed.document), hex.EncodeToString(digest[:]), sealed.wrapped, sealed.details)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("pay: %w", err)
	}
	return job, nil
}

// sealedLetter is a letter as it lies at rest.
type sealedLetter struct{ document, details, wrapped []byte }

func (c *Central) sealLetter(ctx context.Context, job wire.UUID, l Letter) (s sealedLetter, err error) {
	dek := make([]byte, keys.KeySize)
	defer memory.Wipe(dek)
	if _, err := rand.Read(dek); err != nil {
		return s, fmt.Errorf("make a key: %w", err)
	}
	if s.document, err = keys.SealPart(dek, job, keys.PartDocument, l.PDF); err != nil {
		return s, fmt.Errorf("seal document: %w", err)
	}
	details, err := json.Marshal(keys.Details{Recipient: l.Recipient, Country: l.Country, Return: l.Return})
	if err != nil {
		return s, fmt.Errorf("encode details: %w", err)
	}
	defer memory.Wipe(details)
	if s.details, err = keys.SealPart(dek, job, keys.PartDetails, details); err != nil {
		return s, fmt.Errorf("seal details: %w", err)
	}
	if len(s.details)*4/3+4 > wire.MaxDetails {
		return s, fmt.Errorf("%w: an address of %d bytes", ErrLetter, len(details))
	}
	if s.wrapped, err = c.kms.Wrap(ctx, jobPurpose(job), dek); err != nil {
		return s, fmt.Errorf("wrap the document's key: %w", err)
	}
	return s, nil
}

// Token gives a one-time token, valid for 15 minutes, that enrols the named station, anew if it is
// enrolled. It is kept as a digest and cannot be shown again.
func (c *Central) Token(ctx context.Context, station wire.StationID) (string, error) {
	if !nameForm().MatchString(station) {
		return "", fmt.Errorf("token: %w: station name %q", ErrLetter, station)
	}
	id, token, err := newToken()
	if err != nil {
		return "", err
	}
	hash := sha256.Sum256([]byte(token))
	err = c.write(ctx, func(tx *sql.Tx) error {
		_, err := exec(ctx, tx, `INSERT INTO tokens (id, hash, station, expires_at) VALUES (?, ?, ?, ?)`,
			id, hash[:], station, micros(c.now().Add(tokenLife)))
		return err
	})
	if err != nil {
		return "", fmt.Errorf("token: %w", err)
	}
	return token, nil
}
