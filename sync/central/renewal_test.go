package central

import (
	"context"
	"crypto/x509"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"espero-soft.com/printroom/sync/client"
	"espero-soft.com/printroom/sync/wire"
)

func (s *soft) renew() (wire.Certificates, error) {
	return s.Certificate(context.Background(), wire.CertificateRequest{ID: uuid.NewString()})
}

func TestCertificateRenewal(t *testing.T) {
	const life = 30 * 24 * time.Hour
	r := newRoom(t, func(c *Config) { c.CertificateLife = life })
	ctx := context.Background()
	s := r.enrol("press-1")
	if _, err := s.renew(); !errors.Is(err, wire.ProblemRenewalEarly) || client.Retryable(err) {
		t.Errorf("at once: %v", err)
	}
	r.clock.Add(life*2/3 - 2*time.Hour)
	if _, err := s.renew(); !errors.Is(err, wire.ProblemRenewalEarly) {
		t.Errorf("with more than a third of its life left: %v", err)
	}
	r.clock.Add(3 * time.Hour)
	id := uuid.NewString()
	first, err := s.Certificate(ctx, wire.CertificateRequest{ID: id})
	if err != nil {
		t.Fatal(err)
	}
	again, err := s.Certificate(ctx, wire.CertificateRequest{ID: id})
	if d := cmp.Diff(first, again); err != nil || d != "" {
		t.Errorf("the same request again: %v %s", err, d)
	}
	// The answer was lost with the request's id: no third certificate comes of it.
	if lost, err := s.renew(); err != nil || !cmp.Equal(first, lost) {
		t.Errorf("after a lost answer: %v", err)
	}
	if _, err := s.Staff(ctx); err != nil {
		t.Errorf("the former certificate, as long as it holds: %v", err)
	}
	leaf, err := x509.ParseCertificate(first.Certificates[0])
	if err != nil || !s.tls.PublicKey.Equal(leaf.PublicKey) || leaf.Subject.CommonName != "press-1" || leaf.NotAfter.Before(r.clock.Now().Add(life-time.Hour)) {
		t.Errorf("%+v %v", leaf.Subject, err)
	}
	former := *s
	r.show(s, first.Certificates)
	if _, err := s.renew(); !errors.Is(err, wire.ProblemRenewalEarly) {
		t.Errorf("the new one at once: %v", err)
	}
	r.clock.Add(life / 2)
	if _, err := s.Staff(ctx); err != nil {
		t.Errorf("the new one, after the former's end: %v", err)
	}
	if _, err := former.Staff(ctx); !errors.Is(err, wire.ProblemForbidden) && !errors.Is(err, client.ErrCertificate) {
		t.Errorf("the former one after its end: %v", err)
	}
}

// TestRenewalForAnotherAuthority: a fresh certificate of a former authority is due at once.
func TestRenewalForAnotherAuthority(t *testing.T) {
	r := newRoom(t, nil)
	ctx := context.Background()
	s := r.enrol("press-1")
	if _, err := r.NextAuthority(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.renew(); !errors.Is(err, wire.ProblemRenewalEarly) {
		t.Errorf("while the next one only is announced: %v", err)
	}
	former := r.Authority()
	r.check(r.UseNextAuthority())
	renewed, err := s.renew()
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(renewed.Certificates[0])
	if err != nil || leaf.CheckSignatureFrom(r.Authority()) != nil {
		t.Errorf("not by the authority that signs now: %v", err)
	}
	r.check(r.DropAuthority(wire.AuthorityID(former)))
	r.show(s, renewed.Certificates)
	if _, err := s.Staff(ctx); err != nil {
		t.Errorf("once the former authority is gone: %v", err)
	}
}

// TestRenewalIsForTheEnrolment: a station that enrolled anew has nothing of its former certificate's.
func TestRenewalIsForTheEnrolment(t *testing.T) {
	r := newRoom(t, nil)
	before := r.enrol("press-1")
	r.clock.Add(300 * 24 * time.Hour)
	after := r.enrol("press-1")
	if _, err := before.renew(); !errors.Is(err, wire.ProblemForbidden) {
		t.Errorf("the former certificate: %v", err)
	}
	if _, err := after.renew(); !errors.Is(err, wire.ProblemRenewalEarly) {
		t.Errorf("the new one: %v", err)
	}
}
