package enrolment

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"espero-soft.com/printroom/sync/client"
	"espero-soft.com/printroom/sync/wire"
)

func hold(t testing.TB, dir string) *Holder {
	t.Helper()
	h, err := Hold(dir)
	noError(t, err)
	return h
}

// live is a client that follows a holder.
func (r *room) live(t testing.TB, h *Holder) *client.Client {
	t.Helper()
	loaded, err := r.device.Load(h.Identity().Keys)
	noError(t, err)
	c, err := client.New(client.Config{
		BaseURL: r.url, Authorities: h.Authorities, Timeout: 10 * time.Second, Now: r.now,
		Certificate: func() (*tls.Certificate, error) { return h.Certificate(loaded.TLS()), nil },
	})
	noError(t, err)
	t.Cleanup(c.Close)
	return c
}

// wantKept compares what is held with what the next start would read.
func wantKept(t testing.TB, h *Holder, dir string) {
	t.Helper()
	id, err := Load(dir)
	noError(t, err)
	if d := cmp.Diff(h.Identity(), id); d != "" {
		t.Errorf("held and kept differ: %s", d)
	}
}

// A room replaces its authority while a station runs: the station follows,
// step by step, and never has to enrol again.
func TestAuthorityIsReplaced(t *testing.T) {
	r := newRoom(t)
	_, dir := r.enrolled(t)
	h := hold(t, dir)
	c := r.live(t, h)
	var told []int64
	h.OnTrust(func(trust wire.Trust) { told = append(told, trust.Revision) })
	first, before := r.central.Authority(), r.central.Trust()
	follow := func(authorities int) {
		t.Helper()
		signed, err := c.Trust(context.Background())
		noError(t, err)
		noError(t, failed(h.UseTrust(signed)))
		if n := len(h.Authorities()); n != authorities {
			t.Errorf("%d authorities are trusted, want %d", n, authorities)
		}
		wantKept(t, h, dir)
		_, err = c.Staff(context.Background())
		noError(t, err)
	}
	follow(1)
	_, err := r.central.NextAuthority()
	noError(t, err)
	follow(2)
	noError(t, r.central.UseNextAuthority())
	follow(2)
	if h.Authorities()[0].Equal(first) {
		t.Error("the former authority still comes first")
	}
	if len(told) != 3 || told[0] >= told[1] || told[1] >= told[2] {
		t.Errorf("told of revisions %d, want three that rise", told)
	}
	// Whoever recorded the former statement can't bring it back.
	if _, err := h.UseTrust(before); !errors.Is(err, ErrOlder) {
		t.Errorf("the former statement: %v", err)
	}
	wantKept(t, h, dir)
}

// What no trusted authority signed changes nothing.
func TestForeignTrust(t *testing.T) {
	r, other := newRoom(t), newRoom(t)
	_, dir := r.enrolled(t)
	h := hold(t, dir)
	h.OnTrust(func(wire.Trust) {})
	cut := r.central.Trust()
	cut.Trust = cut.Trust[:len(cut.Trust)-1] + " }"
	for what, signed := range map[string]wire.SignedTrust{
		"another room's": other.central.Trust(), "nobody's": {Trust: r.central.Trust().Trust}, "a changed one": cut, "none": {},
	} {
		if _, err := h.UseTrust(signed); err == nil {
			t.Errorf("%s was taken", what)
		}
	}
	if _, err := h.UseTrust(other.central.Trust()); !errors.Is(err, ErrAuthority) || !errors.Is(err, client.ErrCertificate) {
		t.Errorf("another room's: %v", err)
	}
	wantKept(t, h, dir)

	// Nor is one taken that can't be kept.
	_, err := r.central.NextAuthority()
	noError(t, err)
	noError(t, os.RemoveAll(dir))
	if _, err := h.UseTrust(r.central.Trust()); err == nil || len(h.Authorities()) != 1 {
		t.Errorf("%v; %d authorities are trusted", err, len(h.Authorities()))
	}
}

// A certificate is renewed while the station runs, for the same key.
func TestCertificateIsRenewed(t *testing.T) {
	r := newRoom(t)
	_, dir := r.enrolled(t)
	h := hold(t, dir)
	c := r.live(t, h)
	r.late.Store(int64(300 * 24 * time.Hour))
	before := h.Identity().Certificates
	renewed, err := c.Certificate(context.Background(), wire.CertificateRequest{ID: uuid.NewString()})
	noError(t, err)
	for _, want := range []bool{true, false} {
		if news, err := h.Renew(renewed); err != nil || news != want {
			t.Errorf("news: %v, %v; want %v", news, err, want)
		}
	}
	wantKept(t, h, dir)
	if cmp.Equal(before, h.Identity().Certificates) {
		t.Error("the certificate is the former one")
	}
	r.late.Store(int64(500 * 24 * time.Hour)) // the former one is out of time
	if _, err := c.Staff(context.Background()); err != nil {
		t.Errorf("with the new certificate: %v", err)
	}
	if _, err := h.Renew(wire.Certificates{Certificates: before}); !errors.Is(err, ErrCertificates) {
		t.Errorf("the former one again: %v", err)
	}
	wantKept(t, h, dir)
}

