package viewmodel

import (
	"context"
	"slices"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/sync/wire"
)

// Step is what an open question waits for.
type Step int

// The steps of a question.
const (
	StepReason Step = iota // a reason, and the word that the sheets were destroyed
	StepSecond             // another person with their PIN
)

// Ask is an open question: why a letter is reprinted or pulled, whether its
// sheets were destroyed, who else answers for it.
type Ask struct {
	Job       station.Job
	Verdict   station.Verdict
	Reasons   []station.ReasonCode // one when there is nothing to choose
	Reason    station.ReasonCode   // "" while none is chosen
	Destroyed bool                 // the person says that no sheet of the attempt is left
	Second    bool                 // another person must agree
	Step      Step
	Consent   *Consent       // of that person, nil before StepSecond
	Busy      bool           // the station decides
	Fault     *station.Fault // of an answer without a second person
}

// Can tells whether a verdict about the chosen letter is possible now.
func (p *Press) Can(v station.Verdict) bool {
	j := p.Job()
	return j != nil && !p.Deciding && p.Ask == nil && slices.Contains(station.Verdicts(*j), v)
}

// OK says that the chosen letter is whole on paper.
func (p *Press) OK() {
	if !p.Can(station.VerdictOK) {
		return
	}
	p.decide(*p.Job(), station.Decision{Job: p.Job().ID, Verdict: station.VerdictOK})
}

// Reprint asks why the chosen letter is to be printed again.
func (p *Press) Reprint() { p.open(station.VerdictReprint, station.ReprintReasons()) }

// Pull asks why the chosen letter is to be taken out.
func (p *Press) Pull() {
	reasons := slices.DeleteFunc(station.PullReasons(), func(r station.ReasonCode) bool { return r == station.ReasonOrder })
	if j := p.Job(); j != nil && TakenBack(*j) {
		reasons = []station.ReasonCode{station.ReasonOrder}
	}
	p.open(station.VerdictPull, reasons)
}

func (p *Press) open(v station.Verdict, reasons []station.ReasonCode) {
	if !p.Can(v) {
		return
	}
	j := *p.Job()
	p.asked++
	p.Fault = nil
	p.Ask = &Ask{Job: j, Verdict: v, Reasons: reasons, Second: p.needsSecond(j, v)}
	if len(reasons) == 1 {
		p.Ask.Reason = reasons[0]
	}
	p.Changed()
}

// needsSecond tells whether the room wants another person to agree.
func (p *Press) needsSecond(j station.Job, v station.Verdict) bool {
	return station.NeedsSecond(j, v) && AsksSecond(p.policy, wire.ActReprintRegistered)
}

// drop puts the question away.
func (p *Press) drop() {
	p.asked++
	p.Ask = nil
}

// review drops a question that the letter's state has answered meanwhile.
func (p *Press) review() {
	if p.Ask == nil || p.Ask.Busy {
		return
	}
	i := slices.IndexFunc(p.all, func(j station.Job) bool { return j.ID == p.Ask.Job.ID })
	if i < 0 || p.all[i].Order != p.Ask.Job.Order || !slices.Contains(station.Verdicts(p.all[i]), p.Ask.Verdict) {
		p.drop()
	}
}

// Because chooses the reason.
func (p *Press) Because(r station.ReasonCode) {
	if a := p.Ask; a != nil && !a.Busy && slices.Contains(a.Reasons, r) {
		a.Reason = r
		p.Changed()
	}
}

// SetDestroyed takes the person's word that the sheets were destroyed.
func (p *Press) SetDestroyed(on bool) {
	if a := p.Ask; a != nil && !a.Busy {
		a.Destroyed = on
		p.Changed()
	}
}

// Ready tells whether nothing is missing but, where one is needed, the second
// person.
func (a *Ask) Ready() bool {
	return a.Reason != "" && a.Destroyed && !a.Busy
}

// Answer decides with what was answered, or goes on to the second person.
func (p *Press) Answer() {
	a := p.Ask
	switch {
	case a == nil || !a.Ready() || a.Step != StepReason:
	case a.Second:
		a.Step, a.Fault = StepSecond, nil
		a.Consent = newConsent(p.asks, p.work, p.person, func() { p.Changed() })
		p.Changed()
	default:
		p.decide(a.Job, a.decision())
	}
}

func (a *Ask) decision() station.Decision {
	return station.Decision{Job: a.Job.ID, Verdict: a.Verdict, Reason: a.Reason, Destroyed: a.Destroyed}
}

// Approve decides with the second person's PIN. It takes pin over and wipes it
// in any case.
func (p *Press) Approve(pin []byte) {
	a := p.Ask
	if a == nil || a.Consent == nil || !a.Consent.Ready() || !a.Ready() || len(pin) == 0 {
		clear(pin)
		return
	}
	n := p.asked
	p.decides(a)
	a.Consent.run(pin, func(ctx context.Context, second *station.Second) error {
		d := a.decision()
		d.Second = second
		return p.work.Decide(ctx, d)
	}, func(err error) {
		p.Deciding = false
		if p.person != "" {
			p.answered(a.Job, a, n, faultOf(err))
		}
	})
}

// Badge takes a scanned badge while another person is asked for.
func (p *Press) Badge(code string) bool {
	return p.Ask != nil && p.Ask.Consent != nil && p.Ask.Consent.Badge(code)
}

// Back goes back one step of the question, and tells whether there was one.
func (p *Press) Back() bool {
	switch a := p.Ask; {
	case a == nil:
		return false
	case a.Busy:
	case a.Step == StepSecond:
		a.Step, a.Fault, a.Consent = StepReason, nil, nil
		p.asked++
	default:
		p.drop()
	}
	p.Changed()
	return true
}

// decides notes that the station is about to be asked.
func (p *Press) decides(a *Ask) {
	p.Deciding, p.stays, p.Fault, p.Scanned = true, true, nil, nil
	if a != nil {
		a.Busy, a.Fault = true, nil
	}
}

// decide asks the station. What was wrong with the answers is shown with the
// question; after success the next letter that waits is chosen.
func (p *Press) decide(j station.Job, d station.Decision) {
	a, n := p.Ask, p.asked
	p.decides(a)
	p.asks.run(func(ctx context.Context) func() {
		err := p.work.Decide(ctx, d)
		return func() {
			p.Deciding = false
			if p.person != "" {
				p.answered(j, a, n, faultOf(err))
			}
		}
	})
	p.Changed()
}

func (p *Press) answered(j station.Job, a *Ask, n int, f *station.Fault) {
	if a != nil {
		a.Busy = false
	}
	switch {
	case f != nil && a != nil && n == p.asked && a.Consent != nil: // it tells
	case f != nil && a != nil && n == p.asked:
		a.Fault = f
	case f != nil:
		p.Fault = f
	default:
		if n == p.asked {
			p.drop()
		}
		p.decided[sheetsOf(j)] = true
		if p.Selected == j.ID {
			p.Selected = following(p.Rows, j.ID, p.decided)
		}
	}
	p.Changed()
}
