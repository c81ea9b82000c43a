package ipp

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// Config says which printer, and how patient to be with it.
type Config struct {
	URI string // ipps://host[:port]/path; ipp:// on this machine only
	// Pin is the SHA-256 of the printer's SubjectPublicKeyInfo, required for ipps.
	Pin [32]byte
	// AllowPlain lets ipp:// leave this machine. A letter is then readable on the wire.
	AllowPlain bool
	// User is requesting-user-name: a constant of the room, never a person's
	// name. Empty is "print-room".
	User string
	// Timeout is how long connecting may take, and how long the printer may
	// then neither take nor send a byte. An answer may take four times that
	// in all. Zero is 15 seconds.
	Timeout time.Duration
	// Patience is Timeout's counterpart while a document is sent: a printer
	// that warms up or prints as it receives stands still for longer. Zero is
	// two minutes.
	Patience time.Duration
	// Now is the clock for Status.Epoch; nil is time.Now.
	Now func() time.Time
}

const (
	defaultUser     = "print-room"
	defaultTimeout  = 15 * time.Second
	defaultPatience = 2 * time.Minute
	defaultPort     = "631"
)

// endpoint is where a printer is, taken from its URI.
type endpoint struct {
	uri    string // printer-uri
	secure bool
	host   string // without port
	addr   string // host:port
	path   string
}

// http is the address of the printer's HTTP resource.
func (e endpoint) http() string {
	scheme := "http"
	if e.secure {
		scheme = "https"
	}
	return (&url.URL{Scheme: scheme, Host: e.addr, Path: e.path}).String()
}

func parseURI(uri string) (endpoint, error) {
	u, err := url.Parse(uri)
	if err != nil {
		return endpoint{}, fmt.Errorf("printer address: %w", err)
	}
	if u.Scheme != "ipp" && u.Scheme != "ipps" {
		return endpoint{}, fmt.Errorf("printer address %q: neither ipp nor ipps", Shown(uri))
	}
	if u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return endpoint{}, fmt.Errorf("printer address %q: want %s://host/path", Shown(uri), u.Scheme)
	}
	port := u.Port()
	if port == "" {
		port = defaultPort
	}
	if u.Path == "" {
		u.Path = "/"
	}
	return endpoint{
		uri:    u.String(),
		secure: u.Scheme == "ipps",
		host:   u.Hostname(),
		addr:   net.JoinHostPort(u.Hostname(), port),
		path:   u.Path,
	}, nil
}

// withDefaults fills what was left out and refuses what cannot be safe.
func (c Config) withDefaults(e endpoint) (Config, error) {
	if e.secure && c.Pin == [32]byte{} {
		return c, errors.New("ipp: ipps needs the printer's pin")
	}
	if !e.secure && !c.AllowPlain && !isLoopbackName(e.host) {
		return c, fmt.Errorf("%w: %s", ErrPlain, e.uri)
	}
	if c.Timeout < 0 || c.Patience < 0 {
		return c, errors.New("ipp: negative timeout")
	}
	if c.User == "" {
		c.User = defaultUser
	}
	if c.Timeout == 0 {
		c.Timeout = defaultTimeout
	}
	if c.Patience == 0 {
		c.Patience = max(defaultPatience, c.Timeout)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c, nil
}

// isLoopbackName reports whether a host can only be this machine. What
// "localhost" resolves to is checked again when connecting.
func isLoopbackName(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}
