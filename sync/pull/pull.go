// Package pull brings letters and orders in: it claims letters at central,
// fetches their sealed documents, keeps the leases alive and follows the stream
// of orders. It hands everything to the station and keeps nothing itself.
package pull

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"espero-soft.com/printroom/sync/client"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/store"
)

// Central is what is asked. Each method is one request, never repeated here.
// Orders lasts as long as its stream.
type Central interface {
	Claim(ctx context.Context, request wire.ClaimRequest) (wire.Claim, error)
	Staff(ctx context.Context) (wire.SignedStaff, error)
	Renew(ctx context.Context, claim string, request wire.RenewalRequest) (wire.Renewal, error)
	DownloadFile(ctx context.Context, d wire.Document, path string) error
	Release(ctx context.Context, claim string, request wire.ReleaseRequest) (wire.Release, error)
	Orders(ctx context.Context, take func(wire.Notice) error) error
	Trust(ctx context.Context) (wire.SignedTrust, error)
	Certificate(ctx context.Context, request wire.CertificateRequest) (wire.Certificates, error)
}

// Station is where letters and orders go. It may be given the same order any
// number of times, and a Waiting of -1 for a central that does not say.
type Station interface {
	BeginClaim(ctx context.Context) (id string, err error)
	TakeClaim(ctx context.Context, c wire.Claim) error
	TakeJob(ctx context.Context, claim string, j wire.Job, fetch func(path string) error) error
	EndClaim(ctx context.Context, id string) error
	Leases(ctx context.Context) ([]store.Claim, error)
	Renewed(ctx context.Context, claim string, until time.Time) error
	Lost(ctx context.Context) ([]store.LostLetter, error)
	GaveBack(ctx context.Context, claim string) error
	Kept(ctx context.Context, claim string, jobs []string) error
	TakeStaff(ctx context.Context, signed wire.SignedStaff) error
	StaffRevision() int64
	Revoked() bool
	TakeOrders(ctx context.Context, n wire.Notice) error
	CentralReport(err error)
	OrdersReport(err error)
	Released(ctx context.Context, job string, why station.FaultCode) error
	Configured(ctx context.Context, what string, why error) error
}

// Puller is safe for concurrent use.
type Puller struct {
	central  Central
	station  Station
	identity Identity
	max      int           // letters a claim
	news     chan struct{} // holds a value when a notice said that there is something to ask for

	claiming   sync.Mutex  // one claim at a time
	streaming  atomic.Bool // orders come by the stream
	unanswered atomic.Bool // Run's last turn failed

	mu         sync.Mutex                // guards what follows
	identifyAt time.Time                 // when whom the room trusts is asked for again
	trust      int64                     // the revision of what was taken, 0 before that
	trustSaid  int64                     // the newest that central spoke of
	given      map[store.LostLetter]bool // lost letters about which central has answered
}

// New makes a puller that asks for max letters a claim.
func New(c Central, s Station, i Identity, max int) *Puller {
	return &Puller{central: c, station: s, identity: i, max: max, news: make(chan struct{}, 1), given: map[store.LostLetter]bool{}}
}

// Claim asks central for letters and returns when their documents are here, or
// when central can't be had: then those that arrived can be printed, and the
// next call goes on with the same claim. A letter that is no longer ours, or
// whose document is not to be had, is left out, and holds up no other. The
// error is a *station.Fault.
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
	if errors.Is(err, wire.ProblemLeaseLost) || errors.Is(err, wire.ProblemIDReused) {
		// It was asked for long ago and ran out: its letters are others' now. Or
		// it was asked for with another number of letters: its lease will run out.
		return errors.Join(fmt.Errorf("go on with claim %s: %w", id, err), p.station.EndClaim(ctx, id))
	}
	p.report(ctx, err)
	if err != nil {
		return fmt.Errorf("claim letters: %w", err)
	}
	if len(claim.Jobs) > 0 {
		if err := p.station.TakeClaim(ctx, claim); err != nil {
			return err
		}
	}
	lost, broken, err := p.fetch(ctx, claim)
	if err != nil {
		return err
	}
	if err := p.giveBack(ctx, claim, broken); err != nil {
		return err
	}
	return errors.Join(unfetched(lost, broken), p.station.EndClaim(ctx, claim.ID))
}

// fetch brings a claim's documents. lost are the letters that are no longer
// ours, broken those whose document central has not as it announced it. err
// says that the rest can't be had now.
func (p *Puller) fetch(ctx context.Context, claim wire.Claim) (lost, broken map[string]error, err error) {
	lost, broken = map[string]error{}, map[string]error{}
	for _, j := range claim.Jobs {
		fetch := func(path string) error {
			err := p.central.DownloadFile(ctx, j.Document, path)
			if client.Retryable(err) {
				p.report(ctx, err)
			}
			return err
		}
		err := p.station.TakeJob(ctx, claim.ID, j, fetch)
		var problem *wire.Problem
		switch {
		case err == nil:
		case errors.Is(err, wire.ProblemNotFound), errors.Is(err, wire.ProblemLeaseLost):
			lost[j.ID] = err // cancelled, or leased to another
		case errors.Is(err, client.ErrDigest), errors.As(err, &problem) && !problem.Temporary() && !ofStation(problem):
			broken[j.ID] = err
		default:
			return nil, nil, fmt.Errorf("fetch job %s: %w", j.ID, err)
		}
	}
	return lost, broken, nil
}

// ofStation tells whether a refusal is not about one letter: central does not
// know this station, or it is not central that answered.
func ofStation(p *wire.Problem) bool {
	return p.Status == http.StatusUnauthorized || p.Status == http.StatusForbidden || p.Type == wire.ProblemBlank
}

// giveBack returns the letters whose documents are not to be had, so that the
// claim can end and new letters come.
func (p *Puller) giveBack(ctx context.Context, claim wire.Claim, broken map[string]error) error {
	if len(broken) == 0 {
		return nil
	}
	request := wire.ReleaseRequest{ID: uuid.NewString(), FencingToken: claim.FencingToken, Jobs: slices.Sorted(maps.Keys(broken))}
	if _, err := p.central.Release(ctx, claim.ID, request); err != nil && !errors.Is(err, wire.ProblemLeaseLost) {
		return fmt.Errorf("give back %d letters of claim %s: %w", len(broken), claim.ID, err)
	}
	var errs []error
	for _, job := range request.Jobs {
		errs = append(errs, p.station.Released(ctx, job, station.CentralRefused))
	}
	return errors.Join(errs...)
}

// unfetched is what a person is told about the letters that were left out.
func unfetched(lost, broken map[string]error) error {
	var errs []error
	for _, left := range []map[string]error{lost, broken} {
		for _, id := range slices.Sorted(maps.Keys(left)) {
			errs = append(errs, fmt.Errorf("fetch job %s: %w", id, left[id]))
		}
	}
	if err := errors.Join(errs...); err != nil && len(broken) == 0 {
		return &station.Fault{Code: station.LeaseLost, Err: err}
	} else if err != nil {
		return &station.Fault{Code: station.CentralRefused, Err: err}
	}
	return nil
}

// report tells how central is. What the caller broke off says nothing of it.
func (p *Puller) report(ctx context.Context, err error) {
	if ctx.Err() == nil {
		p.station.CentralReport(err)
	}
}
