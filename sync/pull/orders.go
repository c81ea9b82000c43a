package pull

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/google/uuid"

	"espero-soft.com/printroom/sync/client"
	"espero-soft.com/printroom/sync/wire"
)

// The waits between streams of orders: ever longer, up to a limit, with jitter. One that lasted begins anew.
const (
	backOff  = 250 * time.Millisecond
	backMax  = 30 * time.Second
	lasted   = wire.Heartbeat
	oldEvery = 5 * time.Minute // a central without orders is asked whether it has learned them
)

// unsaid is Notice.Waiting when central did not say how many letters wait.
const unsaid = -1

// follow keeps a stream of orders open until ctx ends, and hands each notice to the station. Whatever
// central answers, it comes again.
func (p *Puller) follow(ctx context.Context) {
	failures, silent := 0, 0
	for ctx.Err() == nil {
		if p.station.Revoked() {
			if !sleep(ctx, backMax) {
				return
			}
			continue
		}
		began, heard := time.Now(), false
		err := p.central.Orders(ctx, func(n wire.Notice) error {
			if !heard && p.unanswered.Load() {
				p.ask() // central is back: nobody waits a minute to see it
			}
			heard = true
			p.streaming.Store(true)
			p.take(ctx, n)
			if p.station.Revoked() {
				return errRevoked
			}
			return ctx.Err()
		})
		p.streaming.Store(false)
		if ctx.Err() != nil {
			return
		}
		failures++
		if time.Since(began) >= lasted {
			failures = 1
		}
		silent++
		if heard {
			silent = 0
		}
		p.unheard(ctx, err, silent)
		sleep(ctx, pause(err, failures))
	}
}

// errRevoked ends a stream of a station that was revoked meanwhile.
var errRevoked error = wire.ProblemStationRevoked

// sleep tells whether it was not broken off.
func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// take hands a notice on. What the station could not carry out comes again with the next notice.
func (p *Puller) take(ctx context.Context, n wire.Notice) {
	p.hear(n)
	err := p.station.TakeOrders(ctx, n)
	if ctx.Err() == nil {
		p.station.OrdersReport(err)
	}
}

// unheard says what a stream that ended means. A connection that breaks now and then is nothing to be
// told; a central that says nothing on two in a row is.
func (p *Puller) unheard(ctx context.Context, err error, silent int) {
	switch {
	case old(err):
		p.station.OrdersReport(nil) // renewals say what is cancelled
	case err != nil && (silent > 1 || !client.Retryable(err)):
		p.station.OrdersReport(err)
	default:
		return
	}
	_ = p.station.TakeOrders(ctx, wire.Notice{Waiting: unsaid}) // nothing is asked for that could fail
}

func pause(err error, failures int) time.Duration {
	d := min(backOff<<min(failures-1, 10), backMax)
	switch {
	case old(err):
		d = oldEvery
	case err != nil && !client.Retryable(err):
		d = backMax
	}
	return d/2 + rand.N(d/2)
}

// old tells whether central has no stream of orders: it is of a version before them.
func old(err error) bool {
	var problem *wire.Problem
	return errors.As(err, &problem) && problem.Status == http.StatusNotFound
}

// cancelled hands the station the letters that a renewal lists as cancelled, as orders, unless the stream
// brings them. The order's id is made from the letter's: the same each time, and known to no central, so
// that what came of it is reported in vain.
func (p *Puller) cancelled(ctx context.Context, jobs []wire.UUID) error {
	if p.streaming.Load() || len(jobs) == 0 {
		return nil
	}
	n := wire.Notice{Waiting: unsaid}
	for _, job := range jobs {
		id := uuid.NewSHA1(uuid.Nil, []byte("bjet24 cancelled "+job)).String()
		n.Orders = append(n.Orders, wire.Order{ID: id, Kind: wire.OrderCancel, Job: job, At: time.Now().UTC()})
	}
	return p.station.TakeOrders(ctx, n)
}
