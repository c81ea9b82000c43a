package tpm_test

import (
	"encoding/binary"
	"errors"
	"testing"
	"time"

	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpm2/transport"

	"espero-soft.com/printroom/vault/tpm"
	"espero-soft.com/printroom/vault/tpm/swtpm"
)

// older is a TPM that says it is of an older revision of the specification.
type older struct {
	transport.TPMCloser
	revision uint32
}

func (o *older) Send(command []byte) ([]byte, error) {
	response, err := o.TPMCloser.Send(command)
	asked := len(command) >= 18 && tpm2.TPMCC(binary.BigEndian.Uint32(command[6:])) == tpm2.TPMCCGetCapability &&
		tpm2.TPMPT(binary.BigEndian.Uint32(command[14:])) == tpm2.TPMPTRevision
	if err == nil && asked {
		// Header, more data, capability, count, then property and value.
		binary.BigEndian.PutUint32(response[10+1+4+4+4:], o.revision)
	}
	return response, err
}

func openOlder(t *testing.T, sim *swtpm.TPM, revision uint32) *tpm.Device {
	t.Helper()
	inner, err := tpm.Dial(sim.Endpoint())
	if err != nil {
		t.Fatal(err)
	}
	return openTPM(t, sim, tpm.WithTransport(&older{inner, revision}))
}

func TestPINKind(t *testing.T) {
	sim := startTPM(t, t.TempDir())
	for revision, want := range map[uint32]tpm.PINKind{
		99: tpm.KindLockout, 116: tpm.KindLockout, 137: tpm.KindLockout, 138: tpm.KindPINFail, 183: tpm.KindPINFail,
	} {
		if kind, err := openOlder(t, sim, revision).PINKind(); err != nil || kind != want {
			t.Errorf("revision %d: %q, %v", revision, kind, err)
		}
	}
	if kind, err := openTPM(t, sim).PINKind(); err != nil || kind != tpm.KindPINFail {
		t.Errorf("swtpm: %q, %v", kind, err)
	}
}

// oldTPM has a person in slot 0, whose wrong PINs the TPM's lockout counts.
func oldTPM(t *testing.T, tries, interval, recovery uint32) (*swtpm.TPM, *tpm.Keys) {
	t.Helper()
	sim := startTPM(t, t.TempDir())
	setLockout(t, raw(t, sim), tries, interval, recovery)
	k, ks := newKeys(t, openOlder(t, sim, 116))
	if ks.PINKind != tpm.KindLockout {
		t.Fatalf("kind %q", ks.PINKind)
	}
	return sim, k
}

func oldPIN(t *testing.T, slot int, pin string) tpm.PIN {
	t.Helper()
	return pinOf(t, tpm.KindLockout, slot, pin)
}

// Where a TPM can't count by slot all else is the same.
func TestOlderTPM(t *testing.T) {
	sim, k := oldTPM(t, 5, 1000, 1000)
	set := tpm.PINState{Defined: true, Ours: true, Written: true, Failures: -1}
	wantState(t, k, 0, set)
	wantPIN(t, k, oldPIN(t, 0, goodPIN), nil)
	setPIN(t, k, tpm.KindLockout, 1, "B's")
	if err := k.ChangePIN(0, authOf(t, goodPIN), authOf(t, "changed")); err != nil {
		t.Fatal(err)
	}
	wantPIN(t, k, oldPIN(t, 0, "changed"), nil)
	wantPIN(t, k, oldPIN(t, 1, "B's"), nil)
	if err := k.CheckPIN(oldPIN(t, 0, goodPIN)); !errors.Is(err, tpm.ErrWrongPIN) {
		t.Errorf("the PIN before: %v", err)
	}
	if err := k.ForgetPIN(1); err != nil {
		t.Fatal(err)
	}
	wantPIN(t, k, oldPIN(t, 1, "B's"), tpm.ErrPINUnset)

	// An index of somebody's own in the slot's place opens nothing here either.
	r := raw(t, sim)
	public, err := tpm2.NVReadPublic{NVIndex: tpm2.TPMHandle(0x018b2400)}.Execute(r)
	if err != nil {
		t.Fatal(err)
	}
	contents, err := public.NVPublic.Contents()
	if err != nil {
		t.Fatal(err)
	}
	owner := tpm2.AuthHandle{Handle: tpm2.TPMRHOwner, Auth: tpm2.HMAC(tpm2.TPMAlgSHA256, 16)}
	undefine(t, r, owner, 0x018b2400)
	contents.Attributes.Written = false
	auth := authOf(t, "theirs")
	_, err = tpm2.NVDefineSpace{
		AuthHandle: owner, Auth: tpm2.TPM2BAuth{Buffer: auth.Bytes()}, PublicInfo: tpm2.New2B(*contents),
	}.Execute(r)
	if err != nil {
		t.Fatal(err)
	}
	wantPIN(t, k, oldPIN(t, 0, "theirs"), tpm.ErrPINUnset)
	wantNoHandles(t, sim)
}

func TestLockoutShowsTheWait(t *testing.T) {
	sim, k := oldTPM(t, 3, 700, 900)
	for i := range 3 {
		if err := k.CheckPIN(oldPIN(t, 0, "wrong")); !errors.Is(err, tpm.ErrWrongPIN) {
			t.Fatalf("wrong PIN %d: %v", i, err)
		}
	}
	p := oldPIN(t, 0, goodPIN)
	for what, err := range map[string]error{
		"check": k.CheckPIN(p), "open": roundTrip(k.Doc(p), nil), "change": k.ChangePIN(0, p.Auth, p.Auth),
	} {
		var locked *tpm.LockedError
		if !errors.As(err, &locked) || errors.Is(err, tpm.ErrWrongPIN) {
			t.Fatalf("locked TPM, %s: %v", what, err)
		}
		if locked.Wait != 700*time.Second {
			t.Errorf("wait %v", locked.Wait)
		}
	}
	if err := signAndVerify(k.TLS(), "still connected"); err != nil {
		t.Errorf("K_tls while locked: %v", err)
	}
	if err := signAndVerify(k.Log(), "still logging"); err != nil {
		t.Errorf("K_log while locked: %v", err)
	}
	wantNoHandles(t, sim)
}

// With more failures than the limit, as after an administrator lowered it,
// each one too many takes an interval of its own.
func TestLockoutBeyondTheLimit(t *testing.T) {
	sim, k := oldTPM(t, 10, 100, 900)
	for i := range 3 {
		if err := k.CheckPIN(oldPIN(t, 0, "wrong")); !errors.Is(err, tpm.ErrWrongPIN) {
			t.Fatalf("wrong PIN %d: %v", i, err)
		}
	}
	setLockout(t, raw(t, sim), 1, 100, 900)
	var locked *tpm.LockedError
	if err := k.CheckPIN(oldPIN(t, 0, "wrong")); !errors.As(err, &locked) || locked.Wait != 300*time.Second {
		t.Errorf("3 failures, limit 1: %v", err)
	}
}

func TestLockoutEndsByItself(t *testing.T) {
	_, k := oldTPM(t, 1, 1, 1)
	if err := k.CheckPIN(oldPIN(t, 0, "wrong")); !errors.Is(err, tpm.ErrWrongPIN) {
		t.Fatal(err)
	}
	right := oldPIN(t, 0, goodPIN)
	var locked *tpm.LockedError
	for range 100 {
		err := k.CheckPIN(right)
		if err == nil {
			return
		}
		if !errors.As(err, &locked) {
			t.Fatal(err)
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Error("still locked after 5 intervals")
}
