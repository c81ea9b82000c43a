package wire

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"testing"
)

func TestSignedStaff(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	text := `{"station":"press-1","issued_at":"2026-01-02T03:04:05Z","people":[{"pseudonym":"p1","name":"Anna","role":"operator","language":"fr"}]}`
	digest := StaffDigest(text)
	signature, err := ecdsa.SignASN1(rand.Reader, key, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	signed := SignedStaff{Staff: text, Signature: signature}
	staff, err := signed.Open(&key.PublicKey, "press-1")
	if err != nil || len(staff.People) != 1 || staff.People[0].Role != RoleOperator {
		t.Fatal(staff, err)
	}
	if _, err := signed.Open(&key.PublicKey, "press-2"); !errors.Is(err, ErrStaffSignature) {
		t.Errorf("another station's list: %v", err)
	}
	signed.Staff = text[:len(text)-1] + " }"
	if _, err := signed.Open(&key.PublicKey, "press-1"); !errors.Is(err, ErrStaffSignature) {
		t.Errorf("changed text: %v", err)
	}
}
