package client

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"espero-soft.com/printroom/sync/wire"
)

// maker is a room authority.
type maker struct {
	key         *ecdsa.PrivateKey
	certificate *x509.Certificate
}

func newMaker(t *testing.T, name string) maker {
	t.Helper()
	m := maker{}
	made := m.leaf(t, name, &x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign})
	return maker{made.PrivateKey.(*ecdsa.PrivateKey), made.Leaf}
}

// leaf makes a certificate, its own authority where there is none yet.
func (m maker) leaf(t *testing.T, name string, template *x509.Certificate) *tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template.SerialNumber, template.Subject = big.NewInt(time.Now().UnixNano()), pkix.Name{CommonName: name}
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	parent, by := m.certificate, m.key
	if parent == nil {
		parent, by = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, by)
	if err != nil {
		t.Fatal(err)
	}
	read, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: read}
}

func (m maker) server(t *testing.T) *tls.Certificate {
	return m.leaf(t, "central", &x509.Certificate{IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}})
}

// turning is a server whose certificate changes, and which says whose request it was.
func turning(t *testing.T, first *tls.Certificate) (url string, use func(*tls.Certificate)) {
	t.Helper()
	var now atomic.Pointer[tls.Certificate]
	now.Store(first)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := "nobody"
		if len(r.TLS.PeerCertificates) > 0 {
			name = r.TLS.PeerCertificates[0].Subject.CommonName
		}
		says(200, `{"staff":"`+name+`"}`)(w, r)
	}))
	server.TLS = &tls.Config{GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
		return &tls.Config{MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{*now.Load()}, ClientAuth: tls.RequestClientCert}, nil
	}}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL, now.Store
}

// TestAuthorityIsReplaced: what is trusted changes while the client runs, in both directions at once.
func TestAuthorityIsReplaced(t *testing.T) {
	former, next := newMaker(t, "former"), newMaker(t, "next")
	byFormer, byNext := former.server(t), next.server(t)
	url, use := turning(t, byFormer)
	trusted := []*x509.Certificate{former.certificate}
	c, err := New(Config{BaseURL: url, Timeout: 5 * time.Second, Authorities: func() []*x509.Certificate { return trusted }})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for i, step := range []struct {
		server  *tls.Certificate
		trusted []*x509.Certificate
		want    error
	}{
		{byFormer, []*x509.Certificate{former.certificate}, nil},
		{byFormer, []*x509.Certificate{former.certificate, next.certificate}, nil},
		{byNext, []*x509.Certificate{former.certificate, next.certificate}, nil},
		{byNext, []*x509.Certificate{next.certificate}, nil},
		{byNext, []*x509.Certificate{former.certificate}, ErrCertificate}, // though a connection was open, and a session known
		{byNext, nil, ErrCertificate},
		{byNext, []*x509.Certificate{next.certificate}, nil},
		{byFormer, []*x509.Certificate{next.certificate}, nil}, // nothing changed for us: the connection goes on
	} {
		use(step.server)
		trusted = step.trusted
		if _, err := c.Staff(t.Context()); !errors.Is(err, step.want) {
			t.Errorf("step %d: %v", i, err)
		}
	}
}

// TestCertificateIsRenewed: the request after a renewal shows the new certificate, on a new connection and
// not in a session that was begun with the former.
func TestCertificateIsRenewed(t *testing.T) {
	room := newMaker(t, "room")
	url, _ := turning(t, room.server(t))
	var own *tls.Certificate
	var fault error
	c, err := New(Config{
		BaseURL: url, Timeout: 5 * time.Second, Authorities: Fixed(room.certificate),
		Certificate: func() (*tls.Certificate, error) { return own, fault },
	})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	station := func(name string) *tls.Certificate {
		return room.leaf(t, name, &x509.Certificate{ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	}
	first, second := station("first"), station("second")
	for _, step := range []struct {
		own  *tls.Certificate
		want string
	}{{nil, "nobody"}, {first, "first"}, {first, "first"}, {second, "second"}, {nil, "nobody"}} {
		own = step.own
		for range 2 {
			if signed, err := c.Staff(t.Context()); err != nil || signed.Staff != step.want {
				t.Errorf("%q was shown, not %q: %v", signed.Staff, step.want, err)
			}
		}
	}
	// A TPM that fails for a moment breaks no connection that is open.
	own, fault = first, nil
	if _, err := c.Staff(t.Context()); err != nil {
		t.Fatal(err)
	}
	fault = errors.New("no TPM")
	if signed, err := c.Staff(t.Context()); err != nil || signed.Staff != "first" {
		t.Errorf("%q on the open connection: %v", signed.Staff, err)
	}
	fresh, err := New(Config{BaseURL: url, Timeout: 5 * time.Second, Authorities: Fixed(room.certificate), Certificate: c.own})
	if err != nil {
		t.Fatal(err)
	}
	defer fresh.Close()
	if _, err := fresh.Staff(t.Context()); !errors.Is(err, ErrCertificate) || !errors.Is(err, fault) {
		t.Errorf("on a first connection: %v", err)
	}
}

// TestKeyAnswers: what central must say and does not is noticed.
func TestKeyAnswers(t *testing.T) {
	for name, ask := range map[string]func(*Client) error{
		"enrol":    func(c *Client) error { _, err := c.Enrol(t.Context(), wire.EnrolmentRequest{ID: id}); return err },
		"activate": func(c *Client) error { _, err := c.Activate(t.Context(), id, wire.ActivationRequest{}); return err },
		"certificate": func(c *Client) error {
			_, err := c.Certificate(t.Context(), wire.CertificateRequest{ID: id})
			return err
		},
		"grant": func(c *Client) error { _, err := c.GrantPIN(t.Context(), wire.PINGrantRequest{ID: id}); return err },
	} {
		c := against(t, time.Second, says(200, `{"id":"`+id+`"}`))
		if err := ask(c); !errors.Is(err, ErrAnswer) || !Retryable(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	revoked := against(t, time.Second, says(403, `{"type":"urn:bjet24:problem:station-revoked","title":"t","status":403}`))
	if _, err := revoked.Claim(t.Context(), wire.ClaimRequest{ID: id, Max: 1}); !errors.Is(err, wire.ProblemStationRevoked) || Retryable(err) {
		t.Errorf("revoked: %v", err)
	}
	tries := against(t, time.Second, says(429, `{"type":"urn:bjet24:problem:too-many-tries","title":"t","status":429}`))
	if _, err := tries.GrantPIN(t.Context(), wire.PINGrantRequest{ID: id}); !errors.Is(err, wire.ProblemTooManyTries) || !Retryable(err) {
		t.Errorf("too many tries: %v", err)
	}
}
