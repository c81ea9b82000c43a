package tpm_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"sync"
	"testing"

	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpm2/transport"

	"espero-soft.com/printroom/vault/memory"
	"espero-soft.com/printroom/vault/tpm"
	"espero-soft.com/printroom/vault/tpm/swtpm"
)

const goodPIN = "canary-PIN-2468"

// startTPM runs a software TPM in dir until the test ends.
func startTPM(t testing.TB, dir string) *swtpm.TPM {
	t.Helper()
	sim, err := swtpm.Start(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := sim.Stop(); err != nil {
			t.Error(err)
		}
	})
	return sim
}

// openTPM opens a software TPM until the test ends.
func openTPM(t testing.TB, sim *swtpm.TPM, opts ...tpm.Option) *tpm.Device {
	t.Helper()
	d, err := tpm.Open(sim.Endpoint(), opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// policyKey is central's, the same for the whole program.
var policyKey = sync.OnceValue(func() *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	return key
})

// newKeys makes keys on a device, loads them and gives slot 0 goodPIN.
func newKeys(t testing.TB, d *tpm.Device) (*tpm.Keys, tpm.KeySet) {
	t.Helper()
	ks, err := d.CreateKeys(&policyKey().PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	k, err := d.Load(ks)
	if err != nil {
		t.Fatal(err)
	}
	setPIN(t, k, ks.PINKind, 0, goodPIN)
	return k, ks
}

// setPIN gives a slot a PIN with central's leave.
func setPIN(t testing.TB, k *tpm.Keys, kind tpm.PINKind, slot int, pin string) {
	t.Helper()
	change, request, err := k.BeginPIN(slot, authOf(t, pin))
	if err != nil {
		t.Fatal(err)
	}
	auth, write, err := tpm.SignPIN(policyKey(), kind, request)
	if err != nil {
		t.Fatal(err)
	}
	if err := change.Finish(auth, write); err != nil {
		t.Fatal(err)
	}
}

// authOf is the authorisation value of a PIN, held until the test ends.
func authOf(t testing.TB, pin string) *memory.Buffer {
	t.Helper()
	b, err := memory.New(tpm.AuthSize)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Destroy)
	auth := sha256.Sum256([]byte(pin))
	copy(b.Bytes(), auth[:])
	return b
}

// pinAt is a person's PIN in a slot of a TPM that counts by slot.
func pinAt(t testing.TB, slot int, pin string) tpm.PIN {
	t.Helper()
	return pinOf(t, tpm.KindPINFail, slot, pin)
}

func pinOf(t testing.TB, kind tpm.PINKind, slot int, pin string) tpm.PIN {
	t.Helper()
	approval, err := tpm.ApprovePIN(policyKey(), kind, slot)
	if err != nil {
		t.Fatal(err)
	}
	return tpm.PIN{Slot: slot, Approval: approval, Auth: authOf(t, pin)}
}

// raw is a second way to the same TPM, for what the package does not do.
func raw(t testing.TB, sim *swtpm.TPM) transport.TPM {
	t.Helper()
	r, err := tpm.Dial(sim.Endpoint())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// Kinds of handles, as TPM2_GetCapability takes them (TPM 2.0 part 2, 7.2).
const (
	loadedSession uint32 = 0x02000000
	savedSession  uint32 = 0x03000000
	transient     uint32 = 0x80000000
)

// handles lists what is loaded in the TPM: objects and sessions, saved
// sessions too.
func handles(t testing.TB, r transport.TPM) []tpm2.TPMHandle {
	t.Helper()
	return handlesOf(t, r, loadedSession, savedSession, transient)
}

// handlesOf lists the handles of these kinds. A session's own handle tells
// HMAC from policy, not loaded from saved.
func handlesOf(t testing.TB, r transport.TPM, kinds ...uint32) []tpm2.TPMHandle {
	t.Helper()
	var all []tpm2.TPMHandle
	for _, kind := range kinds {
		rsp, err := tpm2.GetCapability{Capability: tpm2.TPMCapHandles, Property: kind, PropertyCount: 64}.Execute(r)
		if err != nil {
			t.Fatal(err)
		}
		list, err := rsp.CapabilityData.Data.Handles()
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, list.Handle...)
	}
	return all
}

func wantNoHandles(t testing.TB, sim *swtpm.TPM) {
	t.Helper()
	if left := handles(t, raw(t, sim)); len(left) > 0 {
		t.Errorf("left in the TPM: %#x", left)
	}
}

// setLockout sends TPM2_DictionaryAttackParameters (TPM 2.0 part 3, 25.3):
// tries, seconds an interval, seconds of lockout recovery.
func setLockout(t testing.TB, r transport.TPM, tries, interval, recovery uint32) {
	t.Helper()
	command := []byte{0x80, 0x02, 0, 0, 0, 39, 0, 0, 0x01, 0x3a, 0x40, 0, 0, 0x0a, // TPM_RH_LOCKOUT
		0, 0, 0, 9, 0x40, 0, 0, 0x09, 0, 0, 0, 0, 0} // its empty password
	for _, v := range []uint32{tries, interval, recovery} {
		command = binary.BigEndian.AppendUint32(command, v)
	}
	rsp, err := r.Send(command)
	if err != nil {
		t.Fatal(err)
	}
	if code := binary.BigEndian.Uint32(rsp[6:]); code != 0 {
		t.Fatalf("DictionaryAttackParameters: %#x", code)
	}
}
