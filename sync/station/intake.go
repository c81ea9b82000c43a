package station

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/sync/client"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/keys"
	"espero-soft.com/printroom/vault/store"
)

// The intake is what pull hands letters to.

// BeginClaim names the claim to ask central for. A claim whose letters did not
// all arrive comes first, under the id it had: central answers the same again.
func (s *Station) BeginClaim(ctx context.Context) (id string, err error) {
	if _, _, err := s.unlocked(); err != nil {
		return "", err
	}
	c, err := s.cfg.Store.BeginClaim(ctx, uuid.NewString())
	return c.ID, fault(err)
}

// TakeClaim keeps the lease and the sealed key.
func (s *Station) TakeClaim(ctx context.Context, c wire.Claim) error {
	if err := s.record(ctx, journal.Access{Action: journal.ActionClaim, Object: c.ID}); err != nil {
		return err
	}
	return fault(s.cfg.Store.AnswerClaim(ctx, store.Claim{ID: c.ID, Token: c.FencingToken, Expires: c.ExpiresAt, SealedKey: c.SealedKey}))
}

// TakeJob keeps a job of a claim. fetch brings its sealed document to a path,
// where it is only once it is whole, checked and durable. A job that is here is
// left alone, but that it goes by its new lease if it is on no paper; what was
// forgotten of it is fetched again.
func (s *Station) TakeJob(ctx context.Context, claim string, j wire.Job, fetch func(path string) error) error {
	_, storeKey, err := s.unlocked()
	if err != nil {
		return err
	}
	if id, err := uuid.Parse(j.ID); err != nil || id.String() != j.ID { // it becomes a file name
		return &Fault{Code: CentralRefused, Err: fmt.Errorf("central gave a job the id %.60q", j.ID)}
	}
	job, err := stored(claim, j, storeKey)
	if err != nil {
		return fault(err)
	}
	here, err := s.cfg.Store.HasJob(ctx, j.ID)
	if err != nil {
		return fault(err)
	}
	if here {
		return s.takeAgain(ctx, job, fetch)
	}
	return s.fetched(ctx, job, fetch)
}

// takeAgain puts a job that is here under its new lease. Its document may be
// forgotten: a letter that was held is, once central knows why.
func (s *Station) takeAgain(ctx context.Context, leased store.Job, fetch func(path string) error) error {
	if err := s.cfg.Store.Relet(ctx, leased); err != nil {
		return fault(err)
	}
	j, err := s.cfg.Store.Job(ctx, leased.ID)
	if err != nil {
		return fault(err)
	}
	if j.State != store.Ready || j.Claim != leased.Claim {
		return nil
	}
	if leased.Hold != "" { // what was wrong with it is wrong still
		told, err := s.heldFrom(ctx, leased)
		if err != nil {
			return err
		}
		return s.move(ctx, store.Move{Job: j.ID, From: []store.State{store.Ready}, To: store.Held, Hold: leased.Hold, Messages: told})
	}
	if s.cfg.Store.HasDocument(j.ID) {
		return nil
	}
	return s.fetched(ctx, leased, fetch)
}

// heldFrom tells central that a letter can't be printed as it came, nothing of
// one that can.
func (s *Station) heldFrom(ctx context.Context, j store.Job) ([]store.Message, error) {
	if j.Hold == "" {
		return nil, nil
	}
	m, err := s.event(ctx, wire.EventHeld, j, func(e *wire.Event) { e.Reason, e.Attempt = j.Hold, "" })
	return []store.Message{m}, err
}

// fetched brings the document of a job, then keeps the job if it is new.
func (s *Station) fetched(ctx context.Context, job store.Job, fetch func(path string) error) error {
	if err := fetch(s.cfg.Store.DocumentPath(job.ID)); err != nil {
		return s.unfetched(ctx, job.ID, err)
	}
	if err := s.record(ctx, journal.Access{Action: journal.ActionFetch, Object: job.ID}); err != nil {
		return err
	}
	told, err := s.heldFrom(ctx, job)
	if err != nil {
		return err
	}
	return fault(s.cfg.Store.AddJob(ctx, job, told...))
}

