package central

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"mime"
	"os"

	"github.com/google/uuid"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/keys"
	"espero-soft.com/printroom/vault/memory"
)

func (c *Central) serveReceipt(ctx context.Context, q *request) (answer, error) {
	var r wire.ReceiptRequest
	if err := c.contract.decode("receipt", q.body, &r); err != nil {
		return answer{}, err
	}
	return c.once(ctx, write{q.station, "receipt", q.id, r}, func(tx *sql.Tx) (int, any, error) {
		return 201, wire.Receipt{ID: q.id}, receipt(ctx, tx, q.station, q.id, r)
	})
}

func receipt(ctx context.Context, tx *sql.Tx, s station, id wire.UUID, r wire.ReceiptRequest) error {
	var n int
	if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM deposits WHERE id = ? AND station = ?`, r.Deposit, s.id).Scan(&n); err != nil {
		return fmt.Errorf("look up deposit: %w", err)
	}
	if n == 0 {
		return wire.NewProblem(wire.ProblemNotFound, "no such deposit")
	}
	kept, err := exec(ctx, tx, `INSERT INTO receipts (id, station, deposit, media, size, sha256) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
		id, s.id, r.Deposit, string(r.MediaType), r.Size, r.SHA256)
	if err != nil {
		return fmt.Errorf("keep receipt: %w", err)
	}
	if kept == 0 {
		return wire.NewProblem(wire.ProblemIDReused, "")
	}
	for _, number := range r.Numbers {
		if err := assign(ctx, tx, r.Deposit, id, number); err != nil {
			return err
		}
	}
	return nil
}

// assign binds a registered number to the letter of a piece, for good: the one central gave it, or the
// first that was read off a receipt.
func assign(ctx context.Context, tx *sql.Tx, deposit, receipt wire.UUID, number wire.RegisteredNumber) error {
	var job, tracking string
	err := tx.QueryRowContext(ctx, `SELECT j.id, COALESCE(NULLIF(j.tracking, ''), (SELECT MIN(n.number) FROM numbers n WHERE n.job = j.id), '')
		FROM pieces p JOIN jobs j ON j.id = p.job
		WHERE p.attempt = ? AND p.deposit = ?`, number.Attempt, deposit).Scan(&job, &tracking)
	if errors.Is(err, sql.ErrNoRows) {
		return withAttempt(wire.ProblemNumberRefused, number.Attempt)
	}
	if err != nil {
		return fmt.Errorf("look up piece: %w", err)
	}
	international := number.Number[0] == 'R'
	if (tracking != "" && tracking != number.Number) || (international && !s10(number.Number)) {
		return withAttempt(wire.ProblemNumberRefused, number.Attempt)
	}
	var taken string
	err = tx.QueryRowContext(ctx, `SELECT job FROM numbers WHERE number = ?`, number.Number).Scan(&taken)
	switch {
	case err == nil && taken == job: // a second receipt that shows the same letter
		return nil
	case err == nil:
		return withAttempt(wire.ProblemNumberInUse, number.Attempt)
	case !errors.Is(err, sql.ErrNoRows):
		return fmt.Errorf("look up number: %w", err)
	}
	_, err = exec(ctx, tx, `INSERT INTO numbers (number, job, receipt) VALUES (?, ?, ?)`, number.Number, job, receipt)
	return err
}

// s10 checks the check digit of a number whose form the contract has checked (UPU S10, 3.3).
func s10(number string) bool {
	sum := 0
	for i, weight := range []int{8, 6, 4, 2, 3, 5, 9, 7} {
		sum += int(number[2+i]-'0') * weight
	}
	check := 11 - sum%11
	switch check {
	case 10:
		check = 0
	case 11:
		check = 5
	}
	return int(number[10]-'0') == check
}

// serveReceiptImage keeps a picture, sealed: receipts carry addresses.
func (c *Central) serveReceiptImage(ctx context.Context, q *request) (answer, error) {
	if err := c.announced(ctx, q); err != nil {
		return answer{}, err
	}
	done, err := jsonAnswer(201, wire.Receipt{ID: q.id, Image: true})
	if err != nil {
		return answer{}, err
	}
	file, wrapped, err := c.storeImage(ctx, q.id, q.body)
	if err != nil {
		return answer{}, err
	}
	var kept int64
	err = c.writeFor(ctx, q.station, func(tx *sql.Tx) (err error) {
		kept, err = exec(ctx, tx, `UPDATE receipts SET image = ?, dek = ? WHERE id = ? AND image IS NULL`, file, wrapped, q.id)
		return err
	})
	if err == nil && kept == 0 { // the first copy stays
		err = os.Remove(c.documentPath(file))
	}
	return done, err
}

// announced checks that a picture is the one its receipt speaks of.
func (c *Central) announced(ctx context.Context, q *request) error {
	var media, digest string
	var size int64
	err := c.read.QueryRowContext(ctx, `SELECT media, size, sha256 FROM receipts WHERE id = ? AND station = ?`, q.id, q.station.id).
		Scan(&media, &size, &digest)
	if errors.Is(err, sql.ErrNoRows) {
		return wire.NewProblem(wire.ProblemNotFound, "no such receipt")
	}
	if err != nil {
		return fmt.Errorf("look up receipt: %w", err)
	}
	if sent, _, err := mime.ParseMediaType(q.http.Header.Get("Content-Type")); err != nil || sent != media {
		return wire.NewProblem(wire.ProblemMediaType, "announced was %s", media)
	}
	if sum := sha256.Sum256(q.body); int64(len(q.body)) != size || hex.EncodeToString(sum[:]) != digest {
		return wire.NewProblem(wire.ProblemDigestMismatch, "")
	}
	return nil
}

func (c *Central) storeImage(ctx context.Context, receipt wire.UUID, picture []byte) (file string, wrapped []byte, err error) {
	dek := make([]byte, keys.KeySize)
	defer memory.Wipe(dek)
	if _, err := rand.Read(dek); err != nil {
		return "", nil, fmt.Errorf("make a key: %w", err)
	}
	sealed, err := keys.SealPart(dek, receipt, keys.PartDocument, picture)
	if err != nil {
		return "", nil, fmt.Errorf("seal the picture: %w", err)
	}
	if wrapped, err = c.kms.Wrap(ctx, receiptPurpose(receipt), dek); err != nil {
		return "", nil, fmt.Errorf("wrap the picture's key: %w", err)
	}
	file = uuid.NewString()
	if err := writeFile(c.documentPath(file), sealed); err != nil {
		return "", nil, fmt.Errorf("keep the picture: %w", err)
	}
	return file, wrapped, nil
}

func receiptPurpose(receipt string) string { return "receipt/" + receipt }
