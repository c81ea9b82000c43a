package central

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"espero-soft.com/printroom/sync/wire"
)

// TestAcceptedOnce lets stations, a clock and a person do anything in any order: no letter is ever
// mailed twice, or leased twice at a time, or leased while it may be on paper.
func TestAcceptedOnce(t *testing.T) {
	r := newRoom(t, nil)
	stations := []*soft{r.enrol("press-1"), r.enrol("press-2")}
	var codes int
	rapid.Check(t, func(rt *rapid.T) {
		m := &mailing{r: r, ctx: context.Background(), stations: stations, codes: &codes, accepted: map[wire.UUID]wire.AttemptCode{}}
		m.jobs = r.pay(2)
		for range rapid.IntRange(5, 18).Draw(rt, "steps") {
			m.step(rt)
		}
		for _, job := range m.jobs {
			m.cleanup(rt, job)
		}
	})
	l, err := r.Ledger(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if l.Duplicated != 0 {
		t.Errorf("%d mailed twice", l.Duplicated)
	}
}

type mailing struct {
	r        *room
	ctx      context.Context
	stations []*soft
	codes    *int
	jobs     []wire.UUID
	claims   []wire.Claim
	attempts []wire.Event // as they were begun
	owner    []int        // station of each claim
	begun    []int        // station of each attempt
	accepted map[wire.UUID]wire.AttemptCode
}

func (m *mailing) step(t *rapid.T) {
	switch rapid.IntRange(0, 9).Draw(t, "step") {
	case 0, 1:
		s := rapid.IntRange(0, len(m.stations)-1).Draw(t, "station")
		if claim := m.r.claim(m.stations[s], 2); len(claim.Jobs) > 0 {
			m.claims, m.owner = append(m.claims, claim), append(m.owner, s)
		}
	case 2:
		m.begin(t)
	case 3, 4:
		m.envelope(t)
	case 5:
		m.r.clock.Add(time.Hour)
	case 6:
		// Refused for what was accepted; nothing else matters here.
		_ = m.r.Requeue(m.ctx, rapid.SampledFrom(m.jobs).Draw(t, "job"))
	case 7: // as a person at a station does
		m.hold(t)
	case 8: // refused for what has ended
		decide := rapid.SampledFrom([]func(context.Context, wire.UUID) error{m.r.Cancel, m.r.Erase, m.r.Recall}).Draw(t, "decision")
		_ = decide(m.ctx, rapid.SampledFrom(m.jobs).Draw(t, "job"))
	case 9:
		m.obey(t)
	}
}

func (m *mailing) begin(t *rapid.T) {
	if len(m.claims) == 0 {
		return
	}
	c := rapid.IntRange(0, len(m.claims)-1).Draw(t, "claim")
	job := rapid.SampledFrom(m.claims[c].Jobs).Draw(t, "job")
	*m.codes++
	e := m.r.event(wire.EventAttempt, job.ID, code(*m.codes), m.claims[c].FencingToken)
	if m.send(t, m.owner[c], e).Verdict == wire.VerdictAccepted {
		m.attempts, m.begun = append(m.attempts, e), append(m.begun, m.owner[c])
	}
}

func (m *mailing) envelope(t *rapid.T) {
	if len(m.attempts) == 0 {
		return
	}
	i := rapid.IntRange(0, len(m.attempts)-1).Draw(t, "attempt")
	a := m.attempts[i]
	token := rapid.SampledFrom([]int64{a.FencingToken, m.claims[len(m.claims)-1].FencingToken}).Draw(t, "token")
	v := m.send(t, m.begun[i], m.r.event(wire.EventEnveloped, a.Job, a.Attempt, token))
	if before, ok := m.accepted[a.Job]; v.Verdict != wire.VerdictRefused && ok && before != a.Attempt {
		t.Fatalf("accepted %s after %s", a.Attempt, before)
	}
	if v.Verdict == wire.VerdictAccepted {
		if _, ok := m.accepted[a.Job]; ok {
			t.Fatalf("accepted %s twice", a.Attempt)
		}
		m.accepted[a.Job] = a.Attempt
	}
	if v.Verdict == wire.VerdictAccepted && rapid.Bool().Draw(t, "drop off") {
		if _, err := m.stations[m.begun[i]].Deposit(m.ctx, uuid.NewString(), m.r.depositOf(a.Attempt)); err != nil {
			t.Fatalf("an accepted piece was not taken: %v", err)
		}
	}
}

func (m *mailing) hold(t *rapid.T) {
	if len(m.claims) == 0 {
		return
	}
	c := rapid.IntRange(0, len(m.claims)-1).Draw(t, "claim")
	job := rapid.SampledFrom(m.claims[c].Jobs).Draw(t, "job")
	m.send(t, m.owner[c], m.r.event(wire.EventHeld, job.ID, "", m.claims[c].FencingToken))
}

// obey ends an order in some way, or tries to end it in another.
func (m *mailing) obey(t *rapid.T) {
	for _, job := range m.jobs {
		all, err := m.r.Orders(m.ctx, job)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range all {
			outcome := rapid.SampledFrom(wire.OrderOutcomes()).Draw(t, "outcome")
			station := slices.IndexFunc(m.stations, func(s *soft) bool { return s.name == o.Station })
			v := m.send(t, station, m.r.done(o, outcome))
			if refused := v.Verdict == wire.VerdictRefused; refused != (o.Outcome != "" && o.Outcome != outcome) && o.Outcome != wire.OrderTooLate {
				t.Fatalf("an order that ended as %q: %s is %s", o.Outcome, outcome, v.Verdict)
			}
		}
	}
}

func (m *mailing) send(t *rapid.T, station int, e wire.Event) wire.Verdict {
	v, err := m.stations[station].Report(m.ctx, wire.EventBatch{Events: []wire.Event{e}})
	if err != nil {
		t.Fatal(err)
	}
	return v.Verdicts[0]
}

// cleanup takes the letter out of the next run's way, and checks it against the ledger.
func (m *mailing) cleanup(t *rapid.T, job wire.UUID) {
	l, err := m.r.Ledger(m.ctx)
	if err != nil {
		t.Fatal(err)
	}
	if !balanced(l) {
		t.Fatalf("a letter is in no place, or in two: %+v", l)
	}
	for _, j := range l.Jobs {
		if j.ID == job && (j.Accepted != m.accepted[job] || j.Dropped > 1) {
			t.Fatalf("the ledger says %+v, accepted was %q", j, m.accepted[job])
		}
	}
	if err := m.r.Cancel(m.ctx, job); err != nil && !errors.Is(err, wire.ProblemJobClosed) {
		t.Fatal(err)
	}
}
