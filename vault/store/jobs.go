package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Claim is what central leased to this station.
type Claim struct {
	ID        string
	Token     int64 // fencing token
	Expires   time.Time
	SealedKey []byte // nil when it is forgotten, and when Closed
	Closed    error  // why the store can't give the key, nil when it can: ErrNoEra, ErrEra, ErrSealed
}

// Job is one letter as the store keeps it.
type Job struct {
	ID             string
	Claim          string
	Product        string
	Duplex, Colour bool
	Envelope       string
	Pages          int
	PaidAt, CutOff time.Time
	WrappedKey     []byte // empty when it is forgotten, and when Closed
	Details        []byte // sealed
	Tracking       []byte // sealed, nil for what is not registered, and when Closed
	Keyed          bool   // the store has a WrappedKey, Closed or not
	Numbered       bool   // the store has a Tracking, Closed or not
	Closed         error  // why the store can't give the two, nil when it can: ErrNoEra, ErrEra, ErrSealed
	State          State
	Attempt        string // the latest attempt's code, "" before the first
	NextAttempt    string // the code that the next attempt will bear
	Hold           string
	Number         int      // the latest attempt's, 0 before the first
	Batch          string   // the batch it was last printed in
	Paper          bool     // sheets of it may exist
	Scanned        bool     // its piece was scanned at enveloping
	Reprint        string   // why a person has it printed again, until it is
	Order          string   // the kind of the order that is open about it, "" for none
	Findings       []string // preflight's codes; nil before it was drawn
	Overridden     []string // those of them for which it was held and a person let it go; nil for none
	Proof          bool     // it must be kept as long as a registered one
	Longer         bool     // a person wants it kept as long
}

// Forgotten tells whether a job was dropped off and nothing of it is left but its
// metadata: it is listed no more.
func (j Job) Forgotten() bool {
	return j.State == Dropped && !j.Keyed && !j.Numbered && len(j.Details) == 0
}

// An erasure outranks the other orders, whichever came first.
const jobColumns = `id, claim, product, duplex, colour, envelope, pages, paid_at, cut_off, wrapped_key, sealed_details, sealed_tracking,
	next_attempt, state, attempt, hold, number, batch, paper, scanned, reprint, findings, overridden, proof, longer,
	coalesce((SELECT kind FROM orders WHERE job = jobs.id AND done = '' ORDER BY kind = 'erase' DESC, at, id LIMIT 1), '')`

func jobFields(j *Job) []any {
	return []any{&j.ID, &j.Claim, &j.Product, &j.Duplex, &j.Colour, &j.Envelope, &j.Pages, millis{&j.PaidAt}, millis{&j.CutOff},
		&j.WrappedKey, &j.Details, &j.Tracking, &j.NextAttempt, &j.State, &j.Attempt, &j.Hold,
		&j.Number, &j.Batch, &j.Paper, &j.Scanned, &j.Reprint, list{&j.Findings}, list{&j.Overridden}, &j.Proof, &j.Longer, &j.Order}
}

// list is how the store writes codes: with commas, NULL for nil.
type list struct{ codes *[]string }

func (l list) Scan(v any) error {
	*l.codes = nil
	if v == nil {
		return nil
	}
	text, ok := v.(string)
	if !ok {
		return fmt.Errorf("a list of type %T", v)
	}
	*l.codes = []string{}
	if text != "" {
		*l.codes = strings.Split(text, ",")
	}
	return nil
}

// BeginClaim returns the claim that is to be asked for: one whose letters have
// not all arrived yet, or a new one with the given id.
func (s *Store) BeginClaim(ctx context.Context, id string) (Claim, error) {
	c := Claim{ID: id}
	err := s.transact(ctx, "begin a claim", func(tx *sql.Tx) error {
		row := tx.QueryRowContext(ctx, "SELECT id FROM claims WHERE fetched = 0 ORDER BY rowid LIMIT 1")
		if err := row.Scan(&c.ID); err != sql.ErrNoRows {
			return err
		}
		_, err := tx.ExecContext(ctx, "INSERT INTO claims (id) VALUES (?)", id)
		return err
	})
	return c, err
}

// AnswerClaim keeps central's answer: lease, token and sealed key.
func (s *Store) AnswerClaim(ctx context.Context, c Claim) error {
	k, done, err := s.hold(ctx)
	if err != nil {
		return fmt.Errorf("keep a claim: %w", err)
	}
	defer done()
	return s.one(ctx, "keep a claim", "UPDATE claims SET token = ?, expires = ?, sealed_key = ? WHERE id = ?",
		c.Token, stamp(c.Expires), k.wrap(claimField(c.ID), c.SealedKey), c.ID)
}

