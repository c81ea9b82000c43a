package ipp

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"time"
)

// Pin is what Config.Pin wants of a certificate.
func Pin(c *x509.Certificate) [32]byte { return sha256.Sum256(c.RawSubjectPublicKeyInfo) }

// tlsConfig accepts one key and nothing else. Names and dates do not matter:
// office printers have self-signed certificates with dates of their own.
func tlsConfig(host string, pin [32]byte) *tls.Config {
	return &tls.Config{
		ServerName:         host,
		MinVersion:         tls.VersionTLS12,
		InsecureSkipVerify: true, // VerifyConnection holds the key to the pin
		VerifyConnection: func(s tls.ConnectionState) error {
			if len(s.PeerCertificates) == 0 || Pin(s.PeerCertificates[0]) != pin {
				return ErrCertificate
			}
			return nil
		},
	}
}

// Identity is what a person compares with the printer's panel before pinning.
type Identity struct {
	Pin         [32]byte
	Fingerprint [32]byte // SHA-256 of the whole certificate
	Subject     string   // safe to show
	NotAfter    time.Time
}

// Identify reads the certificate a printer shows, sending it nothing. What it
// returns proves nothing until a person has compared it.
func Identify(ctx context.Context, uri string, timeout time.Duration) (Identity, error) {
	e, err := parseURI(uri)
	if err != nil {
		return Identity{}, err
	}
	if !e.secure {
		return Identity{}, errors.New("ipp: an ipp address has no certificate")
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	var shown *x509.Certificate
	config := tlsConfig(e.host, [32]byte{})
	config.VerifyConnection = func(s tls.ConnectionState) error {
		shown = s.PeerCertificates[0]
		return nil
	}
	conn, err := (&tls.Dialer{NetDialer: &net.Dialer{}, Config: config}).DialContext(ctx, "tcp", e.addr)
	if err != nil {
		return Identity{}, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	if err := conn.Close(); err != nil {
		return Identity{}, fmt.Errorf("close connection to printer: %w", err)
	}
	return Identity{Pin(shown), sha256.Sum256(shown.Raw), Shown(shown.Subject.String()), shown.NotAfter}, nil
}
