package central

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"espero-soft.com/printroom/sync/wire"
)

const (
	codeLife    = 12 * time.Hour
	codeTries   = 5
	codeSymbols = 10
	// crockford is Crockford's base32: no I, L, O or U, so that a code survives being read aloud.
	crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
)

// PINCode gives the one-time code with which a person sets a PIN at one station, a first one or one in place
// of a forgotten or blocked one: valid for 12 hours, once, void after 5 wrong ones, and in place of any
// code given before. Its form is "XXXXX-XXXXX"; it is kept as a digest that only the KMS opens, as 50 bits
// would not hold against whoever has the database. sql.ErrNoRows when there is no such person.
func (c *Central) PINCode(ctx context.Context, pseudonym string) (code string, err error) {
	random := make([]byte, codeSymbols)
	if _, err := rand.Read(random); err != nil {
		return "", fmt.Errorf("PIN code: %w", err)
	}
	for i, b := range random {
		random[i] = crockford[b%32]
	}
	digest := codeDigest(pseudonym, string(random))
	sealed, err := c.kms.Wrap(ctx, codePurpose(pseudonym), digest[:])
	if err != nil {
		return "", fmt.Errorf("PIN code: seal it: %w", err)
	}
	err = c.write(ctx, func(tx *sql.Tx) error {
		n, err := exec(ctx, tx, `INSERT INTO pin_codes (pseudonym, digest, expires_at, wrong)
			SELECT pseudonym, ?, ?, 0 FROM people WHERE pseudonym = ?
			ON CONFLICT (pseudonym) DO UPDATE SET digest = excluded.digest, expires_at = excluded.expires_at, wrong = 0`,
			sealed, micros(c.now().Add(codeLife)), pseudonym)
		if err == nil && n == 0 {
			err = sql.ErrNoRows
		}
		return err
	})
	if err != nil {
		return "", fmt.Errorf("PIN code: %w", err)
	}
	return string(random[:codeSymbols/2]) + "-" + string(random[codeSymbols/2:]), nil
}

// codeDigest is what is kept of a code.
func codeDigest(pseudonym, symbols string) [sha256.Size]byte {
	return sha256.Sum256([]byte("bjet24 PIN code v1\n" + pseudonym + "\n" + symbols))
}

func codePurpose(pseudonym string) string { return "pin-code/" + pseudonym }

// readCode takes a code as people type it: in small letters, with spaces or without the dash, O for 0, I or
// L for 1. What has another form stays as it is, and is wrong.
func readCode(typed string) string {
	typed = strings.NewReplacer("-", "", " ", "").Replace(strings.ToUpper(typed))
	return strings.NewReplacer("O", "0", "I", "1", "L", "1").Replace(typed)
}

// codeIs tells whether this is the person's code. Whoever has none, and whoever does not exist, has a code
// that nothing equals. A wrong one is counted, and the fifth voids the code.
func (c *Central) codeIs(ctx context.Context, tx *sql.Tx, pseudonym, typed string) (bool, error) {
	shown := codeDigest(pseudonym, readCode(typed))
	held := make([]byte, sha256.Size)
	var sealed []byte
	var expires int64
	err := tx.QueryRowContext(ctx, `SELECT digest, expires_at FROM pin_codes WHERE pseudonym = ?`, pseudonym).Scan(&sealed, &expires)
	valid := err == nil && micros(c.now()) < expires
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return false, fmt.Errorf("look up PIN code: %w", err)
	}
	if valid {
		if held, err = c.kms.Unwrap(ctx, codePurpose(pseudonym), sealed); err != nil {
			return false, fmt.Errorf("open PIN code: %w", err)
		}
	}
	if subtle.ConstantTimeCompare(shown[:], held) == 1 && valid {
		return true, nil
	}
	if _, err := exec(ctx, tx, `UPDATE pin_codes SET wrong = wrong + 1 WHERE pseudonym = ?`, pseudonym); err != nil {
		return false, fmt.Errorf("count a wrong PIN code: %w", err)
	}
	_, err = exec(ctx, tx, `DELETE FROM pin_codes WHERE wrong >= ? OR expires_at <= ?`, codeTries, micros(c.now()))
	return false, err
}

// tries counts the wrong PIN codes of each station, so that one that fell into the wrong hands does not go
// through everybody's. What it forgets at a restart the codes themselves remember.
type tries struct {
	at map[wire.StationID][]time.Time // of wrong codes, oldest first; only within a write
}

const (
	triesWithin = 10 * time.Minute
	triesMost   = 10
)

// allowed tells whether a station may try a code now.
func (t *tries) allowed(station wire.StationID, now time.Time) bool {
	recent := t.at[station]
	for len(recent) > 0 && !recent[0].Add(triesWithin).After(now) {
		recent = recent[1:]
	}
	if len(recent) == 0 {
		delete(t.at, station)
		return true
	}
	t.at[station] = recent
	return len(recent) < triesMost
}

func (t *tries) wrong(station wire.StationID, now time.Time) {
	if t.at == nil {
		t.at = map[wire.StationID][]time.Time{}
	}
	t.at[station] = append(t.at[station], now)
}
