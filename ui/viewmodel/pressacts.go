package viewmodel

import (
	"context"
	"slices"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/vault/store"
)

// Rest lists the letters that Go on would print: those of the batch in sight
// that are not printed yet.
func (p *Press) Rest() []string {
	if pile := p.pile(p.Pile); pile != nil {
		return pile.Ready
	}
	return nil
}

// CanGoOn tells whether GoOn would print.
func (p *Press) CanGoOn() bool {
	return len(p.Rest()) > 0 && p.Batch == nil && !p.Starting && p.NoDecryption == ""
}

// GoOn prints what is left of the batch in sight.
func (p *Press) GoOn() {
	if !p.CanGoOn() {
		return
	}
	p.Starting = true
	ids := slices.Clone(p.Rest())
	p.act(func(ctx context.Context) error { return p.work.PrintBatch(ctx, ids) }, func(error) { p.Starting = false })
}

// CanStop tells whether Stop would do anything.
func (p *Press) CanStop() bool {
	return p.Batch != nil && !p.Batch.Stopping && p.Batch.Stopped == ""
}

// Stop ends the batch after the letter that is on its way.
func (p *Press) Stop() {
	if p.CanStop() {
		p.work.StopBatch()
	}
}

// CanCall tells whether there is a letter to call off.
func (p *Press) CanCall() bool { return p.Batch != nil && p.Batch.Current != "" && !p.Calling }

// AskCall asks whether the letter on its way shall be called off.
func (p *Press) AskCall() {
	if p.CanCall() {
		p.CallOff = string(p.Batch.Current)
		p.Changed()
	}
}

// LeaveCall lets the letter be printed.
func (p *Press) LeaveCall() {
	p.CallOff = ""
	p.Changed()
}

// Call calls the letter off that AskCall asked about; it becomes UNCERTAIN.
func (p *Press) Call() {
	if p.CallOff == "" || !p.CanCall() {
		return
	}
	p.CallOff, p.Calling = "", true
	p.act(p.work.CancelLetter, func(error) { p.Calling = false })
}

// CanRetry tells whether the chosen letter may be tried again.
func (p *Press) CanRetry() bool {
	j := p.Job()
	return j != nil && !p.Deciding && station.CanRetry(*j)
}

// Retry puts the chosen letter back among those that are ready.
func (p *Press) Retry() {
	if !p.CanRetry() {
		return
	}
	id := p.Selected
	p.Deciding = true
	p.act(func(ctx context.Context) error { return p.work.Retry(ctx, id) }, func(error) { p.Deciding = false })
}

// act runs something slow and shows its fault, that of the newest only. done
// is called first.
func (p *Press) act(do func(context.Context) error, done func(error)) {
	p.acted++
	n := p.acted
	p.Fault = nil
	p.asks.run(func(ctx context.Context) func() {
		err := do(ctx)
		return func() {
			if p.person == "" {
				return // locked meanwhile
			}
			done(err)
			if n == p.acted {
				p.Fault = faultOf(err)
			}
			p.Changed()
		}
	})
	p.Changed()
}

// Dismiss puts the last fault away.
func (p *Press) Dismiss() {
	p.Fault = nil
	p.Changed()
}

// Scan takes a code from the hand scanner: a letter that waits for a person is
// confirmed and enveloped by it. One that is uncertain or was taken back is
// only chosen: it needs a look at the paper. It returns false for a code that
// is none of this screen's.
func (p *Press) Scan(code string) bool {
	j, ok := p.work.Find(code)
	if !ok {
		return false
	}
	switch {
	case TakenBack(j), j.State == store.Uncertain:
		return p.Choose(j)
	case j.State == store.DeviceDone, j.State == store.Confirmed && !j.Scanned:
		p.envelope(code, j)
		return true
	}
	return false
}

// envelope tells the station that a piece was scanned.
func (p *Press) envelope(code string, j station.Job) {
	p.drop()
	p.Choose(j)
	p.Scanned = nil
	var got station.Job
	p.act(func(ctx context.Context) (err error) {
		got, err = p.work.Scan(ctx, code)
		return err
	}, func(err error) {
		if err == nil {
			p.Scanned = &got
		}
	})
}

// Choose shows a letter in the pile that it belongs to; false when it is in
// none.
func (p *Press) Choose(j station.Job) bool {
	for i := range p.Piles {
		pile := &p.Piles[i]
		if slices.ContainsFunc(pile.Rows, func(r station.Job) bool { return r.ID == j.ID }) {
			p.Look(pile.PileKey)
			p.Select(j.ID)
			return true
		}
	}
	return false
}
