package tpm_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-tpm/tpm2"

	"espero-soft.com/printroom/vault/tpm"
)

// material makes a key set and endorsement areas, which seed the corpora.
func material(f *testing.F) (tpm.KeySet, tpm.Endorsement) {
	f.Helper()
	d := openTPM(f, startTPM(f, f.TempDir()))
	e, err := d.Endorsement()
	if err != nil {
		f.Fatal(err)
	}
	_, ks := newKeys(f, d)
	return ks, e
}

// What is accepted names a key for one role only, in one encoding.
func FuzzCheckPublic(f *testing.F) {
	ks, e := material(f)
	for _, role := range tpm.Roles() {
		f.Add(int(role), ks.Keys[role].Public)
	}
	f.Add(0, ks.Parent)
	f.Add(2, e.Public)
	f.Add(1, []byte{0, 0})
	f.Fuzz(func(t *testing.T, role int, public []byte) {
		key, name, err := tpm.CheckPublic(tpm.Role(role), public, &policyKey().PublicKey)
		if err != nil {
			if !errors.Is(err, tpm.ErrPublic) || key != nil || name != nil {
				t.Fatalf("%v %v %v", key, name, err)
			}
			return
		}
		area, err := tpm2.Unmarshal[tpm2.TPMTPublic](public[2:])
		if err != nil || !bytes.Equal(tpm2.Marshal(tpm2.New2B(*area)), public) {
			t.Fatalf("encodes differently: %v", err)
		}
		if a := area.ObjectAttributes; !a.FixedTPM || !a.FixedParent || !a.SensitiveDataOrigin || a.EncryptedDuplication {
			t.Fatalf("accepted attributes %+v", a)
		}
		if _, err := key.ECDH(); err != nil || len(name) != 34 {
			t.Fatalf("accepted key %v, name %x", err, name)
		}
	})
}

func FuzzMakeCredential(f *testing.F) {
	ks, e := material(f)
	_, name, err := tpm.CheckPublic(tpm.RoleLog, ks.Keys[tpm.RoleLog].Public, &policyKey().PublicKey)
	if err != nil {
		f.Fatal(err)
	}
	ecc := edited(f, ks.Parent, func(p *tpm2.TPMTPublic) {
		unique := p.Unique
		*p = tpm2.ECCEKTemplate
		p.Unique = unique
	})
	f.Add(e.Public, []byte(name), []byte("secret"))
	f.Add(ecc, []byte(name), make([]byte, tpm.MaxSecret))
	f.Add(ks.Parent, []byte(name), []byte("secret"))
	f.Add([]byte(nil), []byte(nil), []byte(nil))
	f.Fuzz(func(t *testing.T, ek, name, secret []byte) {
		c, err := tpm.MakeCredential(ek, name, secret)
		if err != nil {
			if !errors.Is(err, tpm.ErrEndorsement) && !errors.Is(err, tpm.ErrChallenge) {
				t.Fatal(err)
			}
			return
		}
		if len(secret) >= 8 && (bytes.Contains(c.Credential, secret) || bytes.Contains(c.Seed, secret)) {
			t.Fatal("the secret is in the challenge in clear")
		}
	})
}

// What is accepted encodes and reads back the same.
func FuzzKeySetJSON(f *testing.F) {
	ks, _ := material(f)
	good, err := json.Marshal(ks)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(`{}`))
	f.Add([]byte(`{"version":2,"parent":"AAA=","policy":"AAA=","pin_kind":"lockout","doc":{},"log":{},"tls":{}}`))
	f.Add(bytes.Replace(good, []byte(`"version":2`), []byte(`"version":1`), 1))
	f.Add(bytes.Replace(good, []byte(`"pin_fail"`), []byte(`"lockout"`), 1))
	f.Add(bytes.Replace(good, []byte(`"version"`), []byte(`"more":0,"version"`), 1))
	f.Fuzz(func(t *testing.T, data []byte) {
		var read, again tpm.KeySet
		if err := json.Unmarshal(data, &read); err != nil {
			if diff := cmp.Diff(tpm.KeySet{}, read); diff != "" {
				t.Fatalf("half read: %s", diff)
			}
			return
		}
		encoded, err := json.Marshal(read)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(encoded, &again); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(read, again); diff != "" {
			t.Fatal(diff)
		}
	})
}
