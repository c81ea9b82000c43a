package tpm_test

import (
	"bytes"
	"crypto/ecdh"
	"crypto/rand"
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

func TestNoSecretOnTheBus(t *testing.T) {
	sim := startTPM(t, t.TempDir())
	inner, err := tpm.Dial(sim.Endpoint())
	if err != nil {
		t.Fatal(err)
	}
	bus := &recorder{TPMCloser: inner}
	d := openTPM(t, sim, tpm.WithTransport(bus))
	e, err := d.Endorsement()
	if err != nil {
		t.Fatal(err)
	}
	k, ks := newKeys(t, d)
	pin := pinBuffer(t, goodPIN)
	doc := k.Doc(pin)

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
	if err := signAndVerify(k.TLS(), "x"); err != nil {
		t.Fatal(err)
	}
	challenges, secrets := challenge(t, e, ks)
	if _, err := k.Activate(challenges, pin); err != nil {
		t.Fatal(err)
	}

	for what, secret := range map[string][]byte{
		"the PIN": []byte(goodPIN), "the shared secret": shared, "its half": shared[:16],
		"K_doc's challenge secret": secrets[tpm.RoleDoc], "K_tls's challenge secret": secrets[tpm.RoleTLS],
	} {
		if bus.shows(secret) {
			t.Errorf("%s crossed the bus in clear", what)
		}
	}

	// The search does find them where they are: a password session shows both.
	openly(t, bus, ks, ephemeral.PublicKey())
	if !bus.shows([]byte(goodPIN)) || !bus.shows(shared) {
		t.Error("the recorder misses what is on the bus")
	}
}

// openly does one ECDH as it must not be done: without an encrypting session.
func openly(t *testing.T, bus transport.TPM, ks tpm.KeySet, remote *ecdh.PublicKey) {
	t.Helper()
	const root tpm2.TPMHandle = 0x81000001
	parent, err := tpm2.ReadPublic{ObjectHandle: root}.Execute(bus)
	if err != nil {
		t.Fatal(err)
	}
	rsp, err := tpm2.Load{
		ParentHandle: tpm2.AuthHandle{Handle: root, Name: parent.Name, Auth: tpm2.PasswordAuth(nil)},
		InPublic:     tpm2.BytesAs2B[tpm2.TPMTPublic](ks.Keys[tpm.RoleDoc].Public[2:]),
		InPrivate:    tpm2.TPM2BPrivate{Buffer: ks.Keys[tpm.RoleDoc].Private[2:]},
	}.Execute(bus)
	if err != nil {
		t.Fatal(err)
	}
	point := remote.Bytes()
	_, err = tpm2.ECDHZGen{
		KeyHandle: tpm2.AuthHandle{Handle: rsp.ObjectHandle, Name: rsp.Name, Auth: tpm2.PasswordAuth([]byte(goodPIN))},
		InPoint: tpm2.New2B(tpm2.TPMSECCPoint{
			X: tpm2.TPM2BECCParameter{Buffer: point[1:33]},
			Y: tpm2.TPM2BECCParameter{Buffer: point[33:]},
		}),
	}.Execute(bus)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (tpm2.FlushContext{FlushHandle: rsp.ObjectHandle}).Execute(bus); err != nil {
		t.Fatal(err)
	}
}
