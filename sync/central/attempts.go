package central

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"espero-soft.com/printroom/sync/wire"
)

// A job's states at central. 'ready' may be leased; all others are not leased by themselves.
const (
	stateReady     = "ready"
	statePaper     = "paper" // an attempt was reported: it may be on paper
	stateHeld      = "held"
	stateCancelled = "cancelled"
	stateDropped   = "dropped"
)

// inLedger is a job as the attempt ledger sees it.
type inLedger struct {
	id       wire.UUID
	state    string
	accepted string // the one attempt that may be mailed, "" as long as there is none
	holder   string // station of the newest claim, "" if there is none
	fencing  int64  // its token
}

func ledgerJob(ctx context.Context, tx *sql.Tx, id wire.UUID) (inLedger, error) {
	j := inLedger{id: id}
	var accepted, holder sql.NullString
	var fencing sql.NullInt64
	err := tx.QueryRowContext(ctx, `SELECT j.state, j.accepted, c.station, c.fencing FROM jobs j
		LEFT JOIN claims c ON c.id = j.claim WHERE j.id = ?`, id).Scan(&j.state, &accepted, &holder, &fencing)
	if errors.Is(err, sql.ErrNoRows) {
		return j, wire.NewProblem(wire.ProblemNotFound, "no such letter")
	}
	if err != nil {
		return j, fmt.Errorf("look up job: %w", err)
	}
	j.accepted, j.holder, j.fencing = accepted.String, holder.String, fencing.Int64
	return j, nil
}

// fenced refuses what does not come under the job's newest claim.
func (j inLedger) fenced(s station, token int64) error {
	if j.holder != s.id || j.fencing != token {
		return withJob(wire.ProblemStaleFencingToken, j.id)
	}
	return nil
}

func (j inLedger) set(ctx context.Context, tx *sql.Tx, state string) error {
	_, err := exec(ctx, tx, `UPDATE jobs SET state = ? WHERE id = ?`, state, j.id)
	return err
}

// open refuses what may not go on whoever asks.
func (j inLedger) open() error {
	switch j.state {
	case stateCancelled:
		return withJob(wire.ProblemJobCancelled, j.id)
	case stateDropped:
		return withJob(wire.ProblemJobClosed, j.id)
	}
	return nil
}

// attempt is one printing as it stands in the ledger.
type attempt struct {
	job, station, state string
	number              int
}

func findAttempt(ctx context.Context, tx *sql.Tx, code wire.AttemptCode) (attempt, bool, error) {
	var a attempt
	err := tx.QueryRowContext(ctx, `SELECT job, station, state, number FROM attempts WHERE code = ?`, code).
		Scan(&a.job, &a.station, &a.state, &a.number)
	if errors.Is(err, sql.ErrNoRows) {
		return a, false, nil
	}
	if err != nil {
		return a, false, fmt.Errorf("look up attempt: %w", err)
	}
	return a, true, nil
}

// begin enters a printing, with a second person's word where that is asked for. From here on the job is
// leased to nobody else by itself.
func (j inLedger) begin(ctx context.Context, tx *sql.Tx, s station, e wire.Event, now int64, second bool) (bool, error) {
	if e.Number < 1 || (e.Number > 1 && e.Reason == "") {
		return false, wire.NewProblem(wire.ProblemBadRequest, "attempt needs its number, and from the second on a reason")
	}
	a, found, err := findAttempt(ctx, tx, e.Attempt)
	if err != nil {
		return false, err
	}
	if found {
		if a.job == j.id && a.station == s.id && a.number == e.Number {
			return false, nil
		}
		return false, withAttempt(wire.ProblemAttemptTaken, e.Attempt)
	}
	if err := j.open(); err != nil {
		return false, err
	}
	if err := j.fenced(s, e.FencingToken); err != nil {
		return false, err
	}
	if j.accepted != "" {
		return false, withAttempt(wire.ProblemAttemptSuperseded, j.accepted)
	}
	if second {
		if err := j.agreed(ctx, tx, e); err != nil {
			return false, err
		}
	}
	_, err = exec(ctx, tx, `INSERT INTO attempts (code, job, station, fencing, number, reason, approved_by, state, printed, begun_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, 'attempt', 0, ?)`,
		e.Attempt, j.id, s.id, e.FencingToken, e.Number, e.Reason, e.ApprovedBy, now)
	if err != nil {
		return false, fmt.Errorf("enter attempt: %w", err)
	}
	return true, j.set(ctx, tx, statePaper)
}