// FinishClaim says that every letter of the claim is here. A claim that
// brought no letter is forgotten.
func (s *Store) FinishClaim(ctx context.Context, id string) error {
	return s.transact(ctx, "finish a claim", func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "UPDATE claims SET fetched = 1 WHERE id = ?", id); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "DELETE FROM claims WHERE id = ? AND NOT EXISTS (SELECT 1 FROM jobs WHERE claim = claims.id)", id)
		return err
	})
}

// Renewed keeps a claim's new expiry.
func (s *Store) Renewed(ctx context.Context, id string, expires time.Time) error {
	return s.one(ctx, "renew a claim", "UPDATE claims SET expires = ? WHERE id = ?", stamp(expires), id)
}

// ClaimByID returns a claim with its sealed key.
func (s *Store) ClaimByID(ctx context.Context, id string) (Claim, error) {
	k, done := s.look(ctx)
	defer done()
	c := Claim{ID: id}
	err := s.db.QueryRowContext(ctx, "SELECT token, expires, sealed_key FROM claims WHERE id = ?", id).Scan(&c.Token, millis{&c.Expires}, &c.SealedKey)
	if err != nil {
		return c, fmt.Errorf("find claim %s: %w", id, explain(err))
	}
	c.SealedKey, c.Closed = k.unwrap(claimField(id), c.SealedKey)
	return c, nil
}

// OpenClaims returns the claims with letters that still have to leave.
func (s *Store) OpenClaims(ctx context.Context) ([]Claim, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT id, token, expires FROM claims WHERE token > 0
		AND EXISTS (SELECT 1 FROM jobs WHERE claim = claims.id AND state NOT IN (?, ?)) ORDER BY id`, Dropped, Held)
	if err != nil {
		return nil, fmt.Errorf("list claims: %w", explain(err))
	}
	return collect(rows, func(c *Claim) []any { return []any{&c.ID, &c.Token, millis{&c.Expires}} })
}

// AddJob keeps a job whose document has arrived, READY, or HELD when it has a
// reason, with the messages about that. A job that is already here stays as it is.
func (s *Store) AddJob(ctx context.Context, j Job, messages ...Message) error {
	state := Ready
	if j.Hold != "" {
		state = Held
	}
	k, done, err := s.hold(ctx)
	if err != nil {
		return fmt.Errorf("keep a job: %w", err)
	}
	defer done()
	return s.transact(ctx, "keep a job", func(tx *sql.Tx) error {
		r, err := tx.ExecContext(ctx, `INSERT INTO jobs (id, claim, product, duplex, colour, envelope, pages, paid_at, cut_off,
			wrapped_key, sealed_details, sealed_tracking, next_attempt, proof, state, hold)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
			j.ID, j.Claim, j.Product, j.Duplex, j.Colour, j.Envelope, j.Pages, stamp(j.PaidAt), stamp(j.CutOff),
			k.wrap(keyField(j.ID), j.WrappedKey), j.Details, k.wrap(numberField(j.ID), j.Tracking), j.NextAttempt, j.Proof, state, j.Hold)
		if err != nil {
			return err
		}
		if n, err := r.RowsAffected(); err != nil || n == 0 {
			return err
		}
		return post(ctx, tx, messages)
	})
}

