package viewmodel

import (
	"context"
	"slices"

	"espero-soft.com/printroom/sync/station"
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
	People    []station.Person // who that may be
	Loading   bool             // they are on their way
	Person    int              // index in People, −1 for nobody yet
	Busy      bool             // the station decides
	Fault     *station.Fault
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
	p.Ask = &Ask{Job: j, Verdict: v, Reasons: reasons, Second: station.NeedsSecond(j, v), Person: -1}
	if len(reasons) == 1 {
		p.Ask.Reason = reasons[0]
	}
	p.Changed()
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
		p.people()
	default:
		p.decide(a.Job, a.decision())
	}
}

func (a *Ask) decision() station.Decision {
	return station.Decision{Job: a.Job.ID, Verdict: a.Verdict, Reason: a.Reason, Destroyed: a.Destroyed}
}

// people brings those who may be the second person: everybody but who is
// there.
func (p *Press) people() {
	a, n := p.Ask, p.asked
	a.Loading = true
	p.asks.run(func(ctx context.Context) func() {
		people, err := p.work.People(ctx)
		return func() {
			if n != p.asked {
				return
			}
			a.Loading, a.Fault = false, faultOf(err)
			a.People = slices.DeleteFunc(slices.Clone(people), func(o station.Person) bool { return o.Pseudonym == p.person })
			if a.Person = -1; len(a.People) == 1 {
				a.Person = 0
			}
			p.Changed()
		}
	})
	p.Changed()
}

// Name chooses the second person by index.
func (p *Press) Name(i int) {
	if a := p.Ask; a != nil && !a.Busy && i >= 0 && i < len(a.People) {
		if a.Person != i {
			a.Person, a.Fault = i, nil
		}
		p.Changed()
	}
}

// Approve decides with the second person's PIN. It takes pin over and wipes it
// in any case.
func (p *Press) Approve(pin []byte) {
	a := p.Ask
	if a == nil || a.Step != StepSecond || a.Person < 0 || !a.Ready() || len(pin) == 0 {
		clear(pin)
		return
	}
	d := a.decision()
	d.Second = &station.Second{Pseudonym: a.People[a.Person].Pseudonym, PIN: pin}
	p.decide(a.Job, d)
}

// Back goes back one step of the question, and tells whether there was one.
func (p *Press) Back() bool {
	switch a := p.Ask; {
	case a == nil:
		return false
	case a.Busy:
	case a.Step == StepSecond:
		a.Step, a.Fault, a.Person = StepReason, nil, -1
		p.asked++
	default:
		p.drop()
	}
	p.Changed()
	return true
}

// decide asks the station. What was wrong with the answers is shown with the
// question; after success the next letter that waits is chosen.
func (p *Press) decide(j station.Job, d station.Decision) {
	a, n := p.Ask, p.asked
	p.Deciding, p.stays, p.Fault, p.Scanned = true, true, nil, nil
	if a != nil {
		a.Busy, a.Fault = true, nil
	}
	p.asks.run(func(ctx context.Context) func() {
		err := p.work.Decide(ctx, d)
		if d.Second != nil {
			clear(d.Second.PIN)
		}
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
