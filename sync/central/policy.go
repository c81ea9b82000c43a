package central

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"time"

	"espero-soft.com/printroom/sync/wire"
)

// ErrPolicy: a policy that the contract could not carry.
var ErrPolicy = errors.New("not a policy")

func reasonForm() *regexp.Regexp { return regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`) }

// SetPolicy puts a policy in force: here at once, at each station within a second of its being online.
func (c *Central) SetPolicy(ctx context.Context, p wire.Policy) error {
	if err := p.Check(); err != nil {
		return fmt.Errorf("set policy: %w: %w", ErrPolicy, err)
	}
	p.SecondPerson, p.HoldFindings = unique(p.SecondPerson), unique(p.HoldFindings)
	for _, act := range p.SecondPerson {
		if !act.Valid() {
			return fmt.Errorf("set policy: %w: act %q", ErrPolicy, act)
		}
	}
	for _, finding := range p.HoldFindings {
		if !reasonForm().MatchString(finding) {
			return fmt.Errorf("set policy: %w: finding %q", ErrPolicy, finding)
		}
	}
	text, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("set policy: %w", err)
	}
	err = c.write(ctx, func(tx *sql.Tx) error {
		_, err := exec(ctx, tx, `INSERT INTO policies (number, set_at, policy) SELECT COALESCE(MAX(number), 0) + 1, ?, ? FROM policies`,
			micros(c.now()), string(text))
		if err != nil {
			return err
		}
		return c.raiseStaff(ctx, tx)
	})
	if err != nil {
		return fmt.Errorf("set policy: %w", err)
	}
	return nil
}

// Policy is the policy in force, wire.DefaultPolicy where none was set.
func (c *Central) Policy(ctx context.Context) (wire.Policy, error) {
	return policyAt(ctx, c.read, latest)
}

// asks tells whether an act at a time needs a second person. A policy is not for what was done before it.
func asks(ctx context.Context, tx *sql.Tx, act wire.SecondPersonAct, at time.Time) (bool, error) {
	now, err := policyAt(ctx, tx, latest)
	if err != nil || !now.Asks(act) {
		return false, err
	}
	then, err := policyAt(ctx, tx, micros(at))
	return then.Asks(act), err
}

// querier is a transaction, or the readers.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// latest is after every policy, whatever the clock does.
const latest = math.MaxInt64

// policyAt is the policy that was in force at a time in microseconds.
func policyAt(ctx context.Context, q querier, at int64) (wire.Policy, error) {
	var text string
	err := q.QueryRowContext(ctx, `SELECT policy FROM policies WHERE set_at <= ? ORDER BY number DESC LIMIT 1`, at).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return wire.DefaultPolicy(), nil
	}
	if err != nil {
		return wire.Policy{}, fmt.Errorf("look up policy: %w", err)
	}
	var p wire.Policy
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		return p, fmt.Errorf("read policy: %w", err)
	}
	return p, nil
}

// unique keeps the first of each, in a list that is never nil: JSON wants a list.
func unique[T comparable](list []T) []T {
	out := []T{}
	for _, v := range list {
		if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}