// Relet puts a job that is here under the claim that central leased it with
// anew: one that is READY, or HELD and on no paper, about which no order is open.
// Any other stays as it is. A registered number that it has stays too; what a
// person decided about it under the claim before does not.
func (s *Store) Relet(ctx context.Context, j Job) error {
	k, done, err := s.hold(ctx)
	if err != nil {
		return fmt.Errorf("put job %s under a new claim: %w", j.ID, err)
	}
	defer done()
	return s.transact(ctx, "put job "+j.ID+" under a new claim", func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE jobs SET claim = ?1, wrapped_key = ?2, sealed_details = ?3, state = ?4, hold = '',
			reprint = '', approved = '', overridden = NULL,
			sealed_tracking = coalesce(sealed_tracking, ?7)
			WHERE id = ?5 AND claim <> ?1 AND (state = ?4 OR state = ?6 AND paper = 0)
			AND NOT EXISTS (SELECT 1 FROM orders WHERE job = jobs.id AND done = '')`,
			j.Claim, k.wrap(keyField(j.ID), j.WrappedKey), j.Details, Ready, j.ID, Held, k.wrap(numberField(j.ID), j.Tracking))
		return err
	})
}

// BeginBatch says of jobs in which batch they are printed. They are all READY,
// or none is put in it: ErrState.
func (s *Store) BeginBatch(ctx context.Context, batch string, jobs []string) error {
	return s.transact(ctx, "begin batch "+batch, func(tx *sql.Tx) error {
		for _, id := range jobs {
			r, err := tx.ExecContext(ctx, "UPDATE jobs SET batch = ? WHERE id = ? AND state = ?", batch, id, Ready)
			if err := exactlyOne(r, err); err != nil {
				return errors.Join(ErrState, err)
			}
		}
		return nil
	})
}

// SetFindings keeps what preflight found in a letter.
func (s *Store) SetFindings(ctx context.Context, job string, codes []string) error {
	return s.one(ctx, "keep the findings on job "+job, "UPDATE jobs SET findings = ? WHERE id = ?", strings.Join(codes, ","), job)
}

// ToPrint tells whether letters of a claim have still to be printed.
func (s *Store) ToPrint(ctx context.Context, claim string) (bool, error) {
	var yes bool
	err := s.db.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM jobs WHERE claim = ? AND state IN (?, ?, ?))", claim, Ready, Intent, Created).Scan(&yes)
	if err != nil {
		return false, fmt.Errorf("look for letters of claim %s: %w", claim, explain(err))
	}
	return yes, nil
}

// HasJob tells whether the job is here already.
func (s *Store) HasJob(ctx context.Context, id string) (bool, error) {
	var n int
	if err := s.db.QueryRowContext(ctx, "SELECT count(*) FROM jobs WHERE id = ?", id).Scan(&n); err != nil {
		return false, fmt.Errorf("look for job %s: %w", id, explain(err))
	}
	return n > 0, nil
}

// Job returns one job.
func (s *Store) Job(ctx context.Context, id string) (Job, error) {
	k, done := s.look(ctx)
	defer done()
	var j Job
	err := s.db.QueryRowContext(ctx, "SELECT "+jobColumns+" FROM jobs WHERE id = ?", id).Scan(jobFields(&j)...)
	if err != nil {
		return Job{}, fmt.Errorf("find job %s: %w", id, explain(err))
	}
	j.unwrap(k)
	return j, nil
}

// listed is the condition of the index jobs_listed, in its words.
const listed = `NOT (state = 'DROPPED' AND wrapped_key = x'' AND sealed_details = x'' AND sealed_tracking IS NULL)`

// Jobs returns every job but those that were dropped off and forgotten, soonest
// cut-off first.
func (s *Store) Jobs(ctx context.Context) ([]Job, error) {
	return s.jobs(ctx, listed)
}

// jobs returns those that meet a condition, soonest cut-off first.
func (s *Store) jobs(ctx context.Context, condition string, args ...any) ([]Job, error) {
	k, done := s.look(ctx)
	defer done()
	rows, err := s.db.QueryContext(ctx, "SELECT "+jobColumns+" FROM jobs WHERE "+condition+" ORDER BY cut_off, paid_at, id", args...)
	if err != nil {
		return nil, fmt.Errorf("list jobs: %w", explain(err))
	}
	jobs, err := collect(rows, jobFields)
	for i := range jobs {
		jobs[i].unwrap(k)
	}
	return jobs, err
}

// JobsIn returns the jobs in any of some states, soonest cut-off first.
func (s *Store) JobsIn(ctx context.Context, states ...State) ([]Job, error) {
	args := make([]any, len(states))
	for i, state := range states {
		args[i] = state
	}
	marks := strings.TrimSuffix(strings.Repeat("?, ", len(states)), ", ")
	return s.jobs(ctx, "state IN ("+marks+")", args...)
}

// one runs a statement that must change exactly one row.
func (s *Store) one(ctx context.Context, what, query string, args ...any) error {
	return s.transact(ctx, what, func(tx *sql.Tx) error {
		return exactlyOne(tx.ExecContext(ctx, query, args...))
	})
}

func exactlyOne(r sql.Result, err error) error {
	if err != nil {
		return err
	}
	if n, err := r.RowsAffected(); err != nil || n == 1 {
		return err
	}
	return ErrNotFound
}
