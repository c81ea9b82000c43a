package enrolment

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"espero-soft.com/printroom/sync/central"
	"espero-soft.com/printroom/sync/client"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/tpm"
	"espero-soft.com/printroom/vault/tpm/swtpm"
)

const name = "press-1"

func noError(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// room is a TPM and a central server that trusts its maker.
type room struct {
	chip    *swtpm.TPM
	device  *tpm.Device
	dir     string // central's
	central *central.Central
	url     string
	late    atomic.Int64 // how far the room's clock is ahead, in nanoseconds
}

func (r *room) now() time.Time { return time.Now().Add(time.Duration(r.late.Load())) }

func startTPM(t testing.TB) *swtpm.TPM {
	t.Helper()
	chip, err := swtpm.Start(context.Background(), t.TempDir())
	noError(t, err)
	t.Cleanup(func() { noError(t, chip.Stop()) })
	return chip
}

func open(t testing.TB, chip *swtpm.TPM) *tpm.Device {
	t.Helper()
	d, err := tpm.Open(chip.Endpoint())
	noError(t, err)
	t.Cleanup(func() { noError(t, d.Close()) })
	return d
}

// newRoom has a central server that trusts the makers of other TPMs too.
func newRoom(t testing.TB, others ...*swtpm.TPM) *room {
	t.Helper()
	r := &room{chip: startTPM(t), dir: t.TempDir()}
	r.device = open(t, r.chip)
	roots := x509.NewCertPool()
	for _, chip := range append(others, r.chip) {
		if !roots.AppendCertsFromPEM(chip.CA()) {
			t.Fatal("the TPM's maker has no certificate")
		}
	}
	var err error
	r.central, err = central.New(context.Background(), central.Config{Dir: r.dir, EKRoots: roots, Now: r.now})
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
	c, err := client.New(client.Config{
		BaseURL: r.url, Authorities: client.Fixed(r.central.Authority()), Timeout: 10 * time.Second,
		Certificate: func() (*tls.Certificate, error) { return own, nil }, Now: r.now,
	})
	noError(t, err)
	t.Cleanup(c.Close)
	return c
}

func (r *room) token(t testing.TB, station string) string {
	t.Helper()
	token, err := r.central.Token(context.Background(), station)
	noError(t, err)
	return token
}

func (r *room) enrol(t testing.TB, c Central, authority *x509.Certificate) (Identity, error) {
	t.Helper()
	return Enrol(context.Background(), c, r.device, authority, r.token(t, name))
}

// enrolled is a station whose identity is kept in a new data folder.
func (r *room) enrolled(t testing.TB) (Identity, string) {
	t.Helper()
	dir := t.TempDir()
	id, err := r.enrol(t, r.client(t, nil), r.central.Authority())
	noError(t, err)
	noError(t, id.Save(dir))
	return id, dir
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
	if id.Station != name || id.Log != "bjet24.example/room/"+name || len(id.Predecessors) != 0 || len(id.Last) != 0 {
		t.Errorf("station %q, log %q, %d predecessors", id.Station, id.Log, len(id.Predecessors))
	}
	if trust, err := id.Trust.Open([]*x509.Certificate{r.central.Authority()}); err != nil || trust.Witnesses[0] != r.central.Witness() {
		t.Errorf("witness %q, %v", trust.Witnesses, err)
	}
	loaded, err := r.device.Load(have.Keys)
	noError(t, err)
	certificate := &tls.Certificate{Certificate: have.Certificates, PrivateKey: loaded.TLS()}
	if _, err := r.client(t, certificate).Staff(context.Background()); err != nil {
		t.Errorf("central does not know the station: %v", err)
	}
}

// TestOtherAuthority: who answers is not whom the configuration names. It is
// told as a certificate's fault, before anything is made and the token is shown.
func TestOtherAuthority(t *testing.T) {
	r := newRoom(t)
	other, err := central.New(context.Background(), central.Config{Dir: t.TempDir()})
	noError(t, err)
	defer func() { noError(t, other.Close()) }()
	before, token := r.device.Operations().Creations, r.token(t, name)
	id, err := Enrol(context.Background(), r.client(t, nil), r.device, other.Authority(), token)
	if !errors.Is(err, ErrAuthority) || !errors.Is(err, client.ErrCertificate) || !cmp.Equal(Identity{}, id) {
		t.Errorf("got %v, want ErrAuthority and no identity", err)
	}
	if made := r.device.Operations().Creations - before; made != 0 {
		t.Errorf("%d keys were made for a stranger", made)
	}
	if _, err := Enrol(context.Background(), r.client(t, nil), r.device, r.central.Authority(), token); err != nil {
		t.Errorf("the token was used up: %v", err)
	}
}

// TestOtherAnswers: what central gives at the end does not fit what its
// authority signed at the beginning.
func TestOtherAnswers(t *testing.T) {
	r := newRoom(t)
	stranger, err := central.New(context.Background(), central.Config{Dir: t.TempDir()})
	noError(t, err)
	defer func() { noError(t, stranger.Close()) }()
	for what, c := range map[string]struct {
		change func(*wire.Activation)
		want   error
	}{
		"another authority":     {func(a *wire.Activation) { a.Authority = stranger.Authority().Raw }, ErrAuthority},
		"no authority's":        {func(a *wire.Activation) { a.Authority = a.Authority[1:] }, ErrAuthority},
		"another witness":       {func(a *wire.Activation) { a.Witness = stranger.Witness() }, ErrAuthority},
		"another station":       {func(a *wire.Activation) { a.Station = "press-2" }, ErrCertificates},
		"the authority's own":   {func(a *wire.Activation) { a.Certificates = [][]byte{r.central.Authority().Raw} }, ErrCertificates},
		"none":                  {func(a *wire.Activation) { a.Certificates = nil }, ErrCertificates},
		"a broken certificate":  {func(a *wire.Activation) { a.Certificates[0] = a.Certificates[0][1:] }, ErrCertificates},
		"a broken intermediate": {func(a *wire.Activation) { a.Certificates[1] = []byte("x") }, ErrCertificates},
	} {
		if id, err := r.enrol(t, altered{r.client(t, nil), c.change}, r.central.Authority()); !errors.Is(err, c.want) || !cmp.Equal(Identity{}, id) {
			t.Errorf("%s: %v", what, err)
		}
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
	_, err = Enrol(context.Background(), c, r.device, r.central.Authority(), token)
	noError(t, err)
	for _, used := range []string{token, token + "x", "", "no token"} {
		id, err := Enrol(context.Background(), c, r.device, r.central.Authority(), used)
		if !errors.Is(err, wire.ProblemTokenRefused) && !errors.Is(err, wire.ProblemBadRequest) || !cmp.Equal(Identity{}, id) {
			t.Errorf("token %q: %v", used, err)
		}
	}
}

// failing is central that does not answer one of the requests.
type failing struct {
	Central
	trust, enrol, activate error
}

func (c failing) Trust(ctx context.Context) (wire.SignedTrust, error) {
	if c.trust != nil {
		return wire.SignedTrust{}, c.trust
	}
	return c.Central.Trust(ctx)
}

func (c failing) Enrol(ctx context.Context, r wire.EnrolmentRequest) (wire.Enrolment, error) {
	if c.enrol != nil {
		return wire.Enrolment{}, c.enrol
	}
	return c.Central.Enrol(ctx, r)
}

func (c failing) Activate(ctx context.Context, id wire.UUID, r wire.ActivationRequest) (wire.Activation, error) {
	if c.activate != nil {
		return wire.Activation{}, c.activate
	}
	return c.Central.Activate(ctx, id, r)
}

// failures is a central that is away, at each request.
func failures(c Central) []failing {
	away := fmt.Errorf("%w: no route", client.ErrUnreachable)
	return []failing{{c, away, nil, nil}, {c, nil, away, nil}, {c, nil, nil, away}}
}

func TestCentralFails(t *testing.T) {
	r := newRoom(t)
	for _, c := range failures(r.client(t, nil)) {
		if id, err := r.enrol(t, c, r.central.Authority()); !errors.Is(err, client.ErrUnreachable) || !cmp.Equal(Identity{}, id) {
			t.Errorf("got %v, want central's error and no identity", err)
		}
	}
}

// A TPM that is not there or gives nothing costs no token, and says which.
func TestEnrolWithoutTPM(t *testing.T) {
	r := newRoom(t)
	token := r.token(t, name)
	enrol := func(d *tpm.Device) error {
		_, err := Enrol(context.Background(), r.client(t, nil), d, r.central.Authority(), token)
		return err
	}
	locked := startTPM(t)
	protect(t, locked.Endpoint())
	if err := enrol(open(t, locked)); !errors.Is(err, tpm.ErrHierarchy) {
		t.Errorf("a TPM with a foreign owner: %v", err)
	}
	gone := startTPM(t)
	d := open(t, gone)
	noError(t, gone.Stop())
	if err := enrol(d); !errors.Is(err, tpm.ErrMissing) {
		t.Errorf("a TPM that went: %v", err)
	}
	noError(t, enrol(r.device))
}
