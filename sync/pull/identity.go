package pull

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/sync/wire"
)

// Identity is what central gave this station: whom it trusts, and its certificate.
type Identity interface {
	// UseTrust takes what the room trusts from now on, if an authority that was
	// trusted before signed it and it is not older than what is in use. It tells
	// whether it is another than before.
	UseTrust(signed wire.SignedTrust) (news bool, err error)
	// Renew takes a new certificate for the same key, and tells whether it is one.
	Renew(certificates wire.Certificates) (news bool, err error)
}

// identityEvery is how often central is asked whom it trusts, and for a new
// certificate: far more often than either runs out.
const identityEvery = 24 * time.Hour

// identify asks for both when it is time, or when central's answers said so.
func (p *Puller) identify(ctx context.Context) error {
	now := time.Now()
	p.mu.Lock()
	due, asked := !now.Before(p.identifyAt), p.trust < p.trustSaid
	p.mu.Unlock()
	if !due && !asked {
		return nil
	}
	err := p.trusted(ctx)
	if due {
		err = errors.Join(err, p.certified(ctx))
	}
	if due && err == nil {
		p.mu.Lock()
		p.identifyAt = now.Add(identityEvery)
		p.mu.Unlock()
	}
	return err
}

// trusted asks whom the room trusts.
func (p *Puller) trusted(ctx context.Context) error {
	signed, err := p.central.Trust(ctx)
	if old(err) {
		return nil // a central from before the room's authority could change
	}
	if err != nil {
		return err
	}
	if err := p.tell(ctx, station.SetTrust)(p.identity.UseTrust(signed)); err != nil {
		return err
	}
	t, err := wire.DecodeTrust(signed.Trust)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.trust = max(p.trust, t.Revision)
	return nil
}

// certified asks for a new certificate, which central gives when the old one has
// a third of its life left.
func (p *Puller) certified(ctx context.Context) error {
	renewed, err := p.central.Certificate(ctx, wire.CertificateRequest{ID: uuid.NewString()})
	if errors.Is(err, wire.ProblemRenewalEarly) || old(err) {
		return nil
	}
	if err != nil {
		return err
	}
	return p.tell(ctx, station.SetCertificate)(p.identity.Renew(renewed))
}

// tell has the station journal that the identity changed, or was not to be
// changed.
func (p *Puller) tell(ctx context.Context, what string) func(news bool, err error) error {
	return func(news bool, err error) error {
		if news || err != nil {
			err = errors.Join(err, p.station.Configured(ctx, what, err))
		}
		return err
	}
}

// hear takes what a notice says of the list of people and of whom the room trusts,
// and has Run ask for what is news.
func (p *Puller) hear(n wire.Notice) {
	p.mu.Lock()
	p.trustSaid = max(p.trustSaid, n.Trust)
	news := p.trust < p.trustSaid
	p.mu.Unlock()
	if news || n.Staff > p.station.StaffRevision() {
		p.ask()
	}
}

// ask has Run ask for everything now.
func (p *Puller) ask() {
	select {
	case p.news <- struct{}{}:
	default: // it is going to
	}
}
