package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"espero-soft.com/printroom/vault/journal/checkpoint"
	"espero-soft.com/printroom/vault/journal/verify"
)

// lastSequence is the sequence of the last entry that was written, be it stored
// or forgotten.
const lastSequence = `coalesce((SELECT max(sequence) FROM entry), (SELECT size FROM start), 0)`

// insertEntry is the compare-and-swap on the head: it adds entry ?1 only if the
// last one is still the one before, else there are no bytes and the database
// refuses. Entries never change, so the sequence alone names the head. (With
// INSERT … SELECT SQLite would open a temporary table each time.)
const insertEntry = `INSERT INTO entry (sequence, bytes)
	VALUES (?1, CASE WHEN ` + lastSequence + ` = ?1 - 1 THEN ?2 END)`

// maxMoved is how often an append starts again because another process was
// faster.
const maxMoved = 10

var errMoved = errors.New("the head has moved")

// Intent writes that an access is about to happen and returns when that is
// durable. The permit is for this one access. On any error there is no permit;
// the entry may exist even so, and then reads as an access that possibly
// occurred. ctx counts until the writing starts.
func (j *Journal) Intent(ctx context.Context, a Access) (Permit, error) {
	permits, err := j.Intents(ctx, []Access{a})
	if err != nil {
		return Permit{}, err
	}
	return permits[0], nil
}

// Intents writes several intents in one durable step, all or none, and gives a
// permit for each, in order: a batch costs one commit.
func (j *Journal) Intents(ctx context.Context, accesses []Access) ([]Permit, error) {
	if err := j.openable(); err != nil {
		return nil, err
	}
	drafts := make([]draft, len(accesses))
	for i, a := range accesses {
		if a.Object == "" {
			return nil, fmt.Errorf("%w: an intent names its object", ErrInvalid)
		}
		drafts[i] = draft{Access: a}
	}
	sequences, err := j.append(ctx, drafts)
	if err != nil {
		return nil, err
	}
	// What was found in the meantime counts too.
	if err := j.trusted(); err != nil {
		return nil, err
	}
	permits := make([]Permit, len(accesses))
	for i, a := range accesses {
		permits[i] = Permit{&permit{sequence: sequences[i], access: a, trusted: j.trusted}}
	}
	return permits, nil
}

// Result writes how the access of a permit ended; the permit can't be used from
// then on. When it fails it may be called again, for one result altogether.
func (j *Journal) Result(ctx context.Context, p Permit, o Outcome) error {
	return j.ResultFor(ctx, p, o, "")
}

// ResultFor is Result with a reason code.
func (j *Journal) ResultFor(ctx context.Context, p Permit, o Outcome, reason string) error {
	if !o.Known() {
		return fmt.Errorf("%w: unknown outcome", ErrInvalid)
	}
	if reason != "" && verify.CheckCode(reason) != nil {
		return fmt.Errorf("%w: the reason is not a code", ErrInvalid)
	}
	reopen, err := p.close()
	if err != nil {
		return err
	}
	a := p.p.access
	if reason != "" {
		a.Reason = reason
	}
	if _, err = j.append(ctx, []draft{{Access: a, outcome: o, intent: p.p.sequence}}); err != nil {
		reopen()
	}
	return err
}

// Record writes an access that opens nothing, such as a lock or a purge. It is
// tried even when the journal is broken.
func (j *Journal) Record(ctx context.Context, a Access, o Outcome) error {
	if !o.Known() {
		return fmt.Errorf("%w: unknown outcome", ErrInvalid)
	}
	_, err := j.append(ctx, []draft{{Access: a, outcome: o}})
	return err
}

// draft is an entry without its place.
type draft struct {
	Access
	outcome Outcome
	intent  int64
}

// opens tells whether something is opened when the entry is written: the
// disk's reserve is not for that. A counter's value comes before a login.
func (d draft) opens() bool { return d.outcome == "" || d.Action == ActionCounter }

func (d draft) check() error {
	if !d.Action.Known() {
		return fmt.Errorf("%w: unknown action", ErrInvalid)
	}
	if d.Counter < 0 || d.Counter > verify.MaxInteger {
		return fmt.Errorf("%w: counter out of range", ErrInvalid)
	}
	for _, f := range []struct {
		name, value string
		check       func(string) error
	}{
		{"actor", d.Actor, verify.CheckID}, {"object", d.Object, verify.CheckID},
		{"attempt", d.Attempt, verify.CheckAttempt}, {"reason", d.Reason, verify.CheckCode},
		{"pages", d.Pages, verify.CheckPages},
	} {
		if f.value == "" {
			continue
		}
		if err := f.check(f.value); err != nil {
			return fmt.Errorf("%w: %s: %w", ErrInvalid, f.name, err)
		}
	}
	return nil
}

