package central

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"time"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/keys"
	"espero-soft.com/printroom/vault/memory"
)

func (c *Central) serveClaim(ctx context.Context, q *request) (answer, error) {
	var r wire.ClaimRequest
	if err := c.contract.decode("claim", q.body, &r); err != nil {
		return answer{}, err
	}
	return c.once(ctx, write{q.station, "claim", r.ID, r}, func(tx *sql.Tx) (int, any, error) {
		claim, err := c.lease(ctx, tx, q.station, r)
		if err == nil && len(claim.Jobs) == 0 {
			return 200, claim, nil
		}
		if err == nil {
			err = c.worked(ctx, tx, q.station)
		}
		return 201, claim, err
	})
}

// leased is a job on its way into a claim.
type leased struct {
	job     wire.Job
	wrapped []byte // DEK under the KMS
}

// lease gives the station the ready jobs of the soonest cut-off. A job whose lease ended is ready again
// only while no attempt of it was reported: then its state is no longer 'ready'.
func (c *Central) lease(ctx context.Context, tx *sql.Tx, s station, r wire.ClaimRequest) (wire.Claim, error) {
	claim := wire.Claim{ID: r.ID, Jobs: []wire.Job{}}
	now := c.now()
	jobs, err := c.ready(ctx, tx, s.id, now, min(r.Max, c.config.ClaimMax))
	if err != nil || len(jobs) == 0 {
		return claim, err
	}
	claim.Station = s.id
	claim.ExpiresAt = now.Add(c.config.Lease).Truncate(time.Microsecond)
	// At least the time, so that it is higher than those of a database that was restored from a copy.
	err = tx.QueryRowContext(ctx, `SELECT MAX(COALESCE(MAX(fencing), 0) + 1, ?) FROM claims`, now.Unix()).Scan(&claim.FencingToken)
	if err != nil {
		return claim, fmt.Errorf("make a fencing token: %w", err)
	}
	// Two stations may not share a claim's id, as the key's binding and the path name it.
	n, err := exec(ctx, tx, `INSERT INTO claims (id, station, fencing, expires_at) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
		claim.ID, s.id, claim.FencingToken, micros(claim.ExpiresAt))
	if err != nil {
		return claim, fmt.Errorf("keep claim: %w", err)
	}
	if n == 0 {
		return claim, wire.NewProblem(wire.ProblemIDReused, "")
	}
	return claim, c.fill(ctx, tx, s, &claim, jobs)
}

// claimable says of a job j under claim c whether a station may have it: at a time, and by its name. What
// it was told to give up it is not given at the same time.
const claimable = `j.state = 'ready' AND (j.claim IS NULL OR c.expires_at <= ?)
	AND NOT EXISTS (SELECT 1 FROM orders o WHERE o.job = j.id AND o.station = ? AND o.outcome = '')`

func (c *Central) ready(ctx context.Context, tx *sql.Tx, station wire.StationID, now time.Time, most int) ([]leased, error) {
	rows, err := tx.QueryContext(ctx, `SELECT j.id, j.product, j.duplex, j.colour, j.envelope, j.pages, j.paid_at, j.cut_off,
			j.tracking, j.legal_proof, j.document, j.size, j.sha256, j.wrapped_dek, j.details
		FROM jobs j LEFT JOIN claims c ON c.id = j.claim
		WHERE `+claimable+` ORDER BY j.cut_off, j.paid_at, j.id LIMIT ?`, micros(now), station, most)
	if err != nil {
		return nil, fmt.Errorf("find ready jobs: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var jobs []leased
	for rows.Next() {
		var (
			l            leased
			j            = &l.job
			paid, cutOff int64
		)
		err := rows.Scan(&j.ID, &j.Product, &j.Options.Duplex, &j.Options.Colour, &j.Options.Envelope, &j.PaidPages, &paid, &cutOff,
			&j.TrackingNumber, &j.LegalProof, &j.Document.ID, &j.Document.Size, &j.Document.SHA256, &l.wrapped, &j.Details)
		if err != nil {
			return nil, fmt.Errorf("read job: %w", err)
		}
		j.PaidAt, j.CutOff = fromMicros(paid), fromMicros(cutOff)
		jobs = append(jobs, l)
	}
	return jobs, rows.Err()
}

// fill makes the claim's key, wraps each document key under it and binds the jobs to the claim.
func (c *Central) fill(ctx context.Context, tx *sql.Tx, s station, claim *wire.Claim, jobs []leased) error {
	kek := make([]byte, keys.KeySize)
	defer memory.Wipe(kek)
	if _, err := rand.Read(kek); err != nil {
		return fmt.Errorf("make the claim's key: %w", err)
	}
	binding := keys.Binding{Claim: claim.ID, Station: s.id}
	var err error
	if claim.SealedKey, err = keys.SealClaimKey(s.doc, binding, kek); err != nil {
		return fmt.Errorf("seal the claim's key: %w", err)
	}
	for _, l := range jobs {
		if l.job.WrappedKey, err = c.rewrap(ctx, kek, binding, l); err != nil {
			return err
		}
		if _, err := exec(ctx, tx, `UPDATE jobs SET claim = ? WHERE id = ?`, claim.ID, l.job.ID); err != nil {
			return fmt.Errorf("lease job: %w", err)
		}
		if _, err := exec(ctx, tx, `INSERT INTO leasings (job, claim) VALUES (?, ?)`, l.job.ID, claim.ID); err != nil {
			return fmt.Errorf("keep who leased a job: %w", err)
		}
		claim.Jobs = append(claim.Jobs, l.job)
	}
	return nil
}

func (c *Central) rewrap(ctx context.Context, kek []byte, b keys.Binding, l leased) ([]byte, error) {
	dek, err := c.kms.Unwrap(ctx, jobPurpose(l.job.ID), l.wrapped)
	if err != nil {
		return nil, fmt.Errorf("unwrap a document's key: %w", err)
	}
	defer memory.Wipe(dek)
	return keys.WrapDocumentKey(kek, b, l.job.ID, dek)
}

func jobPurpose(job string) string { return "job/" + job }
