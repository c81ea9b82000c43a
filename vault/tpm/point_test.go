package tpm

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-tpm/tpm2"
)

// swtpm pads coordinates itself; other TPMs leave leading zeros out.
func TestSharedSecretIsPadded(t *testing.T) {
	for _, c := range []struct{ x, y, want []byte }{
		{bytes.Repeat([]byte{7}, 32), []byte{1}, bytes.Repeat([]byte{7}, 32)},
		{bytes.Repeat([]byte{7}, 31), []byte{1}, append([]byte{0}, bytes.Repeat([]byte{7}, 31)...)},
		{[]byte{9}, bytes.Repeat([]byte{7}, 32), append(make([]byte, 31), 9)},
	} {
		out := tpm2.New2B(tpm2.TPMSECCPoint{
			X: tpm2.TPM2BECCParameter{Buffer: bytes.Clone(c.x)},
			Y: tpm2.TPM2BECCParameter{Buffer: bytes.Clone(c.y)},
		})
		if have, err := sharedX(&out); err != nil || !bytes.Equal(have, c.want) {
			t.Errorf("X %x: %x, %v", c.x, have, err)
		}
		if bytes.Contains(out.Bytes(), c.x) {
			t.Error("the response was not wiped")
		}
	}
	long := tpm2.New2B(tpm2.TPMSECCPoint{X: tpm2.TPM2BECCParameter{Buffer: make([]byte, 33)}})
	if _, err := sharedX(&long); !errors.Is(err, ErrPublic) {
		t.Errorf("33 bytes: %v", err)
	}
}

func TestPointIsPaddedOnBothSides(t *testing.T) {
	have, err := uncompressed(&tpm2.TPMSECCPoint{
		X: tpm2.TPM2BECCParameter{Buffer: []byte{1, 2}},
		Y: tpm2.TPM2BECCParameter{Buffer: []byte{3}},
	})
	want := make([]byte, 65)
	want[0], want[31], want[32], want[64] = 4, 1, 2, 3
	if err != nil || !bytes.Equal(have, want) {
		t.Errorf("%x, %v", have, err)
	}
}
