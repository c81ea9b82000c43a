package central

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"espero-soft.com/printroom/sync/client"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/journal/checkpoint"
)

// believer is a station that believes what it was told of the authorities, and nothing else.
type believer struct {
	*soft
	t     testing.TB
	knows []*x509.Certificate
	trust wire.Trust
}

func (r *room) believer(name string) *believer {
	r.t.Helper()
	b := &believer{soft: r.enrol(name), t: r.t}
	authority, err := x509.ParseCertificate(b.activation.Authority)
	if err != nil {
		r.t.Fatal(err)
	}
	b.knows = []*x509.Certificate{authority}
	b.connect(r, b.activation.Certificates)
	return b
}

func (b *believer) connect(r *room, certificates [][]byte) {
	b.t.Helper()
	b.certificate = &tls.Certificate{Certificate: certificates, PrivateKey: b.tls}
	c, err := client.New(client.Config{
		BaseURL: r.url, Authorities: func() []*x509.Certificate { return b.knows }, Now: r.clock.Now, Timeout: 5 * time.Second,
		Certificate: func() (*tls.Certificate, error) { return b.certificate, nil },
	})
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(c.Close)
	b.Client = c
}

// works makes a request on a new connection.
func (b *believer) works() error {
	b.Close()
	_, err := b.Staff(context.Background())
	return err
}

// learn takes the trust over.
func (b *believer) learn() error {
	signed, err := b.Trust(context.Background())
	if err != nil {
		return err
	}
	trust, err := signed.Open(b.knows)
	if err != nil {
		return err
	}
	if trust.Revision < b.trust.Revision {
		return errors.New("an older trust")
	}
	b.trust = trust
	b.knows, err = trust.Certificates()
	return err
}

func (b *believer) signer(r *room) *x509.Certificate {
	b.t.Helper()
	leaf, err := x509.ParseCertificate(b.certificate.Certificate[0])
	if err != nil {
		b.t.Fatal(err)
	}
	i := slices.IndexFunc(r.Authorities(), func(a *x509.Certificate) bool { return leaf.CheckSignatureFrom(a) == nil })
	if i < 0 {
		return nil
	}
	return r.Authorities()[i]
}

func (b *believer) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func authorityIDs(all []*x509.Certificate) (list []wire.Digest) {
	for _, a := range all {
		list = append(list, wire.AuthorityID(a))
	}
	return list
}

// TestAuthorityIsReplaced: announced, used, the old one dropped. Whoever was there learns of it in time, whoever
// was away for all of the announcement still believes the server and learns then.
func TestAuthorityIsReplaced(t *testing.T) {
	r := newRoom(t, nil)
	ctx := context.Background()
	present, away := r.believer("press-1"), r.believer("press-2")
	first := r.Authority()
	next, err := r.NextAuthority()
	present.must(err)
	if again, err := r.NextAuthority(); err != nil || !again.Equal(next) {
		t.Errorf("announced twice: %v", err)
	}
	present.must(present.learn())
	if diff := cmp.Diff([]wire.Digest{wire.AuthorityID(first), wire.AuthorityID(next)}, authorityIDs(present.knows)); diff != "" || !r.Authority().Equal(first) {
		t.Errorf("announced: %s", diff)
	}
	present.must(r.UseNextAuthority())
	if !r.Authority().Equal(next) {
		t.Fatal("the next authority is not in use")
	}
	for _, b := range []*believer{present, away} {
		b.must(b.works()) // with a certificate of the former authority
		b.must(b.learn())
		if diff := cmp.Diff([]wire.Digest{wire.AuthorityID(next), wire.AuthorityID(first)}, authorityIDs(b.knows)); diff != "" {
			t.Errorf("%s knows %s", b.name, diff)
		}
	}
	left, err := r.AuthorityStations(ctx, wire.AuthorityID(first))
	if diff := cmp.Diff([]wire.StationID{"press-1", "press-2"}, left); diff != "" || err != nil {
		t.Errorf("still of the former: %s %v", diff, err)
	}
	renewed, err := present.Certificate(ctx, wire.CertificateRequest{ID: uuid.NewString()})
	present.must(err)
	present.connect(r, renewed.Certificates)
	if present.must(present.works()); !present.signer(r).Equal(next) {
		t.Error("renewed by another authority")
	}
	signed, err := present.Staff(ctx)
	present.must(err)
	if _, err := signed.Open([]*x509.Certificate{next}, "press-1"); err != nil {
		t.Errorf("staff is not signed by the authority in use: %v", err)
	}
	if left, err = r.AuthorityStations(ctx, wire.AuthorityID(first)); err != nil || !slices.Equal(left, []wire.StationID{"press-2"}) {
		t.Errorf("still of the former: %v %v", left, err)
	}
	present.must(r.DropAuthority(wire.AuthorityID(first)))
	present.must(present.works())
	present.must(present.learn())
	if len(present.knows) != 1 || !present.knows[0].Equal(next) {
		t.Errorf("%d authorities are known", len(present.knows))
	}
	if err := away.works(); err == nil {
		t.Error("a certificate of the dropped authority is accepted")
	}
	if _, err := os.Stat(filepath.Join(r.config.KeyDir, "authority.key")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the dropped key: %v", err)
	}
}

