package swtpm

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// Late is another door to a TPM, behind which every command takes longer: for
// programs that are given an endpoint and not a transport. Stop it.
type Late struct {
	scratch  string
	listener net.Listener
	delay    time.Duration
	to       string
	serving  sync.WaitGroup
}

// NewLate opens one to the TPM at an endpoint that Endpoint gave.
func NewLate(endpoint string, delay time.Duration) (*Late, error) {
	to, ok := strings.CutPrefix(endpoint, "unix:")
	if !ok {
		return nil, fmt.Errorf("swtpm: the endpoint %q is no socket", endpoint)
	}
	scratch, err := shortDir()
	if err != nil {
		return nil, fmt.Errorf("swtpm: %w", err)
	}
	l := &Late{scratch: scratch, delay: delay, to: to}
	if l.listener, err = net.Listen("unix", l.path()); err != nil {
		return nil, errors.Join(fmt.Errorf("swtpm: %w", err), os.RemoveAll(scratch))
	}
	l.serving.Go(l.serve)
	return l, nil
}

func (l *Late) path() string { return filepath.Join(l.scratch, "late") }

// Endpoint is what tpm.Open takes.
func (l *Late) Endpoint() string { return "unix:" + l.path() }

// Stop closes the door, once what is under way has passed.
func (l *Late) Stop() error {
	err := l.listener.Close()
	l.serving.Wait()
	return errors.Join(err, os.RemoveAll(l.scratch))
}

func (l *Late) serve() {
	for {
		client, err := l.listener.Accept()
		if err != nil {
			return
		}
		l.serving.Go(func() { l.pass(client) })
	}
}

// pass carries one connection's commands, one at a time as its client gives
// them. Whatever fails ends it on both sides, as a TPM that is gone does.
func (l *Late) pass(client net.Conn) {
	defer func() { _ = client.Close() }()
	tpm, err := net.Dial("unix", l.to)
	if err != nil {
		return
	}
	defer func() { _ = tpm.Close() }()
	l.serving.Go(func() {
		_, _ = io.Copy(client, tpm)
		_ = client.Close()
	})
	command := make([]byte, 4096)
	for {
		n, err := client.Read(command)
		if err != nil {
			return
		}
		time.Sleep(l.delay)
		if _, err := tpm.Write(command[:n]); err != nil {
			return
		}
	}
}