// append writes entries in one durable step and returns their sequences.
func (j *Journal) append(ctx context.Context, drafts []draft) ([]int64, error) {
	for _, d := range drafts {
		if err := d.check(); err != nil {
			return nil, err
		}
	}
	if len(drafts) == 0 {
		return nil, nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := j.open(); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if drafts[0].opens() {
		if err := j.spare.hold(ctx, j.db); err != nil {
			return nil, err
		}
	}
	// From here on a cancelled caller must not leave it open whether the entry
	// was written.
	ctx = context.WithoutCancel(ctx)
	for range maxMoved {
		entries, err := j.encode(drafts)
		if err != nil {
			return nil, err
		}
		err = j.commit(ctx, entries)
		if err == nil {
			return j.advance(drafts, entries)
		}
		// Whatever happened, the next entry follows what is stored now.
		if rerr := j.resync(ctx); rerr != nil && errors.Is(err, errMoved) {
			return nil, rerr
		}
		again := errors.Is(err, errMoved) ||
			errors.Is(err, ErrFull) && !drafts[0].opens() && j.spare.give()
		if !again {
			return nil, j.found(err)
		}
	}
	return nil, fmt.Errorf("%w: another process writes without a pause", ErrIO)
}

// encode makes the entries' bytes for the present head. What the verifier would
// refuse is not written.
func (j *Journal) encode(drafts []draft) ([][]byte, error) {
	since, err := j.clock.since()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrIO, err)
	}
	now := j.now().UTC().Truncate(time.Millisecond)
	previous := j.head.Last
	if j.head.Size == 0 {
		previous = j.predecessor
	}
	entries := make([][]byte, len(drafts))
	for i, d := range drafts {
		e := verify.Entry{
			Action: string(d.Action), Actor: d.Actor, Attempt: d.Attempt, Boot: j.clock.boot,
			Counter: d.Counter, Intent: d.intent, Log: j.log, Monotonic: since.Milliseconds(),
			Object: d.Object, Outcome: string(d.outcome), Pages: d.Pages, Previous: previous, Reason: d.Reason,
			Sequence: j.head.Size + int64(i) + 1, Time: now,
		}
		entries[i] = e.Append(make([]byte, 0, verify.MaxEntry/2))
		if _, err := verify.ParseEntry(entries[i]); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
		}
		previous = checkpoint.LeafHash(entries[i])
	}
	return entries, nil
}

// commit stores the entries; errMoved when the head is not where it was.
func (j *Journal) commit(ctx context.Context, entries [][]byte) error {
	if len(entries) == 1 {
		return insertOne(ctx, j.insert, j.head.Size+1, entries[0])
	}
	tx, err := j.db.writer.BeginTx(ctx, nil)
	if err != nil {
		return storageError("append", err)
	}
	stmt := tx.StmtContext(ctx, j.insert)
	for i, b := range entries {
		if err := insertOne(ctx, stmt, j.head.Size+int64(i)+1, b); err != nil {
			_ = tx.Rollback() // err says what went wrong
			return err
		}
	}
	return storageError("append", tx.Commit())
}

func insertOne(ctx context.Context, stmt *sql.Stmt, sequence int64, b []byte) error {
	_, err := stmt.ExecContext(ctx, sequence, b)
	if againstRules(err) {
		return errMoved
	}
	return storageError("append", err)
}

// advance takes up what was committed.
func (j *Journal) advance(drafts []draft, entries [][]byte) ([]int64, error) {
	sequences := make([]int64, len(drafts))
	head := j.head
	for i, b := range entries {
		head = Head{Size: head.Size + 1, Last: checkpoint.LeafHash(b)}
		sequences[i] = head.Size
		if j.chain.Size() == head.Size-1 {
			if err := j.chain.Add(b); err != nil {
				j.setHead(head)
				return nil, j.found(asBroken(err))
			}
		}
	}
	j.setHead(head)
	return sequences, nil
}

// resync makes the head what is stored, and checks what is new there.
func (j *Journal) resync(ctx context.Context) error {
	if j.trusted() != nil {
		return j.lastStored(ctx)
	}
	err := j.db.snapshot(ctx, func(r reading) error {
		start, err := j.startIn(ctx, r)
		if err != nil {
			return err
		}
		return j.readOn(ctx, r, start)
	})
	if errors.Is(j.found(err), ErrBroken) {
		return errors.Join(err, j.lastStored(ctx))
	}
	return err
}
