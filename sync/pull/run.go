package pull

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"espero-soft.com/printroom/sync/client"
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
		p.report(ctx, p.turn(ctx))
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
// before: a TPM that was cleared opens none of them, and somebody can.
func (p *Puller) Surrender(ctx context.Context) error {
	lost, _ := p.station.Lost(ctx) // that they can't be read is the station's to say
	claims := map[string]*wire.ReleaseRequest{}
	for _, l := range lost {
		if claims[l.Claim] == nil {
			claims[l.Claim] = &wire.ReleaseRequest{ID: uuid.NewString(), FencingToken: l.Token}
		}
		claims[l.Claim].Jobs = append(claims[l.Claim].Jobs, l.Job)
	}
	for claim, request := range claims {
		_, err := p.central.Release(ctx, claim, *request)
		if client.Retryable(err) {
			return err
		}
		// Whatever else it answers, the letters are not ours any more.
		if err := p.station.GaveBack(ctx, claim); err != nil {
			return err
		}
	}
	return nil
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
