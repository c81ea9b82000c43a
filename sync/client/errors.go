package client

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"

	"espero-soft.com/printroom/sync/wire"
)

var (
	// ErrUnreachable: no answer came, or not all of it. Whether central did what was asked is unknown.
	ErrUnreachable = errors.New("central cannot be reached")
	// ErrCertificate: one side does not accept the other's certificate (another authority, out of time,
	// another name, TLS below 1.3), or the other end speaks no TLS at all.
	ErrCertificate = errors.New("central's certificate or ours is not accepted")
	// ErrAnswer: an answer came and is not what the contract says.
	ErrAnswer = errors.New("central's answer cannot be understood")
	// ErrDigest: all of a document came, and it is not the one that was announced.
	ErrDigest = errors.New("the document's digest is wrong")
)

// Retryable reports whether the same request, unchanged, may succeed later by itself: central did not
// answer, answered garbage, or said that it failed (5xx, 408, 429). What the caller cancelled, what
// central refused and what a person has to mend is not retryable.
func Retryable(err error) bool {
	if errors.Is(err, context.Canceled) || errors.Is(err, ErrCertificate) {
		return false
	}
	var p *wire.Problem
	if errors.As(err, &p) {
		return p.Temporary()
	}
	return errors.Is(err, ErrUnreachable) || errors.Is(err, ErrAnswer)
}

// classify says which of the above a failed exchange is.
func classify(ctx context.Context, err error) error {
	if cause := ctx.Err(); cause != nil {
		return fmt.Errorf("%w: %w", ErrUnreachable, cause)
	}
	if errors.Is(err, ErrCertificate) {
		return err
	}
	if aboutCertificates(err) {
		return fmt.Errorf("%w: %w", ErrCertificate, err)
	}
	return fmt.Errorf("%w: %w", ErrUnreachable, err)
}

func aboutCertificates(err error) bool {
	var (
		verification *tls.CertificateVerificationError
		authority    x509.UnknownAuthorityError
		invalid      x509.CertificateInvalidError
		hostname     x509.HostnameError
		record       tls.RecordHeaderError
		operation    *net.OpError
	)
	switch {
	case errors.As(err, &verification), errors.As(err, &authority), errors.As(err, &invalid), errors.As(err, &hostname):
		return true
	case errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch):
		return true
	}
	// crypto/tls names alerts, ours and theirs, by these two operations alone.
	return errors.As(err, &operation) && (operation.Op == "remote error" || operation.Op == "local error")
}
