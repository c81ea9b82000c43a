package central

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	"espero-soft.com/printroom/sync/wire"
)

// balanced tells whether every letter is in one place, and one alone.
func balanced(l Ledger) bool {
	return l.Paid == l.DroppedOff+l.Rejected+l.Cancelled+l.Waiting+l.Working+l.Lost
}

// registered pays for one registered letter.
func (r *room) registered() wire.UUID {
	r.t.Helper()
	letter := r.letter(0)
	letter.Product = wire.ProductRegistered
	job, err := r.Pay(context.Background(), letter)
	r.check(err)
	return job
}

// again is the next printing of a letter.
func (r *room) again(job wire.UUID, n, number int, token int64, by string) wire.Event {
	e := r.event(wire.EventAttempt, job, code(n), token)
	e.Number, e.Reason, e.ApprovedBy = number, "jam", by
	return e
}

func TestReprintOfRegisteredMailNeedsTwo(t *testing.T) {
	r := newRoom(t, nil)
	ctx := context.Background()
	s := r.enrol("press-1")
	r.check(r.AddPerson(ctx, wire.Person{Pseudonym: "p2", Name: "Bert", Role: wire.RoleSupervisor, Language: "nl"}))
	job := r.registered()
	token := r.claim(s, 1).FencingToken
	missing := string(wire.ProblemSecondPersonMissing)
	r.report(s, []wire.Event{
		r.event(wire.EventAttempt, job, code(1), token),
		r.again(job, 2, 2, token, ""), // the first never got to the printer
		r.event(wire.EventUncertain, job, code(2), token),
		r.again(job, 3, 3, token, ""), r.again(job, 3, 3, token, "p9"), r.again(job, 3, 3, token, "p2"),
		r.again(job, 3, 3, token, ""), // that one again
		r.event(wire.EventDeviceDone, job, code(3), token),
		r.again(job, 4, 4, token, ""),
		r.event(wire.EventEnveloped, job, code(2), token), r.event(wire.EventEnveloped, job, code(3), token),
	}, accepted, accepted, accepted, missing, missing, accepted, duplicate, accepted, missing, string(wire.ProblemAttemptSuperseded), accepted)
	if c := r.counts(); c.Enveloped != 1 || !balanced(c) {
		t.Errorf("%+v", c)
	}
}

// TestRequeuedNeedsNoSecond: a person has decided already, and the letter is under a new claim.
func TestRequeuedNeedsNoSecond(t *testing.T) {
	r := newRoom(t, nil)
	s := r.enrol("press-1")
	job := r.registered()
	token := r.claim(s, 1).FencingToken
	r.report(s, []wire.Event{r.event(wire.EventAttempt, job, code(1), token), r.event(wire.EventUncertain, job, code(1), token),
		r.event(wire.EventHeld, job, "", token)}, accepted, accepted, accepted)
	r.check(r.Requeue(context.Background(), job))
	claim := r.claim(s, 1)
	if len(claim.Jobs) != 1 || claim.FencingToken <= token {
		t.Fatalf("%d letters under token %d after %d", len(claim.Jobs), claim.FencingToken, token)
	}
	r.report(s, []wire.Event{r.again(job, 2, 2, claim.FencingToken, ""), r.event(wire.EventEnveloped, job, code(2), claim.FencingToken),
		r.event(wire.EventEnveloped, job, code(1), token)}, accepted, accepted, string(wire.ProblemAttemptSuperseded))
}

// TestPolicyLetsOneReprint: and one that asks again is not for what was done before it.
func TestPolicyLetsOneReprint(t *testing.T) {
	r := newRoom(t, nil)
	ctx := context.Background()
	policy := wire.DefaultPolicy()
	policy.SecondPerson = []wire.SecondPersonAct{wire.ActJournalExport}
	r.check(r.SetPolicy(ctx, policy))
	s := r.enrol("press-1")
	job := r.registered()
	token := r.claim(s, 1).FencingToken
	unsure := func(n int) wire.Event { return r.event(wire.EventUncertain, job, code(n), token) }
	r.report(s, []wire.Event{r.event(wire.EventAttempt, job, code(1), token), unsure(1), r.again(job, 2, 2, token, ""), unsure(2)},
		accepted, accepted, accepted, accepted)
	offline := r.again(job, 3, 3, token, "")
	r.clock.Add(time.Minute)
	r.check(r.SetPolicy(ctx, wire.DefaultPolicy()))
	r.clock.Add(time.Minute)
	r.report(s, []wire.Event{offline, unsure(3), r.again(job, 4, 4, token, "")}, accepted, accepted, string(wire.ProblemSecondPersonMissing))
}

// TestEveryEnd: a day on which every kind of letter comes to every kind of end balances.
func TestEveryEnd(t *testing.T) {
	r := newRoom(t, nil)
	ctx := context.Background()
	s := r.enrol("press-1")
	jobs := r.pay(9)
	token := r.claim(s, 8).FencingToken
	say := func(job, n int, kinds ...wire.EventKind) {
		t.Helper()
		for _, k := range kinds {
			e := r.event(k, jobs[job], code(n), token)
			if k == wire.EventHeld {
				e.Attempt = ""
			}
			r.report(s, []wire.Event{e}, accepted)
		}
	}
	const a, sent, done, unsure, seen, in, held = wire.EventAttempt, wire.EventSent, wire.EventDeviceDone, wire.EventUncertain, wire.EventConfirmed, wire.EventEnveloped, wire.EventHeld
	say(0, 0, a, sent, done, seen, in)   // as it should be
	say(1, 1, a, sent, unsure, seen, in) // it was in the tray after all
	say(2, 2, a, sent, unsure)           // printed again …
	r.report(s, []wire.Event{r.again(jobs[2], 12, 2, token, "")}, accepted)
	say(2, 12, sent, done, seen, in)
	say(3, 3, a, sent, done, held)           // pulled, its paper destroyed
	say(4, 4, a, sent, done, seen, in, held) // damaged in its envelope, pulled
	say(5, 5, held)                          // defective
	say(6, 6, a, sent, done)
	r.check(r.Cancel(ctx, jobs[6])) // on paper
	r.report(s, []wire.Event{r.event(held, jobs[6], "", token), r.event(in, jobs[6], code(6), token)},
		string(wire.ProblemJobCancelled), string(wire.ProblemJobCancelled))
	r.report(s, []wire.Event{r.done(r.openOrder(jobs[6]), wire.OrderDestroyed)}, accepted)
	say(7, 7, a, sent, done, seen, in)
	r.check(r.Cancel(ctx, jobs[7])) // in a deposit that is on its way
	r.check(r.Cancel(ctx, jobs[8])) // never leased
	r.report(s, []wire.Event{r.event(in, jobs[2], code(2), token), r.event(in, jobs[3], code(3), token)},
		string(wire.ProblemAttemptSuperseded), string(wire.ProblemAttemptSuperseded))
	if _, err := s.Deposit(ctx, uuid.NewString(), r.depositOf(code(0), code(1), code(12), code(7))); err != nil {
		t.Fatal(err)
	}
	r.report(s, []wire.Event{r.done(r.openOrder(jobs[7]), wire.OrderTooLate)}, accepted)
	c := r.counts()
	if c.Paid != c.DroppedOff+c.Rejected+c.Cancelled || c.DroppedOff != 4 || c.Rejected != 3 || c.Cancelled != 2 || c.Duplicated != 0 {
		t.Errorf("%+v", c)
	}
}
