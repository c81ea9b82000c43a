package ipp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
)

func (x *exchange) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	conn, err := x.connect(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	x.connected(conn)
	return conn, nil
}

// dialTLS counts as connected only after the handshake: before it the printer
// has got nothing.
func (x *exchange) dialTLS(ctx context.Context, network, addr string) (net.Conn, error) {
	conn, err := x.connect(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, x.config.Timeout)
	defer cancel()
	secure := tls.Client(conn, x.tls)
	if err := secure.HandshakeContext(ctx); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	x.connected(conn)
	return secure, nil
}

func (x *exchange) connect(ctx context.Context, network, addr string) (*patientConn, error) {
	dialer := net.Dialer{Timeout: x.config.Timeout, Control: x.control}
	conn, err := dialer.DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	patient := &patientConn{Conn: conn, idle: x.idle}
	patient.moved()
	return patient, nil
}

// control refuses an unencrypted connection that would leave this machine,
// whatever the name resolved to.
func (x *exchange) control(_, address string, _ syscall.RawConn) error {
	if x.end.secure || x.config.AllowPlain {
		return nil
	}
	addr, err := netip.ParseAddrPort(address)
	if err != nil || !addr.Addr().Unmap().IsLoopback() {
		return fmt.Errorf("%w: %s is at %s", ErrPlain, x.end.uri, address)
	}
	return nil
}

func (x *exchange) connected(conn *patientConn) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.conn = conn
}
