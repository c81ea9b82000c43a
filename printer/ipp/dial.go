package ipp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

// line is how connections to a printer are made.
type line struct {
	end    endpoint
	config Config
	tls    *tls.Config
	idle   time.Duration // see patientConn
}

func (l line) transport() *http.Transport {
	return &http.Transport{
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			return l.connect(ctx, network, addr)
		},
		DialTLSContext:     l.dialTLS,
		DisableCompression: true,
		WriteBufferSize:    64 << 10,
		IdleConnTimeout:    keepFor,

		MaxResponseHeaderBytes: 64 << 10,
		// An embedded server that offers HTTP/2 is still spoken to in HTTP/1.1 (RFC 8010 section 4).
		TLSNextProto: map[string]func(string, *tls.Conn) http.RoundTripper{},
	}
}

// keepFor is how long a connection waits for the next question: letters follow
// each other within it, and printers have few connections to give.
const keepFor = 5 * time.Second

func (l line) dialTLS(ctx context.Context, network, addr string) (net.Conn, error) {
	conn, err := l.connect(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, l.config.Timeout)
	defer cancel()
	secure := tls.Client(conn, l.tls)
	if err := secure.HandshakeContext(ctx); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return secure, nil
}

func (l line) connect(ctx context.Context, network, addr string) (net.Conn, error) {
	dialer := net.Dialer{Timeout: l.config.Timeout, Control: l.control}
	conn, err := dialer.DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	patient := &patientConn{Conn: conn, idle: l.idle}
	patient.moved()
	return patient, nil
}

// control refuses an unencrypted connection that would leave this machine,
// whatever the name resolved to.
func (l line) control(_, address string, _ syscall.RawConn) error {
	if l.end.secure || l.config.AllowPlain {
		return nil
	}
	addr, err := netip.ParseAddrPort(address)
	if err != nil || !addr.Addr().Unmap().IsLoopback() {
		return fmt.Errorf("%w: %s is at %s", ErrPlain, l.end.uri, address)
	}
	return nil
}