// A room that gives its certificates a shorter life has them taken all the same:
// what counts is which one is the newer.
func TestCertificatesOfAShorterLife(t *testing.T) {
	r := newRoom(t)
	id, dir := r.enrolled(t)
	h := hold(t, dir)
	text, err := os.ReadFile(filepath.Join(r.dir, "keys", "authority.key"))
	noError(t, err)
	block, _ := pem.Decode(text)
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	noError(t, err)
	leaf, err := x509.ParseCertificate(id.Certificates[0])
	noError(t, err)
	leaf.NotBefore, leaf.NotAfter = leaf.NotBefore.Add(time.Minute), leaf.NotAfter.AddDate(0, -6, 0)
	der, err := x509.CreateCertificate(rand.Reader, leaf, r.central.Authority(), leaf.PublicKey, key)
	noError(t, err)
	noError(t, failed(h.Renew(wire.Certificates{Certificates: [][]byte{der, id.Certificates[1]}})))
	wantKept(t, h, dir)
	if _, err := h.Renew(wire.Certificates{Certificates: id.Certificates}); !errors.Is(err, ErrCertificates) {
		t.Errorf("the former one, which holds longer: %v", err)
	}
}

func TestForeignCertificates(t *testing.T) {
	r := newRoom(t)
	id, dir := r.enrolled(t)
	h := hold(t, dir)
	another, err := r.enrol(t, r.client(t, nil), r.central.Authority())
	noError(t, err)
	for what, certificates := range map[string][][]byte{
		"another key's": another.Certificates, "none": nil, "no certificate": {[]byte("x")},
		"the authority's": {r.central.Authority().Raw}, "a stranger's": {selfSigned(t), id.Certificates[1]},
	} {
		if _, err := h.Renew(wire.Certificates{Certificates: certificates}); !errors.Is(err, ErrCertificates) {
			t.Errorf("%s: %v", what, err)
		}
	}
	wantKept(t, h, dir)
}

func selfSigned(t testing.TB) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	noError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(9, 0, 0),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	noError(t, err)
	return der
}

// Keys under another policy key than the room's would take no PIN.
func TestHoldWantsKeysOfTheRoom(t *testing.T) {
	r, other := newRoom(t), newRoom(t)
	id, dir := r.enrolled(t)
	id.Trust = other.central.Trust()
	noError(t, id.Save(dir))
	if _, err := Hold(dir); !errors.Is(err, ErrPolicyKey) {
		t.Errorf("another room's trust: %v", err)
	}
	if _, err := Hold(filepath.Join(dir, "none")); !errors.Is(err, ErrNotEnrolled) {
		t.Errorf("no folder: %v", err)
	}
}

// Readers see one identity or the other, never a mixture, and only what is kept.
func TestHolderIsReadWhileItChanges(t *testing.T) {
	r := newRoom(t)
	_, dir := r.enrolled(t)
	h := hold(t, dir)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	noError(t, err)
	stop := make(chan struct{})
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				revision := h.Trust().Revision
				kept, err := Load(dir)
				if err != nil {
					t.Error(err)
					return
				}
				if trust, err := wire.DecodeTrust(kept.Trust.Trust); err != nil || trust.Revision < revision {
					t.Errorf("revision %d is held before it is kept: %v", revision, err)
					return
				}
				c := h.Certificate(key)
				if c.Leaf == nil || string(c.Leaf.Raw) != string(c.Certificate[0]) {
					t.Error("a certificate beside another one's content")
					return
				}
			}
		})
	}
	for range 3 {
		_, err := r.central.NextAuthority()
		noError(t, err)
		noError(t, failed(h.UseTrust(r.central.Trust())))
		former := r.central.Authority()
		noError(t, r.central.UseNextAuthority())
		noError(t, failed(h.UseTrust(r.central.Trust())))
		noError(t, r.central.DropAuthority(wire.AuthorityID(former)))
		noError(t, failed(h.UseTrust(r.central.Trust())))
	}
	close(stop)
	readers.Wait()
	wantKept(t, h, dir)
}

// failed leaves out whether it was news.
func failed(_ bool, err error) error { return err }
