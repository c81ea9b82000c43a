package journal

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/mod/sumdb/note"

	"espero-soft.com/printroom/vault/journal/checkpoint"
	"espero-soft.com/printroom/vault/journal/verify"
)

// A witness key is kept for good: checkpoints that it countersigned stay in the
// log after it is out of use, and must still verify.

// witness is one key of central's.
type witness struct {
	vkey     string
	verifier note.Verifier
}

// witnesses are the keys that the log knows. They are never changed in place:
// state guards the value.
type witnesses struct {
	inForce []witness // the current one first
	former  []witness
}

func readWitnesses(vkeys []string) ([]witness, error) {
	if len(vkeys) == 0 || len(vkeys) > checkpoint.MaxWitnesses {
		return nil, fmt.Errorf("journal: %d witness keys", len(vkeys))
	}
	var all []witness
	for i, vkey := range vkeys {
		v, err := checkpoint.NewWitnessVerifier(vkey)
		if err != nil {
			return nil, fmt.Errorf("journal: witness key: %w", err)
		}
		if slices.Contains(vkeys[:i], vkey) {
			return nil, errors.New("journal: a witness key is named twice")
		}
		all = append(all, witness{vkey: vkey, verifier: v})
	}
	return all, nil
}

func verifiers(all ...[]witness) (keys []note.Verifier) {
	for _, w := range slices.Concat(all...) {
		keys = append(keys, w.verifier)
	}
	return keys
}

// UseWitnesses says which keys of central's countersign from now on, the current
// one first: one, or several while central changes its key. The caller has it
// from a statement that he trusts. It is durable, and holds over Config.Witness
// at the next Open. Keys that are left out no longer seal anything; what they
// sealed before stays good.
func (j *Journal) UseWitnesses(ctx context.Context, vkeys []string) error {
	next, err := readWitnesses(vkeys)
	if err != nil {
		return err
	}
	j.sealing.Lock()
	defer j.sealing.Unlock()
	if err := j.open(); err != nil {
		return err
	}
	now := j.known()
	if slices.EqualFunc(now.inForce, next, func(a, b witness) bool { return a.vkey == b.vkey }) {
		return nil
	}
	replaced := now.replaced(next)
	if err := j.db.putWitnesses(context.WithoutCancel(ctx), replaced); err != nil {
		return j.found(err)
	}
	j.state.Lock()
	j.state.witnesses = replaced
	j.state.Unlock()
	return nil
}

// replaced are the same keys, the given ones in force.
func (w witnesses) replaced(inForce []witness) witnesses {
	r := witnesses{inForce: inForce}
	for _, old := range slices.Concat(w.inForce, w.former) {
		if !slices.ContainsFunc(inForce, func(n witness) bool { return n.vkey == old.vkey }) {
			r.former = append(r.former, old)
		}
	}
	return r
}

func (j *Journal) known() witnesses {
	j.state.Lock()
	defer j.state.Unlock()
	return j.state.witnesses
}

// accepts are the keys that a checkpoint countersigned now is checked with.
func (j *Journal) accepts() verify.Keys {
	return verify.Keys{Station: j.station, Witnesses: verifiers(j.known().inForce)}
}

// accepted are the keys that a stored checkpoint is checked with.
func (j *Journal) accepted() verify.Keys {
	w := j.known()
	return verify.Keys{Station: j.station, Witnesses: verifiers(w.inForce, w.former)}
}

// readers are the witness's keys that a reader of checkpoints with signatures of
// the given keys needs: those in force, and for a checkpoint that bears no
// signature of theirs the former ones that signed it.
func (w witnesses) readers(signed ...[]uint32) []witness {
	all := slices.Clone(w.inForce)
	for _, ids := range signed {
		by := func(w witness) bool { return slices.Contains(ids, w.verifier.KeyHash()) }
		if len(ids) == 0 || slices.ContainsFunc(all, by) {
			continue
		}
		for _, old := range w.former {
			if by(old) && len(all) < checkpoint.MaxWitnesses {
				all = append(all, old)
			}
		}
	}
	return all
}

// shown are the keys that a reader of all that is stored needs.
func (j *Journal) shown() []witness {
	j.state.Lock()
	defer j.state.Unlock()
	return j.state.readers(j.state.sealers, signers(j.state.start.head))
}

