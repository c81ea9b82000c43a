package central

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/journal/checkpoint"
)

func (c *Central) serveCheckpoint(ctx context.Context, q *request) (answer, error) {
	var r wire.SignedNote
	if err := c.contract.decode("journalCheckpoint", q.body, &r); err != nil {
		return answer{}, err
	}
	var signed []byte
	err := c.writeTold(ctx, q.station, func(tx *sql.Tx) (err error) {
		signed, err = c.witness(ctx, tx, q.station, []byte(r.Note))
		return err
	})
	if err != nil {
		return answer{}, err
	}
	return jsonAnswer(200, wire.SignedNote{Note: string(signed)})
}

// witness countersigns a checkpoint whose root is that of the entries held, unless it countersigned more.
func (c *Central) witness(ctx context.Context, tx *sql.Tx, s station, note []byte) ([]byte, error) {
	said, err := checkpoint.ParseCheckpoint(note)
	if err != nil {
		return nil, c.refuseHead(ctx, tx, s, s.log, 0, note, err.Error())
	}
	j, err := openLog(ctx, tx, s, said.Origin)
	if problem(err, wire.ProblemForbidden) {
		return nil, c.refuseHead(ctx, tx, s, s.log, said.Size, note, "of a journal that is not yours")
	}
	if err != nil {
		return nil, err
	}
	cp, err := checkpoint.OpenStation(note, j.vkey)
	if err != nil {
		return nil, c.refuseHead(ctx, tx, s, j.log, said.Size, note, err.Error())
	}
	if cp.Size > j.tree.Size() {
		return nil, c.gap(ctx, tx, s, j, cp.Size)
	}
	root, err := rootAt(ctx, tx, j, cp.Size)
	if err != nil {
		return nil, err
	}
	if root != nil && !bytes.Equal(root, cp.Root[:]) {
		if _, err := c.keepEvidence(ctx, tx, piece{log: j.log, kind: AlarmFork, at: cp.Size, held: root, shown: note}); err != nil {
			return nil, err
		}
		return nil, c.forked(ctx, tx, s, j, cp.Size)
	}
	if cp.Size < j.sealed {
		return nil, c.setBack(ctx, tx, s, j, cp.Size, note)
	}
	if root == nil {
		return nil, c.refuseHead(ctx, tx, s, j.log, cp.Size, note, "of entries that are forgotten")
	}
	return c.countersign(ctx, tx, j, cp, note)
}

// refuseHead refuses a checkpoint. What is no note may hold anything: of that the digest is kept.
func (c *Central) refuseHead(ctx context.Context, tx *sql.Tx, s station, log wire.LogOrigin, size int64, note []byte, why string) error {
	if _, err := checkpoint.ParseCheckpoint(note); err != nil {
		digest := sha256.Sum256(note)
		note = digest[:]
	}
	if _, err := c.keepEvidence(ctx, tx, piece{log: log, kind: AlarmCheckpoint, at: size, held: []byte{}, shown: note}); err != nil {
		return err
	}
	if err := c.raise(ctx, tx, AlarmCheckpoint, log, s.id, size); err != nil {
		return err
	}
	return told{wire.NewProblem(wire.ProblemCheckpointRefused, "%s", why)}
}

// setBack refuses a head of fewer entries than were countersigned: its station lost entries, and what it
// writes next is another history.
func (c *Central) setBack(ctx context.Context, tx *sql.Tx, s station, j *journal, size int64, note []byte) error {
	if _, err := c.keepEvidence(ctx, tx, piece{log: j.log, kind: AlarmSetBack, at: size, held: []byte(j.checkpoint), shown: note}); err != nil {
		return err
	}
	if err := c.raise(ctx, tx, AlarmSetBack, j.log, s.id, size); err != nil {
		return err
	}
	return told{wire.NewProblem(wire.ProblemJournalFork, "%d entries are countersigned", j.sealed)}
}

// countersign signs a head and keeps it. The same head again, as after an answer that was lost, gives what
// was signed then: what a month holds goes by the witness's time. That time never goes back.
func (c *Central) countersign(ctx context.Context, tx *sql.Tx, j *journal, cp checkpoint.Checkpoint, note []byte) ([]byte, error) {
	at := fromMicros(max(micros(c.now()), j.sealedAt)).Truncate(time.Second)
	again := j.checkpoint != "" && cp.Size == j.sealed
	if again {
		if c.covers(j, note) {
			return []byte(j.checkpoint), nil
		}
		at = fromMicros(j.sealedAt) // by keys that are in force since then
	}
	signed, err := checkpoint.Cosign(note, at, c.authority.cosigners()...)
	if err != nil {
		return nil, fmt.Errorf("countersign: %w", err)
	}
	if err := c.keepHead(ctx, tx, j, cp.Size, at, signed); err != nil {
		return nil, err
	}
	return signed, c.mend(ctx, tx, AlarmSilent, j.log, cp.Size)
}

// covers tells whether the newest head is the one of the note, countersigned by all keys in force.
func (c *Central) covers(j *journal, note []byte) bool {
	if !strings.HasPrefix(j.checkpoint, string(note)) {
		return false
	}
	for _, w := range c.authority.cosigners() {
		if _, _, err := checkpoint.OpenCountersigned([]byte(j.checkpoint), j.vkey, w.Vkey()); err != nil {
			return false
		}
	}
	return true
}

// keepHead keeps a countersigned head, the newest one of its log.
func (c *Central) keepHead(ctx context.Context, tx *sql.Tx, j *journal, size int64, at time.Time, signed []byte) error {
	tree, err := treeAt(ctx, tx, j, size)
	if err != nil {
		return err
	}
	if err := thin(ctx, tx, j, at); err != nil {
		return err
	}
	_, err = exec(ctx, tx, `INSERT INTO checkpoints (log, size, signed_at, note, frontier) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (log, size) DO UPDATE SET note = excluded.note`, j.log, size, micros(at), string(signed), frontierOf(tree))
	if err != nil {
		return fmt.Errorf("keep checkpoint: %w", err)
	}
	_, err = exec(ctx, tx, `UPDATE journals SET countersigned = ?, checkpoint = ?, sealed_at = ?, working_since = 0 WHERE log = ?`,
		size, string(signed), micros(at), j.log)
	if err != nil {
		return fmt.Errorf("keep checkpoint: %w", err)
	}
	for _, w := range c.authority.cosigners() {
		if _, err := exec(ctx, tx, `INSERT INTO witnesses (vkey) VALUES (?) ON CONFLICT DO NOTHING`, w.Vkey()); err != nil {
			return fmt.Errorf("keep the witness's key: %w", err)
		}
	}
	return nil
}