// TestAuthoritiesInARow: a station that was away for two changes of authority comes back.
func TestAuthoritiesInARow(t *testing.T) {
	r := newRoom(t, nil)
	away := r.believer("press-1")
	for range wire.MaxAuthorities - 1 {
		_, err := r.NextAuthority()
		away.must(err)
		away.must(r.UseNextAuthority())
	}
	away.must(away.works())
	if away.must(away.learn()); len(away.knows) != wire.MaxAuthorities {
		t.Errorf("%d authorities are known", len(away.knows))
	}
	if _, err := r.NextAuthority(); !errors.Is(err, ErrRotation) {
		t.Errorf("more than a trust holds: %v", err)
	}
	// The line of certificates is broken in the middle: the rest of it still holds.
	all := r.Authorities()
	away.must(r.DropAuthority(wire.AuthorityID(all[2])))
	away.must(away.works())
	away.knows = all[len(all)-1:]
	if err := away.works(); !errors.Is(err, client.ErrCertificate) {
		t.Errorf("only the first authority is known, and one after it is gone: %v", err)
	}
}

func TestRotationOutOfTurn(t *testing.T) {
	r := newRoom(t, nil)
	before := r.Trust()
	for name, step := range map[string]func() error{
		"use without a next authority": r.UseNextAuthority,
		"use without a next witness":   r.UseNextWitness,
		"drop the current authority":   func() error { return r.DropAuthority(wire.AuthorityID(r.Authority())) },
		"drop an unknown authority":    func() error { return r.DropAuthority("00") },
		"drop the current witness":     func() error { return r.DropWitness(r.Witness()) },
		"drop an unknown witness":      func() error { return r.DropWitness("x") },
	} {
		if err := step(); !errors.Is(err, ErrRotation) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := r.AuthorityStations(context.Background(), "00"); !errors.Is(err, ErrRotation) {
		t.Errorf("stations of an unknown authority: %v", err)
	}
	if after := r.Trust(); after.Trust != before.Trust {
		t.Error("what was refused changed the trust")
	}
	// An announcement can be taken back.
	next, err := r.NextAuthority()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.DropAuthority(wire.AuthorityID(next)); err != nil {
		t.Fatal(err)
	}
	if err := r.UseNextAuthority(); !errors.Is(err, ErrRotation) || len(r.Authorities()) != 1 {
		t.Errorf("after it was taken back: %v", err)
	}
}

// TestWitnessIsReplaced: journals are countersigned with both keys between the announcement and the drop, so
// that a verifier with either key verifies.
func TestWitnessIsReplaced(t *testing.T) {
	r := newRoom(t, nil)
	s := r.believer("press-1")
	l := newLogbook(t, s.soft)
	former := r.Witness()
	sealed := func(vkeys ...string) (good []bool) {
		l.add(r, 1, "job-1")
		if _, err := s.JournalEntries(context.Background(), l.from(1)); err != nil {
			t.Fatal(err)
		}
		note, err := s.JournalCheckpoint(context.Background(), l.note())
		s.must(err)
		for _, vkey := range vkeys {
			_, _, err := checkpoint.OpenCountersigned([]byte(note.Note), l.signer.Vkey(), vkey)
			good = append(good, err == nil)
		}
		return good
	}
	next, err := r.NextWitness()
	s.must(err)
	if again, err := r.NextWitness(); err != nil || again != next {
		t.Errorf("announced twice: %v", err)
	}
	if good := sealed(former, next); !slices.Equal(good, []bool{true, true}) || r.Witness() != former {
		t.Errorf("announced: %v", good)
	}
	s.must(r.UseNextWitness())
	if good := sealed(former, next); !slices.Equal(good, []bool{true, true}) || r.Witness() != next {
		t.Errorf("in use: %v", good)
	}
	s.must(s.learn())
	if diff := cmp.Diff([]string{next, former}, s.trust.Witnesses); diff != "" {
		t.Error(diff)
	}
	s.must(r.DropWitness(former))
	if good := sealed(former, next); !slices.Equal(good, []bool{false, true}) {
		t.Errorf("dropped: %v", good)
	}
	if _, err := os.Stat(filepath.Join(r.config.KeyDir, "witness.key")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the dropped key: %v", err)
	}
	if a := r.enrol("press-2").activation; a.Witness != next {
		t.Errorf("a new station is told of %q", a.Witness)
	}
}

// TestDroppedOnAnOpenConnection: what a dropped authority certified is refused on a connection that is open, too.
func TestDroppedOnAnOpenConnection(t *testing.T) {
	r := newRoom(t, nil)
	s := r.enrol("press-1")
	first := r.Authority()
	_, err := r.NextAuthority()
	r.check(err)
	r.check(r.UseNextAuthority())
	open := r.raw(s)
	staff := func() int {
		resp, err := open.Get(r.url + "/v1/staff")
		r.check(err)
		_, err = io.Copy(io.Discard, resp.Body)
		r.check(errors.Join(err, resp.Body.Close()))
		return resp.StatusCode
	}
	open.Transport.(*http.Transport).TLSClientConfig.RootCAs.AddCert(r.Authority())
	if got := staff(); got != http.StatusOK {
		t.Fatalf("before: %d", got)
	}
	r.check(r.DropAuthority(wire.AuthorityID(first)))
	if got := staff(); got != http.StatusForbidden {
		t.Errorf("afterwards: %d", got)
	}
}
