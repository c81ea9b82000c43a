// Package pull brings letters in: it claims them at central, fetches their
// sealed documents and keeps the leases alive. It hands everything to the
// station and keeps nothing itself.
package pull

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"

	"espero-soft.com/printroom/sync/client"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/store"
)

// Central is what is asked. Each method is one request, never repeated here.
type Central interface {
	Claim(ctx context.Context, request wire.ClaimRequest) (wire.Claim, error)
	Staff(ctx context.Context) (wire.SignedStaff, error)
	Renew(ctx context.Context, claim string, request wire.RenewalRequest) (wire.Renewal, error)
	DownloadFile(ctx context.Context, d wire.Document, path string) error
}

// Station is where letters go.
type Station interface {
	BeginClaim(ctx context.Context) (id string, err error)
	TakeClaim(ctx context.Context, c wire.Claim) error
	TakeJob(ctx context.Context, claim string, j wire.Job, fetch func(path string) error) error
	EndClaim(ctx context.Context, id string) error
	Leases(ctx context.Context) ([]store.Claim, error)
	Renewed(ctx context.Context, claim string, until time.Time) error
	TakeStaff(ctx context.Context, signed wire.SignedStaff) error
	CentralReport(err error)
}

// Puller is safe for concurrent use.
type Puller struct {
	central Central
	station Station
	max     int // letters a claim

	claiming sync.Mutex // one claim at a time
}

// New makes a puller that asks for max letters a claim.
func New(c Central, s Station, max int) *Puller {
	return &Puller{central: c, station: s, max: max}
}

// Claim asks central for letters and returns when their documents are here, or
// when one of them can't be had: then those that arrived can be printed, and
// the next call goes on with the same claim.
func (p *Puller) Claim(ctx context.Context) error {
	p.claiming.Lock()
	defer p.claiming.Unlock()
	return station.Explain(p.claim(ctx))
}

func (p *Puller) claim(ctx context.Context) error {
	id, err := p.station.BeginClaim(ctx)
	if err != nil {
		return err
	}
	claim, err := p.central.Claim(ctx, wire.ClaimRequest{ID: id, Max: p.max})
	if errors.Is(err, wire.ProblemLeaseLost) {
		// It was asked for long ago and ran out: its letters are others' now.
		return errors.Join(fmt.Errorf("go on with claim %s: %w", id, err), p.station.EndClaim(ctx, id))
	}
	p.station.CentralReport(err)
	if err != nil {
		return fmt.Errorf("claim letters: %w", err)
	}
	if len(claim.Jobs) > 0 {
		if err := p.station.TakeClaim(ctx, claim); err != nil {
			return err
		}
	}
	for _, j := range claim.Jobs {
		fetch := func(path string) error { return p.central.DownloadFile(ctx, j.Document, path) }
		if err := p.station.TakeJob(ctx, claim.ID, j, fetch); err != nil {
			return fmt.Errorf("fetch job %s: %w", j.ID, err)
		}
	}
	return p.station.EndClaim(ctx, claim.ID)
}

// renewEvery is far below any lease that central gives (minutes).
const renewEvery = time.Minute

// Run keeps the list of people fresh and the leases alive until ctx ends. What fails is tried
// again at the next turn.
func (p *Puller) Run(ctx context.Context) {
	tick := time.NewTicker(renewEvery)
	defer tick.Stop()
	for {
		p.Staff(ctx)
		p.renew(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Staff asks central who may unlock the station.
func (p *Puller) Staff(ctx context.Context) {
	signed, err := p.central.Staff(ctx)
	if err == nil {
		err = p.station.TakeStaff(ctx, signed)
	}
	if ctx.Err() == nil {
		p.station.CentralReport(err)
	}
}

func (p *Puller) renew(ctx context.Context) {
	leases, err := p.station.Leases(ctx)
	if err != nil {
		return // the station shows its own faults
	}
	for _, c := range leases {
		r, err := p.central.Renew(ctx, c.ID, wire.RenewalRequest{ID: uuid.NewString(), FencingToken: c.Token})
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			err = p.station.Renewed(ctx, c.ID, r.ExpiresAt)
		}
		if client.Retryable(err) || err == nil {
			p.station.CentralReport(err)
		}
	}
}
