package wire

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func aTrust(t testing.TB, policy signer, authorities ...signer) Trust {
	trust := Trust{
		Revision: 2, IssuedAt: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), PolicyKey: policy.policyKey(t),
		Witnesses: []VerifierKey{"bjet24.example/room/witness+00000000+AAAA"},
	}
	for _, a := range authorities {
		trust.Authorities = append(trust.Authorities, a.certificate.Raw)
	}
	return trust
}

func signTrust(t testing.TB, list string, signers ...signer) SignedTrust {
	s := SignedTrust{Trust: list}
	for _, by := range signers {
		s.Signatures = append(s.Signatures, TrustSignature{Authority: AuthorityID(by.certificate), Signature: by.sign(t, TrustDigest(list))})
	}
	return s
}

// TestTrustAcrossRotation: who knows the former authority learns of the next one, and who knows only that
// one of the former.
func TestTrustAcrossRotation(t *testing.T) {
	former, next, policy, stranger := newSigner(t, true), newSigner(t, true), newSigner(t, false), newSigner(t, true)
	want := aTrust(t, policy, next, former)
	signed := signTrust(t, text(t, want), next, former)
	for _, known := range [][]signer{{former}, {next}, {stranger, former}} {
		trust, err := signed.Open(certificates(known...))
		if d := cmp.Diff(want, trust); err != nil || d != "" {
			t.Fatal(err, d)
		}
		all, err := trust.Certificates()
		if err != nil || len(all) != 2 || !all[0].Equal(next.certificate) || !all[1].Equal(former.certificate) {
			t.Error(all, err)
		}
		if key, err := trust.Policy(); err != nil || !key.Equal(&policy.key.PublicKey) {
			t.Error(key, err)
		}
	}
	byNext := signTrust(t, text(t, want), next)
	if _, err := byNext.Open(certificates(former)); !errors.Is(err, ErrTrustSignature) {
		t.Errorf("an authority introduces itself: %v", err)
	}
}

func TestTrustForged(t *testing.T) {
	room, policy, stranger, leaf := newSigner(t, true), newSigner(t, false), newSigner(t, true), newSigner(t, false)
	list := text(t, aTrust(t, policy, room))
	good := signTrust(t, list, room)
	misnamed := signTrust(t, list, stranger)
	misnamed.Signatures[0].Authority = AuthorityID(room.certificate)
	many := signTrust(t, list, room)
	for range MaxAuthorities {
		many.Signatures = append(many.Signatures, many.Signatures[0])
	}
	changed := good
	changed.Trust += " "
	asStaff := SignedTrust{Trust: list, Signatures: []TrustSignature{{Authority: AuthorityID(room.certificate), Signature: room.sign(t, StaffDigest(list))}}}
	for name, s := range map[string]SignedTrust{
		"unsigned": {Trust: list}, "by a stranger": signTrust(t, list, stranger), "in the room's name": misnamed, "changed": changed,
		"signed as a staff list": asStaff, "by one that is no authority": signTrust(t, list, leaf), "signed often": many,
	} {
		if trust, err := s.Open(certificates(room, leaf)); err == nil {
			t.Errorf("%s: taken as %+v", name, trust)
		}
	}
	if _, err := good.Open(nil); !errors.Is(err, ErrTrustSignature) {
		t.Errorf("nobody is known: %v", err)
	}
}

func TestDecodeTrustRefuses(t *testing.T) {
	room, policy, leaf := newSigner(t, true), newSigner(t, false), newSigner(t, false)
	other, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p384, err := x509.MarshalPKIXPublicKey(&other.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Trust){
		"no revision":        func(s *Trust) { s.Revision = 0 },
		"no time":            func(s *Trust) { s.IssuedAt = time.Time{} },
		"no authority":       func(s *Trust) { s.Authorities = nil },
		"no certificate":     func(s *Trust) { s.Authorities[0] = []byte("DER") },
		"signs nothing":      func(s *Trust) { s.Authorities[0] = leaf.certificate.Raw },
		"many":               func(s *Trust) { s.Authorities = make([][]byte, MaxAuthorities+1) },
		"no policy key":      func(s *Trust) { s.PolicyKey = nil },
		"another curve":      func(s *Trust) { s.PolicyKey = p384 },
		"no witness":         func(s *Trust) { s.Witnesses = nil },
		"an empty witness":   func(s *Trust) { s.Witnesses[0] = "" },
		"a two-line witness": func(s *Trust) { s.Witnesses[0] += "\nx" },
	} {
		trust := aTrust(t, policy, room)
		change(&trust)
		if _, err := DecodeTrust(text(t, trust)); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

func FuzzDecodeTrust(f *testing.F) {
	room, policy := newSigner(f, true), newSigner(f, false)
	f.Add(text(f, aTrust(f, policy, room)))
	f.Add(`{"revision":1,"issued_at":"2026-01-02T03:04:05Z","authorities":["AA=="],"policy_key":"","witnesses":["w"]}`)
	f.Fuzz(func(t *testing.T, s string) {
		trust, err := DecodeTrust(s)
		if err != nil {
			return
		}
		again, err := json.Marshal(trust)
		if err != nil {
			t.Fatal(err)
		}
		if same, err := DecodeTrust(string(again)); len(again) < MaxStatement && (err != nil || !cmp.Equal(trust, same)) {
			t.Fatalf("%q gives %+v, then %+v: %v", s, trust, same, err)
		}
	})
}
