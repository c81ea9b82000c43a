// Package swtpm runs a software TPM 2.0 (swtpm) for tests and the demo room:
// a real TPM's commands and state on a unix socket, with an endorsement key
// certificate from a certificate authority of its own. It protects nothing and
// is never part of the product.
package swtpm

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// TPM is one running swtpm process. Its methods may be called from several
// goroutines; Stop or Cut ends it and frees what it holds.
type TPM struct {
	socket  string
	scratch string // short directory of the socket, ours to remove; "" if none
	ca      []byte
	child   *child
	end     sync.Once
	ended   error
}

// Start runs swtpm on the state in dir, which it makes on first use together
// with the certificate authority (dir/ca) and the endorsement certificate: a
// few hundred milliseconds then, a few on the same dir again, which is the
// same TPM after a restart. It returns when the TPM answers. ctx bounds the
// start only; the process ends with Stop, with Cut, or with this process.
func Start(ctx context.Context, dir string) (*TPM, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("swtpm: %w", err)
	}
	ca, err := provision(ctx, dir)
	if err != nil {
		return nil, fmt.Errorf("swtpm: set up %s: %w", dir, err)
	}
	t := &TPM{ca: ca}
	if err := t.place(dir); err != nil {
		return nil, fmt.Errorf("swtpm: %w", err)
	}
	t.child, err = start("swtpm", []string{
		"socket", "--tpm2",
		"--tpmstate", "dir=" + filepath.Join(dir, "state") + ",mode=0600",
		"--server", "type=unixio,mode=0600,path=" + t.socket,
		"--flags", "not-need-init,startup-clear",
		"--log", "file=" + filepath.Join(dir, "swtpm.log") + ",truncate",
	})
	if err != nil {
		t.removeSocket()
		return nil, fmt.Errorf("swtpm: %w", err)
	}
	if err := t.await(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("swtpm: %w", err), t.Cut())
	}
	return t, nil
}

// Endpoint is what tpm.Open takes: "unix:" and the socket's path.
func (t *TPM) Endpoint() string { return "unix:" + t.socket }

// CA is the certificate of the authority that signed the endorsement
// certificate, PEM.
func (t *TPM) CA() []byte { return append([]byte(nil), t.ca...) }

// Stop shuts the TPM down in order, as a computer that is switched off does,
// and waits for the process.
func (t *TPM) Stop() error {
	return t.finish(func() error {
		return errors.Join(t.shutdown(), t.child.terminate())
	})
}

// Cut ends the process at once, as a power cut does: the TPM had no word of it.
func (t *TPM) Cut() error {
	return t.finish(func() error { return t.child.kill() })
}

// finish ends the process once; later calls give the first one's answer.
func (t *TPM) finish(end func() error) error {
	t.end.Do(func() {
		t.ended = end()
		t.removeSocket()
	})
	return t.ended
}

// A unix socket's path is bounded by sockaddr_un (108 bytes on Linux, 104 on
// macOS), its final zero included.
const maxSocketPath = 103

// place chooses the socket's path: in dir, or in a short directory when dir's
// own path is too long.
func (t *TPM) place(dir string) error {
	t.socket = filepath.Join(dir, "sock")
	if len(t.socket) <= maxSocketPath {
		return removeIfThere(t.socket)
	}
	scratch, err := shortDir()
	if err != nil {
		return err
	}
	t.scratch, t.socket = scratch, filepath.Join(scratch, "sock")
	return nil
}

// shortDir makes a private directory whose path leaves room for a socket name,
// whatever TMPDIR says.
func shortDir() (string, error) {
	var errs []error
	for _, base := range []string{os.TempDir(), "/tmp", "/var/tmp"} {
		dir, err := os.MkdirTemp(base, "swtpm")
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if len(dir)+len("/sock") <= maxSocketPath {
			return dir, nil
		}
		if err := os.Remove(dir); err != nil {
			errs = append(errs, err)
		}
	}
	return "", fmt.Errorf("no directory with a short path: %w", errors.Join(errs...))
}

func (t *TPM) removeSocket() {
	_ = removeIfThere(t.socket)
	if t.scratch != "" {
		_ = os.RemoveAll(t.scratch)
	}
}

// removeIfThere removes a file that may be absent.
func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// await asks until the TPM answers, its process ends or ctx does.
func (t *TPM) await(ctx context.Context) error {
	// TPM2_GetRandom of 4 bytes (TPM 2.0 part 3, 16.1).
	getRandom := []byte{0x80, 0x01, 0, 0, 0, 12, 0, 0, 0x01, 0x7b, 0, 4}
	for {
		err := t.send(getRandom)
		if err == nil {
			return nil
		}
		select {
		case <-t.child.done:
			return fmt.Errorf("ended before it answered: %w", t.child.err)
		case <-ctx.Done():
			return fmt.Errorf("no answer: %w (%w)", ctx.Err(), err)
		case <-time.After(2 * time.Millisecond):
		}
	}
}

// shutdown sends TPM2_Shutdown(CLEAR) (TPM 2.0 part 3, 9.4), without which the
// next start counts as after a power cut.
func (t *TPM) shutdown() error {
	return t.send([]byte{0x80, 0x01, 0, 0, 0, 12, 0, 0, 0x01, 0x45, 0, 0})
}

// send sends one command on a connection of its own and wants success.
func (t *TPM) send(command []byte) (err error) {
	conn, err := net.Dial("unix", t.socket)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		return err
	}
	if _, err := conn.Write(command); err != nil {
		return err
	}
	var header [10]byte
	if _, err := io.ReadFull(conn, header[:]); err != nil {
		return err
	}
	if code := binary.BigEndian.Uint32(header[6:]); code != 0 {
		return fmt.Errorf("response code %#x", code)
	}
	return nil
}
