package client

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"time"
)

// identities says who trusts whom on a line: digests of the room authorities and of our certificate.
type identities struct{ authorities, own [sha256.Size]byte }

// current is the line for the authorities and the certificate of now. When one of them changes, requests
// that are under way end on the former line, and it is used no more: neither its connections nor its TLS
// sessions, which would go on with what was shown when they began.
func (c *Client) current() *http.Client {
	authorities := c.trusted()
	own, err := c.own()
	c.mu.Lock()
	defer c.mu.Unlock()
	now := identities{authorities: digestOf(authorities), own: c.with.own}
	if err == nil { // else a connection that is open is as good as it was, and a new one tells of the error
		now.own = digestOfOwn(own)
	}
	if c.line != nil && now == c.with {
		return c.line
	}
	if c.line != nil {
		c.line.CloseIdleConnections()
	}
	roots := x509.NewCertPool()
	for _, a := range authorities {
		roots.AddCert(a)
	}
	c.with = now
	c.line = &http.Client{
		Transport: c.transport(roots),
		// Central never redirects: whoever does is not central.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return c.line
}

// Close drops idle connections; the next request shakes hands anew.
func (c *Client) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.line != nil {
		c.line.CloseIdleConnections()
	}
}

func digestOf(certificates []*x509.Certificate) [sha256.Size]byte {
	h := sha256.New()
	for _, c := range certificates {
		one := sha256.Sum256(c.Raw)
		h.Write(one[:])
	}
	return [sha256.Size]byte(h.Sum(nil))
}

func digestOfOwn(own *tls.Certificate) (none [sha256.Size]byte) {
	if own == nil || len(own.Certificate) == 0 {
		return none
	}
	return sha256.Sum256(own.Certificate[0])
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