// signers are the ids of the witness's keys in a checkpoint.
func signers(c checkpoint.Checkpoint) (ids []uint32) {
	for _, s := range c.Signatures[min(1, len(c.Signatures)):] {
		ids = append(ids, s.KeyID)
	}
	return ids
}

// Vkeys is the content of a journal.vkey: the station's verifier key, then the
// witness's, a line each; see docs/journal.md, "Keys". It is for all that is
// stored, see VkeysFor for one shard.
func (j *Journal) Vkeys() string { return j.vkeys(j.shown()) }

func (j *Journal) vkeys(witnesses []witness) string {
	text := j.signer.Vkey() + "\n"
	for _, w := range witnesses {
		text += w.vkey + "\n"
	}
	return text
}

// VkeysFor is Vkeys for the reader of an export of that span: a former key of
// the witness may have signed an old shard.
func (j *Journal) VkeysFor(ctx context.Context, s Span) (vkeys string, err error) {
	var signed [][]uint32
	err = j.db.snapshot(ctx, func(r reading) error {
		x := exporter{log: r}
		if err := x.find(ctx, s); err != nil {
			return err
		}
		for _, note := range [][]byte{x.note, x.before} {
			// One that is no checkpoint any more has no reader either.
			c, _ := checkpoint.ParseCheckpoint(note)
			signed = append(signed, signers(c))
		}
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("keys: %w", err)
	}
	return j.vkeys(j.known().readers(signed...)), nil
}

// Keys are those that the last countersigned checkpoint and its proofs are
// checked with: what Vkeys names.
func (j *Journal) Keys() verify.Keys {
	return verify.Keys{Station: j.station, Witnesses: verifiers(j.shown())}
}

// loadWitnesses takes the keys that were kept. The configured one is known in any
// case; where none were kept it is in force, and kept: the next start may have
// another in its configuration.
func (j *Journal) loadWitnesses(ctx context.Context) error {
	inForce, former, err := j.db.keptWitnesses(ctx)
	if err != nil {
		return err
	}
	w := j.known()
	if len(inForce) == 0 {
		return j.db.putWitnesses(ctx, w)
	}
	w = w.replaced(former).replaced(inForce)
	j.state.Lock()
	j.state.witnesses = w
	j.state.Unlock()
	return nil
}

// keptWitnesses reads the table; a key in it that can't be read is a fault.
func (d *database) keptWitnesses(ctx context.Context) (inForce, former []witness, err error) {
	rows, err := d.reader.QueryContext(ctx, "SELECT vkey, place FROM witness ORDER BY place, vkey")
	if err != nil {
		return nil, nil, readError(ctx, err)
	}
	defer func() { _ = rows.Close() }() // Err below tells
	for rows.Next() {
		var vkey string
		var place int
		if err := rows.Scan(&vkey, &place); err != nil {
			return nil, nil, readError(ctx, err)
		}
		v, err := checkpoint.NewWitnessVerifier(vkey)
		if err != nil {
			return nil, nil, &BrokenError{What: "a witness key is damaged", Err: err}
		}
		if w := (witness{vkey: vkey, verifier: v}); place < 0 {
			former = append(former, w)
		} else {
			inForce = append(inForce, w)
		}
	}
	return inForce, former, readError(ctx, rows.Err())
}

// putWitnesses keeps the keys durably, in one transaction.
func (d *database) putWitnesses(ctx context.Context, w witnesses) error {
	tx, err := d.writer.BeginTx(ctx, nil)
	if err != nil {
		return storageError("store the witness keys", err)
	}
	defer func() { _ = tx.Rollback() }() // after a commit it does nothing
	const put = "INSERT INTO witness (vkey, place) VALUES (?, ?) ON CONFLICT (vkey) DO UPDATE SET place = excluded.place"
	for _, old := range w.former {
		if _, err := tx.ExecContext(ctx, put, old.vkey, -1); err != nil {
			return storageError("store the witness keys", err)
		}
	}
	for place, now := range w.inForce {
		if _, err := tx.ExecContext(ctx, put, now.vkey, place); err != nil {
			return storageError("store the witness keys", err)
		}
	}
	return storageError("store the witness keys", tx.Commit())
}
