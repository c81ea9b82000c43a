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
	"time"

	"espero-soft.com/printroom/sync/wire"
)

// DefaultTimeout bounds a request, its answer included, but for the time that its body takes on a slow
// line; for a document, the time without a byte. The stream of orders has wire.SilenceMax.
const DefaultTimeout = 30 * time.Second

// Config says where central is and who we are.
type Config struct {
	BaseURL string         // "https://host:port", without a path
	Roots   *x509.CertPool // the room authority, and nothing else is trusted

	// Certificate gives the client certificate at each handshake, its PrivateKey a crypto.Signer such as
	// the TPM's. Nil, or a nil answer, shows none: enough for Enrol and Activate.
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
	http    *http.Client
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
	if c.Roots == nil {
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
	client := &Client{base: "https://" + u.Host + "/v1", timeout: c.Timeout, silence: wire.SilenceMax, now: c.Now, own: c.Certificate}
	client.http = &http.Client{
		Transport: client.transport(c.Roots),
		// Central never redirects: whoever does is not central.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return client, nil
}

// Close drops idle connections; the next request shakes hands anew, with the certificate of then.
func (c *Client) Close() { c.http.CloseIdleConnections() }

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

func (c *Client) shown(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
	own, err := c.own()
	if err != nil {
		return nil, fmt.Errorf("%w: ours: %w", ErrCertificate, err)
	}
	if own == nil {
		return &tls.Certificate{}, nil
	}
	if err := c.valid(own); err != nil {
		return nil, err
	}
	return own, nil
}

// valid refuses our own certificate when it is out of time: central would, and a refusal that comes
// from there after the handshake can be lost with its connection.
func (c *Client) valid(own *tls.Certificate) error {
	leaf := own.Leaf
	if leaf == nil {
		if len(own.Certificate) == 0 {
			return fmt.Errorf("%w: ours is empty", ErrCertificate)
		}
		var err error
		if leaf, err = x509.ParseCertificate(own.Certificate[0]); err != nil {
			return fmt.Errorf("%w: ours: %w", ErrCertificate, err)
		}
	}
	if now := c.now(); now.Before(leaf.NotBefore) || now.After(leaf.NotAfter) {
		return fmt.Errorf("%w: ours holds from %s to %s", ErrCertificate,
			leaf.NotBefore.Format(time.RFC3339), leaf.NotAfter.Format(time.RFC3339))
	}
	return nil
}
