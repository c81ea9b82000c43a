package tpm

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/google/go-tpm/tpm2/transport"
)

// DefaultTimeout bounds one command on a socket; making an RSA key is the
// slowest.
const DefaultTimeout = 30 * time.Second

// maxResponse is the largest response a TPM gives (4096 in every profile).
const maxResponse = 4096

// Dial connects to an endpoint as Open does, without a Device, so that a
// benchmark or a test can wrap the transport before it gives it to Open.
func Dial(endpoint string) (transport.TPMCloser, error) {
	t, err := dial(endpoint, DefaultTimeout)
	if err != nil {
		return nil, fmt.Errorf("tpm: dial: %w", classify(err))
	}
	return t, nil
}

func dial(endpoint string, timeout time.Duration) (transport.TPMCloser, error) {
	if endpoint == "" {
		return dialSystem()
	}
	path, ok := strings.CutPrefix(endpoint, "unix:")
	if !ok || path == "" {
		return nil, fmt.Errorf("endpoint %q is neither empty nor unix:/path", endpoint)
	}
	return transport.FromReadWriteCloser(&socket{path: path, timeout: timeout}), nil
}

// socket speaks to a software TPM: each command is a connection of its own,
// as such TPMs expect. The caller alternates Write and Read.
type socket struct {
	path    string
	timeout time.Duration
	conn    net.Conn // of the command whose response was not read yet
}

// Write sends one command.
func (s *socket) Write(command []byte) (int, error) {
	if err := s.Close(); err != nil {
		return 0, err
	}
	conn, err := net.DialTimeout("unix", s.path, s.timeout)
	if err != nil {
		return 0, err
	}
	s.conn = conn
	if err := conn.SetDeadline(time.Now().Add(s.timeout)); err != nil {
		return 0, errors.Join(err, s.Close())
	}
	n, err := conn.Write(command)
	if err != nil {
		err = errors.Join(err, s.Close())
	}
	return n, err
}

// Read reads the whole response into p and ends the connection.
func (s *socket) Read(p []byte) (n int, err error) {
	if s.conn == nil {
		return 0, errors.New("no command was sent")
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	const header = 10 // tag, size, code
	if len(p) < header {
		return 0, io.ErrShortBuffer
	}
	if _, err := io.ReadFull(s.conn, p[:header]); err != nil {
		return 0, err
	}
	size := binary.BigEndian.Uint32(p[2:6])
	if size < header || size > maxResponse || int(size) > len(p) {
		return 0, fmt.Errorf("the response claims %d bytes", size)
	}
	_, err = io.ReadFull(s.conn, p[header:size])
	return int(size), err
}

// Close ends a connection left open by a command without a response.
func (s *socket) Close() error {
	if s.conn == nil {
		return nil
	}
	conn := s.conn
	s.conn = nil
	return conn.Close()
}
