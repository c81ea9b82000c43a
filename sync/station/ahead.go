package station

import (
	"context"
	"errors"
	"fmt"
	"time"

	"espero-soft.com/printroom/printer/device"
	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/printer/preflight"
	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/keys"
	"espero-soft.com/printroom/vault/store"
)

// prepared is a letter that was opened and drawn for the printer, under the code
// of its next attempt, which is begun only when its turn comes: until then the
// letter is READY, whatever happens. Its intent was journaled before; the result
// is, when it is used or not.
type prepared struct {
	station *Station
	job     store.Job
	ticket  device.Ticket
	raster  *spool // the whole letter
	permit  journal.Permit
	err     error // why it can't be printed; then the result is journaled
}

// ahead is a letter that is being prepared while another one is delivered.
type ahead struct {
	job    string
	letter *prepared // once done is closed
	done   chan struct{}
	stop   context.CancelFunc
}

// ahead begins to prepare a letter.
func (r *run) ahead(ctx context.Context, id string) *ahead {
	ctx, stop := context.WithCancel(ctx)
	a := &ahead{job: id, done: make(chan struct{}), stop: stop}
	r.station.mu.Lock()
	r.coming = a
	r.station.mu.Unlock()
	go func() {
		defer close(a.done)
		a.letter = r.prepare(ctx, id)
	}()
	return a
}

// turn waits for a letter whose turn it is. It stays with who prints it from then
// on: nobody wipes what is on its way to the printer.
func (r *run) turn(a *ahead) *prepared {
	<-a.done
	a.stop()
	r.station.mu.Lock()
	defer r.station.mu.Unlock()
	if r.coming == a {
		r.coming = nil
	}
	return a.letter
}

// letGo wipes what was drawn of a letter that is not going to be printed, without
// waiting for its turn. A letter whose turn it is stays with whoever prints it.
func (s *Station) letGo(job string) {
	s.mu.Lock()
	var a *ahead
	if s.run != nil && s.run.coming != nil && s.run.coming.job == job {
		a = s.run.coming
	}
	s.mu.Unlock()
	a.letGo()
}

func (a *ahead) letGo() {
	if a == nil {
		return
	}
	a.stop()
	<-a.done
	a.letter.raster.Destroy()
}

// discard forgets a letter that was prepared and is not printed.
func (a *ahead) discard(ctx context.Context) {
	if a == nil {
		return
	}
	a.letGo()
	if p := a.letter; p.err == nil {
		p.station.JournalReport(p.unused(ctx))
	}
}

// used journals that the letter goes to the printer.
func (p *prepared) used(ctx context.Context) error {
	return p.station.result(ctx, p.permit, journal.OutcomeDone, "")
}

// unused journals that it does not.
func (p *prepared) unused(ctx context.Context) error {
	return p.station.result(ctx, p.permit, journal.OutcomeCancelled, "")
}

// prepare opens a letter and draws it for the printer.
func (r *run) prepare(ctx context.Context, id string) *prepared {
	s := r.station
	p := &prepared{station: s, raster: new(spool)}
	if p.job, p.err = s.cfg.Store.Job(ctx, id); p.err == nil {
		p.err = r.draw(ctx, p)
	}
	if p.err != nil {
		p.raster.Destroy()
	}
	return p
}

func (r *run) draw(ctx context.Context, p *prepared) (err error) {
	s, j := r.station, p.job
	if j.State != store.Ready {
		return fmt.Errorf("%w: it is %s", store.ErrState, j.State)
	}
	if err := s.leased(ctx, j); err != nil {
		return err
	}
	p.ticket, err = r.can.Plan(device.Ticket{
		Name: j.NextAttempt, Media: paper, Duplex: j.Duplex, Colour: j.Colour, Impressions: impressions(j),
	})
	if err != nil {
		return err
	}
	s.change(func() { r.printer.dpi = p.ticket.DPI })
	if err := s.passes(ctx, j.ID); err != nil { // it was looked at before
		return err
	}
	if _, err := r.claimKey(ctx, j.Claim); err != nil {
		return err
	}
	access := journal.Access{Actor: r.who(), Action: journal.ActionPrint, Object: j.ID, Attempt: j.NextAttempt, Reason: j.Reprint}
	p.permit, err = s.opened(ctx, j, access, func(l *keys.Letter) error {
		d := drawing{job: j, code: postal.AttemptCode(j.NextAttempt), letter: l, dpi: p.ticket.DPI}
		found, err := r.rasterise(ctx, d, p.ticket, p.raster)
		if err != nil {
			return err
		}
		if len(s.held([]preflight.Code{preflight.GreyLost})) > 0 {
			lost, err := s.lookForColour(ctx, d)
			if err != nil {
				return err
			}
			found = append(found, lost...)
		}
		return s.passes(ctx, j.ID, found...)
	})
	return err
}

// leaseMargin is what a lease must still last for a letter to be printed under it:
// the time to prepare and send one, and what two clocks may differ. Leases are
// renewed long before.
const leaseMargin = 30 * time.Second

// leased refuses a letter whose lease has run out by our own clock, or is about
// to, until it is renewed: another station may have it.
func (s *Station) leased(ctx context.Context, j store.Job) error {
	c, err := s.cfg.Store.ClaimByID(ctx, j.Claim)
	if err != nil {
		return fault(err)
	}
	if !s.cfg.Now().Add(leaseMargin).Before(c.Expires) {
		return &Fault{Code: LeaseLost, Err: errors.New("the letter's lease has run out, or is about to, and was not renewed")}
	}
	return nil
}
