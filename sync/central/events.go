package central

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"espero-soft.com/printroom/sync/wire"
)

func (c *Central) serveReport(ctx context.Context, q *request) (answer, error) {
	var r wire.EventBatch
	if err := c.contract.decode("report", q.body, &r); err != nil {
		return answer{}, err
	}
	verdicts := make([]wire.Verdict, 0, len(r.Events))
	err := c.writeFor(ctx, q.station, func(tx *sql.Tx) error {
		for _, e := range r.Events {
			v, err := c.judge(ctx, tx, q.station, e)
			if err != nil {
				return fmt.Errorf("event %s: %w", e.Kind, err)
			}
			verdicts = append(verdicts, v)
		}
		return c.worked(ctx, tx, q.station)
	})
	if err != nil {
		return answer{}, err
	}
	return jsonAnswer(200, wire.Verdicts{Verdicts: verdicts})
}

// judge takes one event, once. The verdict on an event stays: a refused one stays refused.
func (c *Central) judge(ctx context.Context, tx *sql.Tx, s station, e wire.Event) (wire.Verdict, error) {
	digest, err := write{body: e}.digest()
	if err != nil {
		return wire.Verdict{}, err
	}
	before, found, err := judged(ctx, tx, s, e, digest)
	if err != nil || found {
		return before, err
	}
	v := wire.Verdict{ID: e.ID, Verdict: wire.VerdictAccepted}
	news, err := c.take(ctx, tx, s, e)
	var problem string
	switch {
	case errors.As(err, &v.Problem):
		v.Verdict = wire.VerdictRefused
		text, err := json.Marshal(v.Problem)
		if err != nil {
			return v, fmt.Errorf("encode problem: %w", err)
		}
		problem = string(text)
	case err != nil:
		return v, err
	case !news:
		v.Verdict = wire.VerdictDuplicate
	}
	text, err := json.Marshal(e)
	if err != nil {
		return v, fmt.Errorf("encode event: %w", err)
	}
	_, err = exec(ctx, tx, `INSERT INTO events (station, id, request, event, received_at, verdict, problem) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		s.id, e.ID, digest, string(text), micros(c.now()), string(v.Verdict), problem)
	return v, err
}

// judged gives the verdict on an event that came before.
func judged(ctx context.Context, tx *sql.Tx, s station, e wire.Event, digest []byte) (wire.Verdict, bool, error) {
	v := wire.Verdict{ID: e.ID, Verdict: wire.VerdictDuplicate}
	var (
		request          []byte
		verdict, problem string
	)
	err := tx.QueryRowContext(ctx, `SELECT request, verdict, problem FROM events WHERE station = ? AND id = ?`, s.id, e.ID).
		Scan(&request, &verdict, &problem)
	if errors.Is(err, sql.ErrNoRows) {
		return v, false, nil
	}
	if err != nil {
		return v, false, fmt.Errorf("look up event: %w", err)
	}
	if string(request) != string(digest) {
		v.Verdict, v.Problem = wire.VerdictRefused, wire.NewProblem(wire.ProblemIDReused, "")
		return v, true, nil
	}
	if wire.VerdictKind(verdict) == wire.VerdictRefused {
		v.Verdict, v.Problem = wire.VerdictRefused, &wire.Problem{}
		if err := json.Unmarshal([]byte(problem), v.Problem); err != nil {
			return v, true, fmt.Errorf("read problem: %w", err)
		}
	}
	return v, true, nil
}

// take does what an event says. news is false where it was known already; a refusal is a *wire.Problem,
// and then nothing was changed.
func (c *Central) take(ctx context.Context, tx *sql.Tx, s station, e wire.Event) (news bool, err error) {
	j, err := ledgerJob(ctx, tx, e.Job)
	if err != nil {
		return false, err
	}
	switch e.Kind {
	case wire.EventHeld:
		return j.hold(ctx, tx, s, e)
	case wire.EventOrderDone:
		return j.finish(ctx, tx, s, e, micros(c.now()))
	}
	if e.Attempt == "" {
		return false, wire.NewProblem(wire.ProblemBadRequest, "%s needs an attempt", e.Kind)
	}
	switch e.Kind {
	case wire.EventAttempt:
		second, err := asks(ctx, tx, wire.ActReprintRegistered, e.At)
		if err != nil {
			return false, err
		}
		return j.begin(ctx, tx, s, e, micros(c.now()), second)
	case wire.EventEnveloped:
		return j.accept(ctx, tx, s, e)
	case wire.EventReturned:
		return j.giveBack(ctx, tx, s, e)
	}
	return j.advance(ctx, tx, s, e)
}
