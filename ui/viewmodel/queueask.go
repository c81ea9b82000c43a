package viewmodel

import (
	"context"
	"slices"

	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/sync/wire"
)

// Errand is what a person wants done about the chosen letter and another one
// has to agree to.
type Errand struct {
	Act     wire.SecondPersonAct // preflight_override or retention_change
	Job     station.Job
	Longer  bool // of a retention_change: keep it longer, else as long as the others
	Consent *Consent
}

// CanOverride tells whether the chosen letter is held for what a look at it
// found, so that a person may have it printed all the same.
func (q *Queue) CanOverride() bool {
	j := q.Job()
	return j != nil && station.CanOverride(*j) && q.idle()
}

// Override has the chosen letter printed whatever was found, once another person
// agrees where the room's policy wants one.
func (q *Queue) Override() {
	if q.CanOverride() {
		q.errand(Errand{Act: wire.ActPreflightOverride, Job: *q.Job()})
	}
}

// CanKeep tells whether how long the chosen letter is kept is a person's to say:
// a registered one is kept as proof anyway.
func (q *Queue) CanKeep() bool {
	j := q.Job()
	return j != nil && Keepable(*j) && q.idle()
}

// Keepable tells whether a letter is kept as proof only when a person says so.
func Keepable(j station.Job) bool {
	return j.Product != postal.Registered && !j.Numbered && !j.Purged
}

// KeepLonger has the chosen letter kept as proof, or no longer than the others.
func (q *Queue) KeepLonger(longer bool) {
	if q.CanKeep() && q.Job().Longer != longer {
		q.errand(Errand{Act: wire.ActRetentionChange, Job: *q.Job(), Longer: longer})
	}
}

// idle tells whether nothing is being asked or done about a letter.
func (q *Queue) idle() bool { return q.Errand == nil && !q.Acting }

// errand does it, or asks for the second person first.
func (q *Queue) errand(e Errand) {
	q.Fault = nil
	if AsksSecond(q.policy, e.Act) {
		e.Consent = newConsent(q.asks, q.jobs, q.person, func() { q.Changed() })
		q.Errand = &e
		q.Changed()
		return
	}
	q.Acting = true
	q.act(func(ctx context.Context) error { return e.do(ctx, q.jobs, nil) }, func() { q.Acting = false })
}

// do asks the station.
func (e Errand) do(ctx context.Context, jobs Jobs, second *station.Second) error {
	if e.Act == wire.ActPreflightOverride {
		return jobs.Override(ctx, e.Job.ID, second)
	}
	return jobs.KeepLonger(ctx, e.Job.ID, e.Longer, second)
}

// Agree does what is asked with the second person's PIN. It takes pin over and
// wipes it in any case.
func (q *Queue) Agree(pin []byte) {
	e := q.Errand
	if e == nil || !e.Consent.Ready() || len(pin) == 0 {
		clear(pin)
		return
	}
	e.Consent.run(pin, func(ctx context.Context, second *station.Second) error { return e.do(ctx, q.jobs, second) },
		func(err error) {
			if err == nil && q.Errand == e {
				q.Errand = nil
			}
		})
}

// Leave puts the question away, and tells whether there was one.
func (q *Queue) Leave() bool {
	if q.Errand == nil {
		return false
	}
	if !q.Errand.Consent.Busy {
		q.Errand = nil
		q.Changed()
	}
	return true
}

// Badge takes a scanned badge while another person is asked for.
func (q *Queue) Badge(code string) bool { return q.Errand != nil && q.Errand.Consent.Badge(code) }

// review drops a question that the letter's state has answered meanwhile.
func (q *Queue) review() {
	e := q.Errand
	if e == nil || e.Consent.Busy {
		return
	}
	i := slices.IndexFunc(q.all, func(j station.Job) bool { return j.ID == e.Job.ID })
	if i < 0 || q.all[i].State != e.Job.State || q.all[i].Hold != e.Job.Hold || q.all[i].Longer != e.Job.Longer {
		q.Errand = nil
	}
}
