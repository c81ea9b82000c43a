package central

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/tlog"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/journal/checkpoint"
	"espero-soft.com/printroom/vault/journal/verify"
)

// What is kept of a log at most, however much is shown: what comes after counts in the alarm alone.
const (
	maxEvidence = 100    // pieces of a kind
	maxHistory  = 20_000 // entries of other histories
)

// history is a part of another history of a log.
type history struct {
	at    int64    // the first entry's sequence
	held  []byte   // what central has there
	shown []string // entries
}

// fork refuses another history: it is kept as far as it was shown, an alarm is raised, and the station has
// no letters until a person has decided, neither it nor its copy, as nobody can tell them apart. The history
// that came first goes on: it is taken and countersigned, so that whatever is done in it is on record.
func (c *Central) fork(ctx context.Context, tx *sql.Tx, s station, j *journal, h history) error {
	goesOn, err := c.continues(ctx, tx, j, h)
	if err == nil && !goesOn {
		err = c.keepHistory(ctx, tx, j, h)
	}
	if err != nil {
		return err
	}
	return c.forked(ctx, tx, s, j, h.at)
}

// forked is what every fork comes to.
func (c *Central) forked(ctx context.Context, tx *sql.Tx, s station, j *journal, at int64) error {
	if err := c.raise(ctx, tx, AlarmFork, j.log, s.id, at); err != nil {
		return err
	}
	if j.log == s.log { // a former log's says nothing of the keys in force
		if err := c.suspend(ctx, tx, s); err != nil {
			return err
		}
	}
	return told{wire.NewProblem(wire.ProblemJournalFork, "at entry %d", at)}
}

