package tpm_test

import (
	"errors"
	"testing"

	"espero-soft.com/printroom/vault/tpm"
)

func TestFirst(t *testing.T) {
	sim := startTPM(t, t.TempDir())
	d := openTPM(t, sim)
	k, ks := newKeys(t, d)
	t.Log(k.PINState(0))
	if err := k.CheckPIN(pinAt(t, 0, goodPIN)); err != nil {
		t.Error(err)
	}
	if err := roundTrip(k.Doc(pinAt(t, 0, goodPIN)), []byte("x")); err != nil {
		t.Error(err)
	}
	for range 3 {
		if err := k.CheckPIN(pinAt(t, 0, "wrong")); !errors.Is(err, tpm.ErrWrongPIN) {
			t.Error(err)
		}
	}
	t.Log(k.PINState(0))
	if err := k.CheckPIN(pinAt(t, 0, goodPIN)); err != nil {
		t.Error(err)
	}
	t.Log(k.PINState(0))
	if err := k.ChangePIN(0, authOf(t, goodPIN), authOf(t, "new")); err != nil {
		t.Error(err)
	}
	for range 5 {
		t.Log(k.ChangePIN(0, authOf(t, "wrong"), authOf(t, "new")))
		t.Log(k.PINState(0))
	}
	t.Log(k.ChangePIN(0, authOf(t, "new"), authOf(t, "newer")))
	t.Log(k.CheckPIN(pinAt(t, 0, "new")))
	setPIN(t, k, ks.PINKind, 0, "third")
	t.Log(k.CheckPIN(pinAt(t, 0, "third")))
	wantNoHandles(t, sim)
}
