package tpm_test

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"espero-soft.com/printroom/vault/tpm"
	"espero-soft.com/printroom/vault/tpm/swtpm"
)

func TestMissingDevice(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{filepath.Join(t.TempDir(), "none"), file} {
		if _, err := tpm.Open("unix:" + path); !errors.Is(err, tpm.ErrMissing) {
			t.Errorf("%s: %v", path, err)
		}
	}
	for _, endpoint := range []string{"unix:", "tcp:1", "/dev/tpm0"} {
		if d, err := tpm.Open(endpoint); err == nil {
			t.Errorf("%q opens: %v", endpoint, d.Close())
		}
	}
}

func TestForbiddenDevice(t *testing.T) {
	sim := startTPM(t, t.TempDir())
	path := strings.TrimPrefix(sim.Endpoint(), "unix:")
	if err := os.Chmod(path, 0); err != nil {
		t.Fatal(err)
	}
	opened := make(chan error)
	go func() {
		// The thread stays locked, so it ends with this goroutine and takes
		// its identity with it: root's would open any socket.
		runtime.LockOSThread()
		if os.Geteuid() == 0 {
			if _, err := unix.SetfsuidRetUid(65534); err != nil {
				t.Error(err)
			}
		}
		_, err := tpm.Open(sim.Endpoint())
		opened <- err
	}()
	if err := <-opened; !errors.Is(err, tpm.ErrPermission) {
		t.Errorf("forbidden socket: %v", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestBusyDevice(t *testing.T) {
	sim := startTPM(t, t.TempDir())
	holder, err := net.Dial("unix", strings.TrimPrefix(sim.Endpoint(), "unix:"))
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(20 * time.Millisecond) // until swtpm has taken the connection
	if _, err := tpm.Open(sim.Endpoint(), tpm.WithTimeout(200*time.Millisecond)); !errors.Is(err, tpm.ErrBusy) {
		t.Errorf("while another has the TPM: %v", err)
	}
	if err := holder.Close(); err != nil {
		t.Fatal(err)
	}
	openTPM(t, sim)
}

// answering is a transport whose one answer never changes.
type answering struct {
	response []byte
	err      error
}

func (a answering) Send([]byte) ([]byte, error) { return a.response, a.err }
func (a answering) Close() error                { return nil }

func TestDeviceErrors(t *testing.T) {
	code := func(c byte, high byte) []byte { return []byte{0x80, 0x01, 0, 0, 0, 10, 0, 0, high, c} }
	for _, c := range []struct {
		what string
		a    answering
		want error
	}{
		{"in use", answering{err: &os.PathError{Op: "open", Err: unix.EBUSY}}, tpm.ErrBusy},
		{"not permitted", answering{err: &os.PathError{Op: "open", Err: unix.EACCES}}, tpm.ErrPermission},
		{"gone", answering{err: &os.PathError{Op: "write", Err: unix.ENODEV}}, tpm.ErrMissing},
		{"never ready", answering{}, tpm.ErrBusy},
		{"out of object slots", answering{response: code(0x02, 0x09)}, tpm.ErrBusy},
		{"out of session slots", answering{response: code(0x03, 0x09)}, tpm.ErrBusy},
	} {
		if _, err := tpm.Open("", tpm.WithTransport(c.a)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", c.what, err)
		}
	}
}

// A benchmark makes a real TPM's time out of a software one's.
func TestSlowTransport(t *testing.T) {
	const delay = 30 * time.Millisecond
	sim := startTPM(t, t.TempDir())
	inner, err := tpm.Dial(sim.Endpoint())
	if err != nil {
		t.Fatal(err)
	}
	d := openTPM(t, sim, tpm.WithTransport(swtpm.Slow(inner, delay, tpm.IsKeyOperation)))
	k, _ := newKeys(t, d)
	counted, start := d.Operations().Keys(), time.Now()
	for range 3 {
		if err := signAndVerify(k.Log(), "x"); err != nil {
			t.Fatal(err)
		}
		if err := roundTrip(k.Doc(pinAt(t, 0, goodPIN)), nil); err != nil {
			t.Fatal(err)
		}
	}
	if n := d.Operations().Keys() - counted; n != 6 {
		t.Errorf("%d key operations counted", n)
	}
	if took := time.Since(start); took < 6*delay {
		t.Errorf("6 delayed operations took %v", took)
	}
}
