package tpm

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"

	"github.com/google/go-tpm/tpm2"
)

// What is taken for a sealed secret is of the generation that it names, in one
// encoding.
func FuzzParseSealed(f *testing.F) {
	for _, generation := range []uint64{0, 7, 1 << 63} {
		template, err := sealedTemplate(generation)
		if err != nil {
			f.Fatal(err)
		}
		template.Unique = tpm2.NewTPMUPublicID(tpm2.TPMAlgKeyedHash, &tpm2.TPM2BDigest{Buffer: make([]byte, 32)})
		sealed := binary.BigEndian.AppendUint64([]byte{sealedVersion}, generation)
		sealed = append(sealed, marshalPublic(template)...)
		f.Add(append(sealed, 0, 3, 1, 2, 3))
		f.Add(sealed)
	}
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := parseSealed(data)
		if err != nil {
			if !errors.Is(err, ErrSealed) || s != nil {
				t.Fatalf("%v, %v", s, err)
			}
			return
		}
		again := binary.BigEndian.AppendUint64([]byte{sealedVersion}, s.generation)
		again = append(again, marshalPublic(s.template)...)
		again = append(again, tpm2.Marshal(s.private)...)
		if !bytes.Equal(again, data) {
			t.Fatal("encodes differently")
		}
		want, err := sealedTemplate(s.generation)
		if err != nil || !bytes.Equal(s.template.AuthPolicy.Buffer, want.AuthPolicy.Buffer) || s.template.ObjectAttributes.UserWithAuth {
			t.Fatalf("took another policy: %v", err)
		}
	})
}
