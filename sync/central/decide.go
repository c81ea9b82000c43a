package central

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"

	"espero-soft.com/printroom/sync/wire"
)

// Cancel ends a letter that was not dropped off: it is leased no more, and no piece of it is accepted. The
// station of its newest claim is given an order; a letter that nobody holds needs none. Only a piece that
// was in a closed deposit before the station knew goes on. 409 job-closed after the drop-off.
func (c *Central) Cancel(ctx context.Context, job wire.UUID) error {
	err := c.write(ctx, func(tx *sql.Tx) error {
		j, err := ledgerJob(ctx, tx, job)
		if err != nil {
			return err
		}
		if j.state == stateDropped {
			return withJob(wire.ProblemJobClosed, job)
		}
		return c.end(ctx, tx, j)
	})
	if err != nil {
		return fmt.Errorf("cancel: %w", err)
	}
	return nil
}

// end cancels a letter, once.
func (c *Central) end(ctx context.Context, tx *sql.Tx, j inLedger) error {
	if j.state == stateCancelled {
		return nil
	}
	if err := j.set(ctx, tx, stateCancelled); err != nil || j.holder == "" {
		return err
	}
	return c.order(ctx, tx, wire.OrderCancel, j.id, j.holder)
}

// Recall asks for a letter back from the station of its newest claim: given up there, it is ready again. A
// letter that nobody holds is. 409 job-cancelled or job-closed for one that has ended.
func (c *Central) Recall(ctx context.Context, job wire.UUID) error {
	err := c.write(ctx, func(tx *sql.Tx) error {
		j, err := ledgerJob(ctx, tx, job)
		if err != nil {
			return err
		}
		if err := j.open(); err != nil || j.holder == "" {
			return err
		}
		return c.order(ctx, tx, wire.OrderRecall, job, j.holder)
	})
	if err != nil {
		return fmt.Errorf("recall: %w", err)
	}
	return nil
}

// Erase ends a letter as Cancel does, unless it was dropped off, and forgets what is personal of it: its
// document, its key and its address here, at once, and by an order at every station that ever leased it.
// What the ledger needs stays, and so does a registered number, which proves the mailing.
func (c *Central) Erase(ctx context.Context, job wire.UUID) error {
	var document string
	err := c.write(ctx, func(tx *sql.Tx) error {
		j, err := ledgerJob(ctx, tx, job)
		if err != nil {
			return err
		}
		if j.state != stateDropped {
			if err := j.set(ctx, tx, stateCancelled); err != nil {
				return err
			}
		}
		if err := tx.QueryRowContext(ctx, `SELECT document FROM jobs WHERE id = ?`, job).Scan(&document); err != nil {
			return fmt.Errorf("look up document: %w", err)
		}
		if _, err := exec(ctx, tx, `UPDATE jobs SET wrapped_dek = x'', details = x'' WHERE id = ?`, job); err != nil {
			return fmt.Errorf("forget the letter's key: %w", err)
		}
		if err := redact(ctx, tx, job); err != nil {
			return err
		}
		return c.orderAll(ctx, tx, job)
	})
	if err != nil {
		return fmt.Errorf("erase: %w", err)
	}
	if err := os.Remove(c.documentPath(document)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("erase: remove the document: %w", err) // without its key it is noise; the next start tries again
	}
	return nil
}

// orderAll gives the order to erase to every station that ever leased the letter, once each.
func (c *Central) orderAll(ctx context.Context, tx *sql.Tx, job wire.UUID) error {
	stations, err := texts(ctx, tx, `SELECT DISTINCT c.station FROM leasings l JOIN claims c ON c.id = l.claim WHERE l.job = ?
		AND NOT EXISTS (SELECT 1 FROM orders o WHERE o.job = l.job AND o.station = c.station AND o.kind = 'erase')`, job)
	if err != nil {
		return fmt.Errorf("look up who leased the letter: %w", err)
	}
	for _, s := range stations {
		if err := c.order(ctx, tx, wire.OrderErase, job, s); err != nil {
			return err
		}
	}
	return nil
}

// redact takes a letter out of the answers to claims that are kept to be given again.
func redact(ctx context.Context, tx *sql.Tx, job wire.UUID) error {
	claims, err := texts(ctx, tx, `SELECT claim FROM leasings WHERE job = ?`, job)
	if err != nil {
		return fmt.Errorf("look up claims: %w", err)
	}
	for _, id := range claims {
		var text []byte
		err := tx.QueryRowContext(ctx, `SELECT answer FROM answers WHERE operation = 'claim' AND id = ?`, id).Scan(&text)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		var claim wire.Claim
		if err == nil {
			err = json.Unmarshal(text, &claim)
		}
		if err != nil {
			return fmt.Errorf("read the answer to claim %s: %w", id, err)
		}
		claim.Jobs = slices.DeleteFunc(claim.Jobs, func(j wire.Job) bool { return j.ID == job })
		if text, err = json.Marshal(claim); err != nil {
			return fmt.Errorf("write the answer to claim %s: %w", id, err)
		}
		if _, err := exec(ctx, tx, `UPDATE answers SET answer = ? WHERE operation = 'claim' AND id = ?`, text, id); err != nil {
			return fmt.Errorf("keep the answer to claim %s: %w", id, err)
		}
	}
	return nil
}

// Requeue is a person's decision that a letter which may be on paper, or was set aside, is leased again:
// whatever was printed of it is destroyed. What its former claim still reports is fenced off. Refused
// once a piece was accepted, and for a letter that ended.
func (c *Central) Requeue(ctx context.Context, job wire.UUID) error {
	err := c.write(ctx, func(tx *sql.Tx) error {
		j, err := ledgerJob(ctx, tx, job)
		if err != nil {
			return err
		}
		if err := j.open(); err != nil {
			return err
		}
		if j.accepted != "" {
			return withAttempt(wire.ProblemAttemptSuperseded, j.accepted)
		}
		_, err = exec(ctx, tx, `UPDATE jobs SET state = 'ready', claim = NULL WHERE id = ?`, job)
		return err
	})
	if err != nil {
		return fmt.Errorf("requeue: %w", err)
	}
	return nil
}