// agreed refuses a registered letter's reprint that no second person agreed to. It is one where a printing
// under the same claim may be on paper; a claim is made anew only by somebody's decision. Somebody who has
// left since has agreed all the same: the word may come late.
func (j inLedger) agreed(ctx context.Context, tx *sql.Tx, e wire.Event) error {
	var registered, again, known bool
	err := tx.QueryRowContext(ctx, `SELECT j.product = 'registered',
			EXISTS (SELECT 1 FROM attempts a WHERE a.job = j.id AND a.fencing = ? AND a.state NOT IN ('attempt', 'sent')),
			EXISTS (SELECT 1 FROM people WHERE pseudonym = ?) OR EXISTS (SELECT 1 FROM leavers WHERE pseudonym = ? AND left_at > ?)
		FROM jobs j WHERE j.id = ?`, e.FencingToken, e.ApprovedBy, e.ApprovedBy, micros(e.At), j.id).Scan(&registered, &again, &known)
	if err != nil {
		return fmt.Errorf("look up former printings: %w", err)
	}
	if registered && again && !known {
		return withJob(wire.ProblemSecondPersonMissing, j.id)
	}
	return nil
}

// own finds an attempt of this job by this station.
func (j inLedger) own(ctx context.Context, tx *sql.Tx, s station, code wire.AttemptCode) (attempt, error) {
	a, found, err := findAttempt(ctx, tx, code)
	if err != nil {
		return a, err
	}
	if !found || a.job != j.id || a.station != s.id {
		return a, withAttempt(wire.ProblemAttemptUnknown, code)
	}
	return a, nil
}

// rank orders an attempt's states; a late event never takes one back.
func rank(state string) int {
	switch state {
	case "attempt":
		return 0
	case "sent":
		return 1
	case "uncertain", "device_done":
		return 2
	case "confirmed":
		return 3
	case "enveloped":
		return 4
	}
	return 5
}

// advance notes a fact about a printing. Facts are taken whatever became of the lease.
func (j inLedger) advance(ctx context.Context, tx *sql.Tx, s station, e wire.Event) (bool, error) {
	a, err := j.own(ctx, tx, s, e.Attempt)
	if err != nil {
		return false, err
	}
	state := string(e.Kind)
	if rank(state) < rank(a.state) {
		state = a.state
	}
	printed := e.Kind == wire.EventDeviceDone || e.Kind == wire.EventConfirmed
	_, err = exec(ctx, tx, `UPDATE attempts SET state = ?, printed = MAX(printed, ?) WHERE code = ?`, state, printed, e.Attempt)
	return true, err
}

// accept is where a job's one mailing is decided: its first attempt that is scanned at enveloping, under
// the job's newest claim, is accepted, and none ever after.
func (j inLedger) accept(ctx context.Context, tx *sql.Tx, s station, e wire.Event) (bool, error) {
	a, err := j.own(ctx, tx, s, e.Attempt)
	if err != nil {
		return false, err
	}
	switch {
	case j.state == stateCancelled:
		return false, withJob(wire.ProblemJobCancelled, j.id)
	case j.accepted == e.Attempt:
		return false, nil
	case j.accepted != "":
		return false, withAttempt(wire.ProblemAttemptSuperseded, j.accepted)
	}
	if err := j.fenced(s, e.FencingToken); err != nil {
		return false, err
	}
	if err := j.givenUp(ctx, tx, a, e); err != nil {
		return false, err
	}
	if rank(a.state) >= rank("enveloped") {
		return false, fmt.Errorf("attempt is %s and its job has accepted none", a.state)
	}
	if _, err := exec(ctx, tx, `UPDATE jobs SET accepted = ?, state = 'paper' WHERE id = ?`, e.Attempt, j.id); err != nil {
		return false, fmt.Errorf("accept attempt: %w", err)
	}
	_, err = exec(ctx, tx, `UPDATE attempts SET state = 'enveloped' WHERE code = ?`, e.Attempt)
	return true, err
}

// givenUp refuses a piece that a person gave up: printed again under the same claim, or set aside.
func (j inLedger) givenUp(ctx context.Context, tx *sql.Tx, a attempt, e wire.Event) error {
	var later bool
	err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM attempts WHERE job = ? AND fencing = ? AND number > ?)`,
		j.id, e.FencingToken, a.number).Scan(&later)
	if err != nil {
		return fmt.Errorf("look up later printings: %w", err)
	}
	if later || j.state == stateHeld {
		return withAttempt(wire.ProblemAttemptSuperseded, e.Attempt)
	}
	return nil
}

// hold sets a job aside.
func (j inLedger) hold(ctx context.Context, tx *sql.Tx, s station, e wire.Event) (bool, error) {
	if e.Reason == "" {
		return false, wire.NewProblem(wire.ProblemBadRequest, "held needs a reason")
	}
	if err := j.open(); err != nil {
		return false, err
	}
	if err := j.fenced(s, e.FencingToken); err != nil {
		return false, err
	}
	return j.state != stateHeld, j.set(ctx, tx, stateHeld)
}

func withAttempt(t wire.ProblemType, codes ...wire.AttemptCode) *wire.Problem {
	p := wire.NewProblem(t, "")
	p.Attempts = codes
	return p
}
