// Package client speaks to the central server: one method a request, mutual TLS 1.3, bounded answers and
// typed errors. It never repeats a request by itself; every write is idempotent under its id, so that
// whoever owns the loop may send it again, unchanged, when Retryable says so.
package client

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"espero-soft.com/printroom/sync/wire"
)

// DefaultTimeout bounds a request, its answer included, but for the time that its body takes on a slow
// line; for a document, the time without a byte. The stream of orders has wire.SilenceMax.
const DefaultTimeout = 30 * time.Second

// Config says where central is and who we are.
type Config struct {
	BaseURL string // "https://host:port", without a path

	// Authorities are the room authorities of then, and nothing else is trusted: see Fixed. It is asked
	// before each request, so that a room that replaces its authority loses no station.
	Authorities func() []*x509.Certificate

	// Certificate gives the client certificate of then, its PrivateKey a crypto.Signer such as the TPM's.
	// It is asked before each request and at each handshake. Nil, or a nil answer, shows none: enough for
	// Trust, Enrol and Activate.
	Certificate func() (*tls.Certificate, error)

	Timeout time.Duration    // DefaultTimeout when zero
	Now     func() time.Time // time.Now when nil; judges certificates
}

// Client is safe for concurrent use.
type Client struct {
	base    string
	timeout time.Duration
	silence time.Duration // on the stream of orders
	now     func() time.Time
	own     func() (*tls.Certificate, error)
	trusted func() []*x509.Certificate

	mu   sync.Mutex   // guards what follows
	with identities   // what the line below was made for
	line *http.Client // nil before the first request
}

// New checks the configuration; it does not connect.
func New(c Config) (*Client, error) {
	u, err := url.Parse(c.BaseURL)
	if err != nil {
		return nil, fmt.Errorf("central's address: %w", err)
	}
	if u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || (u.Path != "" && u.Path != "/") {
		return nil, fmt.Errorf("central's address %q is not https://host:port", c.BaseURL)
	}
	if c.Authorities == nil {
		return nil, errors.New("no room authority to trust")
	}
	if c.Timeout <= 0 {
		c.Timeout = DefaultTimeout
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Certificate == nil {
		c.Certificate = func() (*tls.Certificate, error) { return nil, nil }
	}
	return &Client{
		base: "https://" + u.Host + "/v1", timeout: c.Timeout, silence: wire.SilenceMax, now: c.Now,
		own: c.Certificate, trusted: c.Authorities,
	}, nil
}

// Fixed are authorities that never change.
func Fixed(authorities ...*x509.Certificate) func() []*x509.Certificate {
	return func() []*x509.Certificate { return authorities }
}

func (c *Client) transport(roots *x509.CertPool) *http.Transport {
	return &http.Transport{
		Proxy:       nil, // letters and keys go to central, whatever the environment says
		DialContext: (&net.Dialer{Timeout: c.timeout, KeepAlive: 15 * time.Second}).DialContext,
		TLSClientConfig: &tls.Config{
			MinVersion:           tls.VersionTLS13,
			RootCAs:              roots,
			Time:                 c.now,
			GetClientCertificate: c.shown,
			// Resumption spares the TPM a signature of a quarter of a second a connection.
			ClientSessionCache: tls.NewLRUClientSessionCache(4),
		},
		TLSHandshakeTimeout:    c.timeout,
		ResponseHeaderTimeout:  c.timeout,
		MaxResponseHeaderBytes: 64 << 10,
		MaxConnsPerHost:        8,
		MaxIdleConnsPerHost:    8,
		IdleConnTimeout:        60 * time.Second,
		DisableCompression:     true,
	}
}