// unfetched journals that a document is not to be had, and returns why. A download
// that broke off goes on later: nothing was fetched, and nothing is written.
func (s *Station) unfetched(ctx context.Context, job string, why error) error {
	if code(why) == Cancelled || client.Retryable(why) {
		return fault(why)
	}
	person, _, err := s.unlocked()
	if err != nil {
		return fault(why)
	}
	return s.refused(ctx, journal.Access{Actor: person.Pseudonym, Action: journal.ActionFetch, Object: job}, why)
}

// Released journals that a letter goes back to central, and why.
func (s *Station) Released(ctx context.Context, job string, why FaultCode) error {
	return s.enter(ctx, journal.Access{Action: journal.ActionRelease, Object: job, Reason: string(why)}, journal.OutcomeDone)
}

// EndClaim says that every job of a claim is here.
func (s *Station) EndClaim(ctx context.Context, id string) error {
	if err := s.cfg.Store.FinishClaim(ctx, id); err != nil {
		return fault(err)
	}
	return s.refresh(ctx)
}

// Leases are the claims that must not run out: letters of theirs are here.
func (s *Station) Leases(ctx context.Context) ([]store.Claim, error) {
	c, err := s.cfg.Store.OpenClaims(ctx)
	return c, fault(err)
}

// Lost are the letters that can't be opened here any more, and that nobody has on
// paper: central may lease them anew.
func (s *Station) Lost(ctx context.Context) ([]store.LostLetter, error) {
	lost, err := s.cfg.Store.Lost(ctx, string(LeaseLost), s.cfg.Now())
	return lost, fault(err)
}

// GaveBack says that central has a claim's lost letters again.
func (s *Station) GaveBack(ctx context.Context, claim string) error {
	return fault(s.cfg.Store.Renewed(ctx, claim, time.Time{}))
}

// Renewed keeps a lease's new end.
func (s *Station) Renewed(ctx context.Context, claim string, until time.Time) error {
	return fault(s.cfg.Store.Renewed(ctx, claim, until))
}

// Kept says which letters of a claim central still has for us. Those that are
// not begun and not among them were cancelled or leased to another: they are
// held, before they are printed for nothing, or tried again.
func (s *Station) Kept(ctx context.Context, claim string, kept []string) error {
	jobs, err := s.cfg.Store.JobsIn(ctx, store.Ready, store.Held)
	if err != nil {
		return fault(err)
	}
	for _, j := range jobs {
		if j.Claim != claim || slices.Contains(kept, j.ID) || j.State == store.Held && !CanRetry(shown(j)) && !CanOverride(shown(j)) {
			continue
		}
		err := s.move(ctx, store.Move{Job: j.ID, From: []store.State{j.State}, To: store.Held, Hold: string(LeaseLost)})
		if err != nil && !errors.Is(err, store.ErrState) { // begun meanwhile: central will refuse the attempt
			return err
		}
	}
	return nil
}

func stored(claim string, j wire.Job, storeKey *keys.StoreKey) (store.Job, error) {
	next, err := newAttemptCode()
	if err != nil {
		return store.Job{}, err
	}
	job := store.Job{
		ID: j.ID, Claim: claim, Product: string(j.Product), Duplex: j.Options.Duplex, Colour: j.Options.Colour,
		Envelope: j.Options.Envelope, Pages: j.PaidPages, PaidAt: j.PaidAt, CutOff: j.CutOff,
		WrappedKey: j.WrappedKey, Details: j.Details, NextAttempt: string(next), Proof: j.LegalProof,
	}
	if j.TrackingNumber == "" {
		return job, nil
	}
	if _, err := postal.ParseNumber(j.TrackingNumber); err != nil { // the counter would refuse the piece
		job.Hold = string(TrackingNumber)
		return job, nil //nolint:nilerr // the hold says it
	}
	job.Tracking, err = storeKey.Seal(keys.TrackingNumber(j.ID), []byte(j.TrackingNumber))
	return job, err
}
