package central

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"espero-soft.com/printroom/sync/client"
	"espero-soft.com/printroom/sync/wire"
)

func TestWithoutClientCertificate(t *testing.T) {
	r := newRoom(t, nil)
	ctx := context.Background()
	open := r.client(nil)
	if _, err := open.Staff(ctx); !errors.Is(err, wire.ProblemCertificateRequired) || client.Retryable(err) {
		t.Errorf("staff: %v", err)
	}
	for _, op := range r.operations() {
		path := strings.Replace(op.path, "{id}", "00000000-0000-4000-8000-000000000000", 1)
		req, err := http.NewRequestWithContext(ctx, op.method, r.url+path, strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		plain := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: r.roots(), Time: r.clock.Now}}}
		resp, err := plain.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		p := wire.DecodeProblem(resp.Body, resp.StatusCode)
		if err := resp.Body.Close(); err != nil {
			t.Error(err)
		}
		plain.CloseIdleConnections()
		if want := !op.open; (p.Type == wire.ProblemCertificateRequired) != want {
			t.Errorf("%s: %v", op.name, p)
		}
	}
}

func TestWrongAuthority(t *testing.T) {
	r, other := newRoom(t, nil), newRoom(t, nil)
	ctx := context.Background()
	stranger := other.enrol("press-1")
	r.enrol("press-1")
	// Central's certificate is another authority's.
	c, err := client.New(client.Config{BaseURL: r.url, Authorities: other.Authorities, Now: r.clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Staff(ctx); !errors.Is(err, client.ErrCertificate) || client.Retryable(err) {
		t.Errorf("central of another room: %v", err)
	}
	// Ours is another authority's: TLS refuses; the alert may be lost with the connection.
	if _, err := r.client(stranger.certificate).Staff(ctx); !errors.Is(err, client.ErrCertificate) && !errors.Is(err, client.ErrUnreachable) {
		t.Errorf("station of another room: %v", err)
	}
}

func TestExpiredCertificates(t *testing.T) {
	r := newRoom(t, func(c *Config) { c.CertificateLife = 24 * time.Hour })
	ctx := context.Background()
	s := r.enrol("press-1")
	if _, err := s.Staff(ctx); err != nil {
		t.Fatal(err)
	}
	r.clock.Add(25 * time.Hour)
	// On the connection that is still open, central judges; on a new one, our side does already.
	if _, err := s.Staff(ctx); !errors.Is(err, wire.ProblemForbidden) {
		t.Errorf("on the open connection: %v", err)
	}
	s.Close()
	if _, err := s.Staff(ctx); !errors.Is(err, client.ErrCertificate) || client.Retryable(err) {
		t.Errorf("on a new connection: %v", err)
	}
	// Central refuses it as well, whoever shows it.
	bold := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{
		RootCAs: r.roots(), Time: r.clock.Now, Certificates: []tls.Certificate{*s.certificate},
	}}}
	if resp, err := bold.Get(r.url + "/v1/staff"); err == nil {
		t.Errorf("an expired certificate was answered with %d", resp.StatusCode)
	}
	// A server certificate that is out of time for us.
	late, err := client.New(client.Config{BaseURL: r.url, Authorities: r.Authorities, Now: func() time.Time { return r.clock.Now().Add(60 * 24 * time.Hour) }})
	if err != nil {
		t.Fatal(err)
	}
	defer late.Close()
	if _, err := late.Staff(ctx); !errors.Is(err, client.ErrCertificate) {
		t.Errorf("central's certificate out of time: %v", err)
	}
	// Central's own is made anew in time.
	r.clock.Add(29 * 24 * time.Hour)
	if _, err := r.client(nil).Staff(ctx); !errors.Is(err, wire.ProblemCertificateRequired) {
		t.Errorf("after 29 days: %v", err)
	}
}

func TestOldTLSAndPlainHTTP(t *testing.T) {
	r := newRoom(t, nil)
	old, err := tls.Dial("tcp", strings.TrimPrefix(r.url, "https://"), &tls.Config{RootCAs: r.roots(), Time: r.clock.Now, MaxVersion: tls.VersionTLS12})
	if err == nil {
		t.Errorf("central speaks %x", old.ConnectionState().Version)
	}
	for name, server := range map[string]*httptest.Server{
		"plain HTTP": httptest.NewServer(http.NotFoundHandler()),
		"TLS 1.2":    tls12(),
	} {
		defer server.Close()
		trusted := client.Fixed()
		if server.Certificate() != nil {
			trusted = client.Fixed(server.Certificate())
		}
		url := "https://" + server.Listener.Addr().String()
		c, err := client.New(client.Config{BaseURL: url, Authorities: trusted, Timeout: 5 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if _, err := c.Staff(context.Background()); !errors.Is(err, client.ErrCertificate) {
			t.Errorf("%s: %v", name, err)
		}
	}
	resp, err := http.Get(strings.Replace(r.url, "https", "http", 1) + "/v1/staff")
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != 400 || strings.Contains(string(body), "staff") {
		t.Errorf("central over plain HTTP: %d %s %v", resp.StatusCode, body, err)
	}
	if err := resp.Body.Close(); err != nil {
		t.Error(err)
	}
}

func tls12() *httptest.Server {
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.TLS = &tls.Config{MaxVersion: tls.VersionTLS12}
	s.StartTLS()
	return s
}

// TestListenerBreaks: Serve leaves no connection behind when it ends before it is asked to.
func TestListenerBreaks(t *testing.T) {
	r := newRoom(t, nil)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- r.Serve(context.Background(), l) }()
	conn, err := tls.Dial("tcp", l.Addr().String(), &tls.Config{RootCAs: r.roots(), Time: r.clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-served; err == nil {
		t.Error("Serve ended well without its listener")
	}
	if err := conn.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	var timeout net.Error
	if _, err := conn.Read(make([]byte, 1)); errors.As(err, &timeout) && timeout.Timeout() {
		t.Error("a connection is still open")
	}
}
