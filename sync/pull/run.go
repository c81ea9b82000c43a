package pull

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"espero-soft.com/printroom/sync/client"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/store"
)

// renewEvery is far below any lease that central gives (minutes).
const renewEvery = time.Minute

// Run keeps the list of people, the trust and the certificate fresh, the leases
// alive and the stream of orders open until ctx ends. What fails is tried again.
// For a station that central revoked it asks for nothing but the list of people,
// which it is not given unless it enrols anew.
func (p *Puller) Run(ctx context.Context) {
	var stream sync.WaitGroup
	stream.Go(func() { p.follow(ctx) })
	defer stream.Wait()
	tick := time.NewTicker(renewEvery)
	defer tick.Stop()
	for {
		err := p.turn(ctx)
		p.unanswered.Store(err != nil)
		p.report(ctx, err)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-p.news:
		}
	}
}

// turn asks for everything once. The list of people comes first: it may lock
// somebody out.
func (p *Puller) turn(ctx context.Context) error {
	err := p.staff(ctx)
	if p.revoked(err) {
		return err
	}
	err = errors.Join(err, p.identify(ctx))
	if errors.Is(err, wire.ErrStaffSignature) { // by an authority that is news, maybe
		err = errors.Join(p.trusted(ctx), p.staff(ctx))
	}
	return errors.Join(err, p.renew(ctx), p.Surrender(ctx))
}

// Surrender gives back the letters that were lost with the keys of the time
// before: a TPM that was cleared opens none of them, and somebody can. Each is
// asked for alone: central may know one of a claim to be on paper, and refuses a
// request as a whole.
func (p *Puller) Surrender(ctx context.Context) error {
	lost, _ := p.station.Lost(ctx) // that they can't be read is the station's to say
	claims := map[string]bool{}
	for _, l := range lost {
		if p.surrendered(l) {
			continue // its claim's lease lives on with other letters
		}
		_, err := p.central.Release(ctx, l.Claim, wire.ReleaseRequest{ID: uuid.NewString(), FencingToken: l.Token, Jobs: []wire.UUID{l.Job}})
		var problem *wire.Problem
		if err != nil && (!errors.As(err, &problem) || problem.Temporary() || ofStation(problem)) {
			return err
		}
		// Whatever else it answers, the letter is not ours any more.
		if err := p.station.Released(ctx, l.Job, station.LeaseLost); err != nil {
			return err
		}
		p.surrender(l)
		claims[l.Claim] = true
	}
	for claim := range claims {
		if err := p.station.GaveBack(ctx, claim); err != nil {
			return err
		}
	}
	return nil
}

func (p *Puller) surrendered(l store.LostLetter) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.given[l]
}

func (p *Puller) surrender(l store.LostLetter) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.given[l] = true
}

// revoked tells whether central has no more to do with this station.
func (p *Puller) revoked(err error) bool {
	return errors.Is(err, wire.ProblemStationRevoked) || p.station.Revoked()
}

// Staff asks central whom the room trusts and who may unlock the station.
func (p *Puller) Staff(ctx context.Context) {
	p.report(ctx, errors.Join(p.identify(ctx), p.staff(ctx)))
}

func (p *Puller) staff(ctx context.Context) error {
	signed, err := p.central.Staff(ctx)
	if err != nil {
		return err
	}
	return p.station.TakeStaff(ctx, signed)
}

// renew renews every lease. The error says how central is: that a lease is lost
// is the letters' matter, and that ours can't be read the station's.
func (p *Puller) renew(ctx context.Context) error {
	leases, _ := p.station.Leases(ctx)
	var errs []error
	for _, c := range leases {
		if err := p.renewOne(ctx, c); client.Retryable(err) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// renewOne renews a lease. Letters that were cancelled are orders; others that
// are no longer ours are held.
func (p *Puller) renewOne(ctx context.Context, c store.Claim) error {
	r, err := p.central.Renew(ctx, c.ID, wire.RenewalRequest{ID: uuid.NewString(), FencingToken: c.Token})
	var lost *wire.Problem
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, wire.ProblemLeaseLost) && errors.As(err, &lost):
		r = wire.Renewal{Cancelled: lost.Jobs}
	case err != nil:
		return err
	default:
		err = p.station.Renewed(ctx, c.ID, r.ExpiresAt)
	}
	return errors.Join(err, p.cancelled(ctx, r.Cancelled), p.station.Kept(ctx, c.ID, slices.Concat(r.Jobs, r.Cancelled)))
}
