package tpm_test

import (
	"bytes"
	"crypto/ecdh"
	"crypto/rand"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-tpm/tpm2"

	"espero-soft.com/printroom/vault/tpm"
)

// The tests that nothing is left behind do see what is: sessions of both
// kinds, loaded and saved, and objects.
func TestHandlesAreSeen(t *testing.T) {
	sim := startTPM(t, t.TempDir())
	r := raw(t, sim)
	want := 0
	expect := func(what string) {
		t.Helper()
		if all := handles(t, r); len(all) != want {
			t.Errorf("%s: %#x, want %d", what, all, want)
		}
	}
	expect("nothing")
	for what, start := range map[string]func() (tpm2.Session, func() error, error){
		"HMAC":   func() (tpm2.Session, func() error, error) { return tpm2.HMACSession(r, tpm2.TPMAlgSHA256, 16) },
		"policy": func() (tpm2.Session, func() error, error) { return tpm2.PolicySession(r, tpm2.TPMAlgSHA256, 16) },
	} {
		s, end, err := start()
		if err != nil {
			t.Fatal(err)
		}
		want++
		expect(what)
		if _, err := (tpm2.ContextSave{SaveHandle: s.Handle()}).Execute(r); err != nil {
			t.Fatal(err)
		}
		expect(what + ", saved")
		if err := end(); err != nil {
			t.Fatal(err)
		}
		want--
		expect(what + ", ended")
	}
	made, err := tpm2.CreatePrimary{PrimaryHandle: tpm2.TPMRHOwner, InPublic: tpm2.New2B(tpm2.ECCSRKTemplate)}.Execute(r)
	if err != nil {
		t.Fatal(err)
	}
	want++
	expect("an object")
	if _, err := (tpm2.FlushContext{FlushHandle: made.ObjectHandle}).Execute(r); err != nil {
		t.Fatal(err)
	}
	want--
	expect("everything ended")
}

// 500 wrong PINs, over resets, and 1000 claims leave what there was before.
func TestManyPINsLeaveNoHandle(t *testing.T) {
	sim := startTPM(t, t.TempDir())
	r := raw(t, sim)
	k, ks := newKeys(t, openTPM(t, sim))
	before := handles(t, r)
	same := func(when string, i int) {
		t.Helper()
		if after := handles(t, r); !slices.Equal(before, after) {
			t.Fatalf("%s %d: %#x, before: %#x", when, i, after, before)
		}
	}
	good, wrong := pinAt(t, 0, goodPIN), pinAt(t, 0, "not the PIN")
	doc, refused := k.Doc(good), k.Doc(wrong)
	ephemeral, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 500 {
		switch i % tpm.PINLimit {
		case 0, 1:
			err = k.CheckPIN(wrong)
		case 2, 3:
			_, err = refused.ECDH(ephemeral.PublicKey())
		case 4:
			err = k.ChangePIN(0, wrong.Auth, wrong.Auth)
		}
		if !errors.Is(err, tpm.ErrWrongPIN) {
			t.Fatalf("wrong PIN %d: %v", i, err)
		}
		if i%tpm.PINLimit == tpm.PINLimit-1 {
			if err := k.CheckPIN(good); !errors.Is(err, tpm.ErrPINBlocked) {
				t.Fatalf("after wrong PIN %d: %v", i, err)
			}
			same("wrong PIN", i)
			setPIN(t, k, ks.PINKind, 0, goodPIN)
		}
	}
	want, err := ephemeral.ECDH(doc.PublicKey())
	if err != nil {
		t.Fatal(err)
	}
	for i := range 1000 {
		if have, err := doc.ECDH(ephemeral.PublicKey()); err != nil || !bytes.Equal(have, want) {
			t.Fatalf("claim %d: %v", i, err)
		}
		if i%100 == 0 {
			same("claim", i)
		}
	}
	same("claim", 1000)
}

// A claim is one private key operation and one try of the PIN; central's
// approval is verified once, K_doc loaded once.
func TestOperationsOfAClaim(t *testing.T) {
	sim := startTPM(t, t.TempDir())
	d := openTPM(t, sim)
	k, _ := newKeys(t, d)
	p := pinAt(t, 0, goodPIN)
	ephemeral, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	claim := func() {
		t.Helper()
		if _, err := k.Doc(p).ECDH(ephemeral.PublicKey()); err != nil {
			t.Fatal(err)
		}
	}
	start := d.Operations()
	claim()
	if n := d.Operations().Verifications - start.Verifications; n != 1 {
		t.Errorf("%d verifications for the first claim", n)
	}
	const claims = 20
	start = d.Operations()
	for range claims {
		claim()
	}
	end := d.Operations()
	have := tpm.Operations{
		KeyExchanges: end.KeyExchanges - start.KeyExchanges, PINChecks: end.PINChecks - start.PINChecks,
		Sessions: end.Sessions - start.Sessions, Commands: end.Commands - start.Commands,
	}
	want := tpm.Operations{KeyExchanges: claims, PINChecks: claims, Sessions: 2 * claims, Commands: 9 * claims}
	if have != want {
		t.Errorf("%d claims: %+v, want %+v", claims, have, want)
	}
	if end.Keys()-start.Keys() != claims || end.Verifications != start.Verifications || end.Loads != start.Loads {
		t.Errorf("%d claims: from %+v to %+v", claims, start, end)
	}
}

// A session bound to a slot would be keyed with its PIN, and a way to guess
// that without asking: the TPM starts none.
func TestNoSessionIsBoundToASlot(t *testing.T) {
	sim := startTPM(t, t.TempDir())
	r := raw(t, sim)
	newKeys(t, openTPM(t, sim))
	public, err := tpm2.NVReadPublic{NVIndex: tpm2.TPMHandle(0x018b2400)}.Execute(r)
	if err != nil {
		t.Fatal(err)
	}
	bound := tpm2.Bound(tpm2.TPMHandle(0x018b2400), public.NVName, nil)
	if _, _, err := tpm2.HMACSession(r, tpm2.TPMAlgSHA256, 16, bound); !errors.Is(err, tpm2.TPMRCHandle) {
		t.Errorf("an HMAC session: %v", err)
	}
	if _, _, err := tpm2.PolicySession(r, tpm2.TPMAlgSHA256, 16, bound); !errors.Is(err, tpm2.TPMRCHandle) {
		t.Errorf("a policy session: %v", err)
	}
	wantNoHandles(t, sim)
}