// continues appends to a history that was shown before, where this one goes on in it.
func (c *Central) continues(ctx context.Context, tx *sql.Tx, j *journal, h history) (bool, error) {
	e, err := verify.ParseEntry([]byte(h.shown[0]))
	if err != nil {
		return false, nil
	}
	rows, err := tx.QueryContext(ctx, `SELECT v.id, CASE v.size WHEN ?2 THEN v.shown ELSE e.entry END FROM evidence v
		LEFT JOIN evidence_entries e ON e.evidence = v.id AND e.sequence = ?2
		WHERE v.log = ?1 AND v.kind = 'fork' AND v.upto > 0 AND ?2 BETWEEN v.size AND v.upto`, j.log, h.at-1)
	if err != nil {
		return false, fmt.Errorf("look up evidence: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id string
		var before []byte
		if err := rows.Scan(&id, &before); err != nil {
			return false, fmt.Errorf("look up evidence: %w", err)
		}
		if checkpoint.LeafHash(before) == e.Previous {
			return true, errors.Join(rows.Close(), c.prolong(ctx, tx, j, id, h.shown))
		}
	}
	return false, rows.Err()
}

// keepHistory keeps what was shown first, once, and what follows it.
func (c *Central) keepHistory(ctx context.Context, tx *sql.Tx, j *journal, h history) error {
	leaf := checkpoint.LeafHash([]byte(h.shown[0]))
	id, err := c.keepEvidence(ctx, tx, piece{log: j.log, kind: AlarmFork, at: h.at, held: h.held, shown: []byte(h.shown[0]), upto: h.at, last: leaf[:]})
	if err != nil || id == "" {
		return err
	}
	// An older program did not keep how a history goes on.
	if _, err := exec(ctx, tx, `UPDATE evidence SET upto = ?, last = ? WHERE id = ? AND upto = 0`, h.at, leaf[:], id); err != nil {
		return fmt.Errorf("keep evidence: %w", err)
	}
	return c.prolong(ctx, tx, j, id, h.shown[1:])
}

// prolong keeps entries of another history that chain to its last one.
func (c *Central) prolong(ctx context.Context, tx *sql.Tx, j *journal, evidence string, entries []string) error {
	var upto int64
	var end []byte
	var kept int
	err := tx.QueryRowContext(ctx, `SELECT upto, last, (SELECT count(*) FROM evidence_entries n JOIN evidence v ON v.id = n.evidence WHERE v.log = e.log)
		FROM evidence e WHERE id = ?`, evidence).Scan(&upto, &end, &kept)
	if err != nil {
		return fmt.Errorf("look up evidence: %w", err)
	}
	last := tlog.Hash(end)
	for _, entry := range entries {
		e, err := verify.ParseEntry([]byte(entry))
		if err != nil || kept >= maxHistory {
			break
		}
		if e.Log == j.log && e.Sequence <= upto {
			if err := c.parts(ctx, tx, j, evidence, e.Sequence, entry); err != nil {
				return err
			}
			continue
		}
		if e.Log != j.log || e.Sequence != upto+1 || e.Previous != last {
			break // of no use
		}
		if _, err := exec(ctx, tx, `INSERT INTO evidence_entries (evidence, sequence, entry) VALUES (?, ?, ?)`, evidence, e.Sequence, []byte(entry)); err != nil {
			return fmt.Errorf("keep evidence: %w", err)
		}
		upto, last, kept = e.Sequence, checkpoint.LeafHash([]byte(entry)), kept+1
	}
	if _, err := exec(ctx, tx, `UPDATE evidence SET upto = ?, last = ? WHERE id = ?`, upto, last[:], evidence); err != nil {
		return fmt.Errorf("keep evidence: %w", err)
	}
	return nil
}

// parts keeps an entry that another history has in place of one that was shown before: there is a third.
func (c *Central) parts(ctx context.Context, tx *sql.Tx, j *journal, evidence string, at int64, shown string) error {
	var kept []byte
	err := tx.QueryRowContext(ctx, `SELECT entry FROM evidence_entries WHERE evidence = ? AND sequence = ?`, evidence, at).Scan(&kept)
	if errors.Is(err, sql.ErrNoRows) || err == nil && string(kept) == shown {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look up evidence: %w", err)
	}
	leaf := checkpoint.LeafHash([]byte(shown))
	_, err = c.keepEvidence(ctx, tx, piece{log: j.log, kind: AlarmFork, at: at, held: kept, shown: []byte(shown), upto: at, last: leaf[:]})
	return err
}

// piece is one piece of evidence.
type piece struct {
	log         wire.LogOrigin
	kind        AlarmKind
	at          int64
	held, shown []byte
	upto        int64 // 0 for what is no entry
	last        []byte
}

// keepEvidence keeps a piece, once, and gives its id; "" when there are too many.
func (c *Central) keepEvidence(ctx context.Context, tx *sql.Tx, p piece) (id string, err error) {
	if p.last == nil {
		p.last = []byte{}
	}
	_, err = exec(ctx, tx, `INSERT INTO evidence (id, log, size, held, shown, received_at, kind, upto, last) SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?
		WHERE (SELECT count(*) FROM evidence WHERE log = ? AND kind = ?) < ? ON CONFLICT DO NOTHING`,
		uuid.NewString(), p.log, p.at, p.held, p.shown, micros(c.now()), string(p.kind), p.upto, p.last, p.log, string(p.kind), maxEvidence)
	if err == nil {
		err = tx.QueryRowContext(ctx, `SELECT id FROM evidence WHERE log = ? AND kind = ? AND size = ? AND shown = ?`, p.log, string(p.kind), p.at, p.shown).Scan(&id)
	}
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("keep evidence: %w", err)
	}
	return id, nil
}

// broken refuses a batch for one of its entries. What is no entry may hold anything, such as a name, that
// could not be erased here: of that the digest is kept.
func (c *Central) broken(ctx context.Context, tx *sql.Tx, s station, j *journal, at int64, entry string) error {
	shown := []byte(entry)
	if _, err := verify.ParseEntry(shown); err != nil {
		digest := sha256.Sum256(shown)
		shown = digest[:]
	}
	if _, err := c.keepEvidence(ctx, tx, piece{log: j.log, kind: AlarmBroken, at: at, held: j.last[:], shown: shown}); err != nil {
		return err
	}
	if err := c.raise(ctx, tx, AlarmBroken, j.log, s.id, at); err != nil {
		return err
	}
	return told{wire.NewProblem(wire.ProblemJournalBroken, "entry %d", at)}
}
