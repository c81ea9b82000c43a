package tpm_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpm2/transport"

	"espero-soft.com/printroom/vault/tpm"
)

var eraKey = []byte("an era key of the store, 32 byte")

func sealedAt(t testing.TB, k *tpm.Keys, generation uint64, secret []byte) []byte {
	t.Helper()
	sealed, err := k.SealAt(generation, secret)
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

func wantOpens(t testing.TB, k *tpm.Keys, sealed, secret []byte) {
	t.Helper()
	b, err := k.OpenSealed(sealed)
	if err != nil {
		t.Errorf("not opened: %v", err)
		return
	}
	defer b.Destroy()
	if !bytes.Equal(b.Bytes(), secret) {
		t.Errorf("opened %q, want %q", b.Bytes(), secret)
	}
}

func wantRefused(t testing.TB, k *tpm.Keys, sealed []byte, want error) {
	t.Helper()
	b, err := k.OpenSealed(sealed)
	if !errors.Is(err, want) || b != nil {
		b.Destroy()
		t.Errorf("got %v, want %v", err, want)
	}
}

// An era: what is sealed to the next generation opens once the counter is
// raised, and what was sealed before never again.
func TestSealedToAGeneration(t *testing.T) {
	dir := t.TempDir()
	sim := startTPM(t, dir)
	k, ks := newKeys(t, openTPM(t, sim))
	g := counted(t, k, tpm.CounterGeneration)
	old, next := sealedAt(t, k, g, eraKey), sealedAt(t, k, g+1, []byte("n"))
	wantOpens(t, k, old, eraKey)
	wantRefused(t, k, next, tpm.ErrGeneration)

	raised(t, k, tpm.CounterGeneration)
	wantRefused(t, k, old, tpm.ErrGeneration)
	wantOpens(t, k, next, []byte("n"))
	longest := bytes.Repeat([]byte{7}, tpm.MaxSealed)
	wantOpens(t, k, sealedAt(t, k, g+1, longest), longest)
	wantNoHandles(t, sim)

	if err := sim.Cut(); err != nil {
		t.Fatal(err)
	}
	sim = startTPM(t, dir)
	wantOpens(t, k, next, []byte("n")) // the program that ran on
	fresh, err := openTPM(t, sim).Load(ks)
	if err != nil {
		t.Fatal(err)
	}
	wantOpens(t, fresh, next, []byte("n"))
	wantRefused(t, fresh, old, tpm.ErrGeneration)
	wantNoHandles(t, sim)
}

func TestRefusedSealing(t *testing.T) {
	sim, other := startTPM(t, t.TempDir()), startTPM(t, t.TempDir())
	k, _ := newKeys(t, openTPM(t, sim))
	theirs, _ := newKeys(t, openTPM(t, other))
	for _, secret := range [][]byte{nil, {}, make([]byte, tpm.MaxSealed+1)} {
		if _, err := k.SealAt(1, secret); !errors.Is(err, tpm.ErrSealed) {
			t.Errorf("%d bytes: %v", len(secret), err)
		}
	}
	g := counted(t, k, tpm.CounterGeneration)
	sealed := sealedAt(t, k, g, eraKey)
	for theirGeneration := counted(t, theirs, tpm.CounterGeneration); theirGeneration < g; {
		theirGeneration = raised(t, theirs, tpm.CounterGeneration)
	}
	wantRefused(t, theirs, sealed, tpm.ErrCleared)
	wantRefused(t, k, nil, tpm.ErrSealed)
	wantRefused(t, k, append(bytes.Clone(sealed), 0), tpm.ErrSealed)
	wantRefused(t, k, sealed[:len(sealed)-1], tpm.ErrSealed)
	relabelled := bytes.Clone(sealed)
	relabelled[8]++ // the generation in the header
	wantRefused(t, k, relabelled, tpm.ErrSealed)
	wantRefused(t, k, changed(sealed, len(sealed)-1), tpm.ErrCleared)

	// The counter is defined again: the policy is for a value of the past.
	undefine(t, raw(t, sim), emptyOwner(), generationIndex)
	wantRefused(t, k, sealed, tpm.ErrGeneration)
	counted(t, k, tpm.CounterGeneration)
	wantRefused(t, k, sealed, tpm.ErrGeneration)
	wantOpens(t, k, sealedAt(t, k, counted(t, k, tpm.CounterGeneration), eraKey), eraKey)
	wantNoHandles(t, sim)
	wantNoHandles(t, other)
}

func changed(b []byte, at int) []byte {
	c := bytes.Clone(b)
	c[at] ^= 1
	return c
}

// The policy is the TPM's to hold, not this program's: unsealing without it,
// or with the counter's value of another index, is refused.
func TestSealedPolicyIsHeldByTheTPM(t *testing.T) {
	sim := startTPM(t, t.TempDir())
	r := raw(t, sim)
	d := openTPM(t, sim)
	k, _ := newKeys(t, d)
	sealed := sealedAt(t, k, counted(t, k, tpm.CounterGeneration)+1, eraKey)
	const root tpm2.TPMHandle = 0x81000001
	parent, err := tpm2.ReadPublic{ObjectHandle: root}.Execute(r)
	if err != nil {
		t.Fatal(err)
	}
	public := int(sealed[9])<<8 | int(sealed[10])
	loaded, err := tpm2.Load{
		ParentHandle: tpm2.AuthHandle{Handle: root, Name: parent.Name, Auth: tpm2.PasswordAuth(nil)},
		InPublic:     tpm2.BytesAs2B[tpm2.TPMTPublic](sealed[11 : 11+public]),
		InPrivate:    tpm2.TPM2BPrivate{Buffer: sealed[13+public:]},
	}.Execute(r)
	if err != nil {
		t.Fatal(err)
	}
	for what, auth := range map[string]tpm2.Session{
		"a password":   tpm2.PasswordAuth(nil),
		"no policy":    tpm2.Policy(tpm2.TPMAlgSHA256, 16, func(_ transport.TPM, _ tpm2.TPMISHPolicy, _ tpm2.TPM2BNonce) error { return nil }),
		"an HMAC":      tpm2.HMAC(tpm2.TPMAlgSHA256, 16),
		"its own name": tpm2.HMAC(tpm2.TPMAlgSHA256, 16, tpm2.Auth([]byte("x"))),
	} {
		rsp, err := tpm2.Unseal{ItemHandle: tpm2.AuthHandle{Handle: loaded.ObjectHandle, Name: loaded.Name, Auth: auth}}.Execute(r)
		if err == nil {
			t.Errorf("%s opened %q", what, rsp.OutData.Buffer)
		}
	}
	if _, err := (tpm2.FlushContext{FlushHandle: loaded.ObjectHandle}).Execute(r); err != nil {
		t.Fatal(err)
	}
}

func TestNoSealedSecretOnTheBus(t *testing.T) {
	sim := startTPM(t, t.TempDir())
	inner, err := tpm.Dial(sim.Endpoint())
	if err != nil {
		t.Fatal(err)
	}
	bus := &recorder{TPMCloser: inner}
	k, _ := newKeys(t, openTPM(t, sim, tpm.WithTransport(bus)))
	wantOpens(t, k, sealedAt(t, k, counted(t, k, tpm.CounterGeneration), eraKey), eraKey)
	if bus.shows(eraKey) || bus.shows(eraKey[:8]) {
		t.Error("the sealed secret crossed the bus in clear")
	}
}
