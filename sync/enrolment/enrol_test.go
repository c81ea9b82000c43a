package enrolment

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"espero-soft.com/printroom/sync/central"
	"espero-soft.com/printroom/sync/client"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/keys"
	"espero-soft.com/printroom/vault/memory"
	"espero-soft.com/printroom/vault/tpm"
	"espero-soft.com/printroom/vault/tpm/swtpm"
)

const name, pin = "press-1", "483920"

func noError(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// room is a TPM and a central server that trusts its maker.
type room struct {
	device  *tpm.Device
	central *central.Central
	url     string
}

func newRoom(t testing.TB) *room {
	t.Helper()
	chip, err := swtpm.Start(context.Background(), t.TempDir())
	noError(t, err)
	t.Cleanup(func() { noError(t, chip.Stop()) })
	r := &room{}
	r.device, err = tpm.Open(chip.Endpoint())
	noError(t, err)
	t.Cleanup(func() { noError(t, r.device.Close()) })
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(chip.CA()) {
		t.Fatal("the TPM's maker has no certificate")
	}
	r.central, err = central.New(context.Background(), central.Config{Dir: t.TempDir(), EKRoots: roots})
	noError(t, err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	noError(t, err)
	r.url = "https://" + l.Addr().String()
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- r.central.Serve(ctx, l) }()
	t.Cleanup(func() {
		stop()
		noError(t, <-served)
		noError(t, r.central.Close())
	})
	return r
}

// client is one that trusts the room's authority, with a certificate or none.
func (r *room) client(t testing.TB, own *tls.Certificate) *client.Client {
	t.Helper()
	roots := x509.NewCertPool()
	roots.AddCert(r.central.Authority())
	c, err := client.New(client.Config{
		BaseURL: r.url, Roots: roots, Timeout: 10 * time.Second,
		Certificate: func() (*tls.Certificate, error) { return own, nil },
	})
	noError(t, err)
	t.Cleanup(c.Close)
	return c
}

func held(t testing.TB) *memory.Buffer {
	t.Helper()
	b, err := memory.New(len(pin))
	noError(t, err)
	t.Cleanup(b.Destroy)
	copy(b.Bytes(), pin)
	return b
}

func (r *room) enrol(t testing.TB, c Central, authority *x509.Certificate) (Identity, error) {
	t.Helper()
	token, err := r.central.Token(context.Background(), name)
	noError(t, err)
	return Enrol(context.Background(), c, r.device, authority, token, held(t))
}

// sample is an identity that an enrolment gave, kept in testdata.
func sample(t testing.TB) Identity {
	t.Helper()
	id, err := Load("testdata")
	noError(t, err)
	return id
}

// TestEnrol proves a TPM's keys to central and works with what it got.
func TestEnrol(t *testing.T) {
	r, dir := newRoom(t), t.TempDir()
	id, err := r.enrol(t, r.client(t, nil), r.central.Authority())
	noError(t, err)
	noError(t, id.Save(dir))
	have, err := Load(dir)
	noError(t, err)
	if d := cmp.Diff(id, have); d != "" {
		t.Error(d)
	}
	if id.Station != name || id.Witness != r.central.Witness() || id.Log != "bjet24.example/room/"+name {
		t.Errorf("station %q, witness %q, log %q", id.Station, id.Witness, id.Log)
	}
	loaded, err := r.device.Load(have.Keys)
	noError(t, err)
	store, err := keys.OpenStoreKey(loaded.Doc(held(t)), name, have.StoreKey)
	noError(t, err)
	store.Destroy()
	certificate := &tls.Certificate{Certificate: have.Certificates, PrivateKey: loaded.TLS()}
	if _, err := r.client(t, certificate).Staff(context.Background()); err != nil {
		t.Errorf("central does not know the station: %v", err)
	}
}

// TestOtherAuthority: who answers is not whom the configuration names. It is
// told as a certificate's fault, and nothing is kept.
func TestOtherAuthority(t *testing.T) {
	r := newRoom(t)
	other, err := central.New(context.Background(), central.Config{Dir: t.TempDir()})
	noError(t, err)
	defer func() { noError(t, other.Close()) }()
	id, err := r.enrol(t, r.client(t, nil), other.Authority())
	if !errors.Is(err, ErrAuthority) || !errors.Is(err, client.ErrCertificate) || !cmp.Equal(Identity{}, id) {
		t.Errorf("got %v, want ErrAuthority and no identity", err)
	}
	garbled := altered{r.client(t, nil), func(a *wire.Activation) { a.Authority = a.Authority[1:] }}
	if _, err := r.enrol(t, garbled, r.central.Authority()); !errors.Is(err, ErrAuthority) {
		t.Errorf("an authority that is no certificate: %v", err)
	}
}

// altered is central with another answer to the activation.
type altered struct {
	Central
	change func(*wire.Activation)
}

func (c altered) Activate(ctx context.Context, id wire.UUID, r wire.ActivationRequest) (wire.Activation, error) {
	a, err := c.Central.Activate(ctx, id, r)
	c.change(&a)
	return a, err
}

func TestTokenWorksOnce(t *testing.T) {
	r := newRoom(t)
	token, err := r.central.Token(context.Background(), name)
	noError(t, err)
	c := r.client(t, nil)
	_, err = Enrol(context.Background(), c, r.device, r.central.Authority(), token, held(t))
	noError(t, err)
	for _, used := range []string{token, token + "x", "", "no token"} {
		id, err := Enrol(context.Background(), c, r.device, r.central.Authority(), used, held(t))
		if !errors.Is(err, wire.ProblemTokenRefused) && !errors.Is(err, wire.ProblemBadRequest) || !cmp.Equal(Identity{}, id) {
			t.Errorf("token %q: %v", used, err)
		}
	}
}

// failing is central that does not answer one of the two requests.
type failing struct {
	Central
	enrol, activate error
}

func (c failing) Enrol(ctx context.Context, r wire.EnrolmentRequest) (wire.Enrolment, error) {
	if c.enrol != nil {
		return wire.Enrolment{}, c.enrol
	}
	return c.Central.Enrol(ctx, r)
}

func (c failing) Activate(context.Context, wire.UUID, wire.ActivationRequest) (wire.Activation, error) {
	return wire.Activation{}, c.activate
}

func TestCentralFails(t *testing.T) {
	r := newRoom(t)
	away := fmt.Errorf("%w: no route", client.ErrUnreachable)
	for _, c := range []failing{{enrol: away}, {Central: r.client(t, nil), activate: away}} {
		if id, err := r.enrol(t, c, r.central.Authority()); !errors.Is(err, client.ErrUnreachable) || !cmp.Equal(Identity{}, id) {
			t.Errorf("got %v, want central's error and no identity", err)
		}
	}
}
