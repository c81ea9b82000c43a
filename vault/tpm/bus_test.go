package tpm_test

import (
	"bytes"
	"crypto/ecdh"
	"crypto/rand"
	"crypto/sha256"
	"sync"
	"testing"

	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpm2/transport"

	"espero-soft.com/printroom/vault/tpm"
)

// recorder keeps all that crosses the bus.
type recorder struct {
	transport.TPMCloser
	mu  sync.Mutex
	bus []byte
}

func (r *recorder) Send(command []byte) ([]byte, error) {
	response, err := r.TPMCloser.Send(command)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.bus = append(append(r.bus, command...), response...)
	return response, err
}

// shows reports whether the bus showed these bytes.
func (r *recorder) shows(secret []byte) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return bytes.Contains(r.bus, secret)
}

// A first PIN is set, used, checked, changed, forgotten and set anew, a letter
// opened and words signed: none of the secrets in that crosses in clear.
func TestNoSecretOnTheBus(t *testing.T) {
	sim := startTPM(t, t.TempDir())
	inner, err := tpm.Dial(sim.Endpoint())
	if err != nil {
		t.Fatal(err)
	}
	bus := &recorder{TPMCloser: inner}
	d := openTPM(t, sim, tpm.WithTransport(bus))
	k, ks := newKeys(t, d)
	doc := k.Doc(pinAt(t, 0, goodPIN))
	ephemeral, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	shared, err := doc.ECDH(ephemeral.PublicKey())
	if err != nil {
		t.Fatal(err)
	}
	if want, err := ephemeral.ECDH(doc.PublicKey()); err != nil || !bytes.Equal(shared, want) {
		t.Fatalf("shared secret %x, want %x, %v", shared, want, err)
	}
	const wrong, changed, third = "canary-wrong", "canary-changed", "canary-third"
	if err := signAndVerify(k.TLS(), "x"); err != nil {
		t.Fatal(err)
	}
	if err := k.CheckPIN(pinAt(t, 0, wrong)); err == nil {
		t.Fatal("a wrong PIN is right")
	}
	if err := k.ChangePIN(0, authOf(t, goodPIN), authOf(t, changed)); err != nil {
		t.Fatal(err)
	}
	setPIN(t, k, ks.PINKind, 0, third)
	if err := k.CheckPIN(pinAt(t, 0, third)); err != nil {
		t.Fatal(err)
	}

	for what, secret := range map[string][]byte{"the shared secret": shared, "its half": shared[:16]} {
		if bus.shows(secret) {
			t.Errorf("%s crossed the bus in clear", what)
		}
	}
	for _, pin := range []string{goodPIN, wrong, changed, third} {
		auth := sha256.Sum256([]byte(pin))
		if bus.shows([]byte(pin)) || bus.shows(auth[:]) || bus.shows(auth[:16]) {
			t.Errorf("PIN %s crossed the bus in clear", pin)
		}
	}

	// The search does find them where they are.
	openly(t, bus, third)
	auth := sha256.Sum256([]byte(third))
	if !bus.shows(auth[:]) {
		t.Error("the recorder misses what is on the bus")
	}
}

// openly checks a PIN as it must not be done: in a password session.
func openly(t *testing.T, bus transport.TPM, pin string) {
	t.Helper()
	const slot tpm2.TPMHandle = 0x018b2400
	public, err := tpm2.NVReadPublic{NVIndex: slot}.Execute(bus)
	if err != nil {
		t.Fatal(err)
	}
	auth := sha256.Sum256([]byte(pin))
	_, err = tpm2.NVRead{
		AuthHandle: tpm2.AuthHandle{Handle: slot, Name: public.NVName, Auth: tpm2.PasswordAuth(auth[:])},
		NVIndex:    tpm2.NamedHandle{Handle: slot, Name: public.NVName},
		Size:       8,
	}.Execute(bus)
	if err != nil {
		t.Fatal(err)
	}
}
