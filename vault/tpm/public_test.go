package tpm_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"testing"

	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpm2/transport"

	"espero-soft.com/printroom/vault/tpm"
)

// edited is a good key's public area with one thing changed.
func edited(t testing.TB, public []byte, edit func(*tpm2.TPMTPublic)) []byte {
	t.Helper()
	area, err := tpm2.Unmarshal[tpm2.TPMTPublic](public[2:])
	if err != nil {
		t.Fatal(err)
	}
	edit(area)
	return tpm2.Marshal(tpm2.New2B(*area))
}

func eccParameters(curve tpm2.TPMECCCurve, scheme tpm2.TPMTECCScheme) tpm2.TPMUPublicParms {
	return tpm2.NewTPMUPublicParms(tpm2.TPMAlgECC, &tpm2.TPMSECCParms{CurveID: curve, Scheme: scheme})
}

func TestCheckPublicRefusals(t *testing.T) {
	_, ks := newKeys(t, openTPM(t, startTPM(t, t.TempDir())))
	sha384 := tpm2.TPMTECCScheme{Scheme: tpm2.TPMAlgECDSA, Details: tpm2.NewTPMUAsymScheme(
		tpm2.TPMAlgECDSA, &tpm2.TPMSSigSchemeECDSA{HashAlg: tpm2.TPMAlgSHA384})}
	edits := map[string]func(*tpm2.TPMTPublic){
		"duplicable":             func(p *tpm2.TPMTPublic) { p.ObjectAttributes.FixedTPM = false },
		"another parent":         func(p *tpm2.TPMTPublic) { p.ObjectAttributes.FixedParent = false },
		"imported":               func(p *tpm2.TPMTPublic) { p.ObjectAttributes.SensitiveDataOrigin = false },
		"encrypted duplication":  func(p *tpm2.TPMTPublic) { p.ObjectAttributes.EncryptedDuplication = true },
		"restricted":             func(p *tpm2.TPMTPublic) { p.ObjectAttributes.Restricted = true },
		"both uses":              func(p *tpm2.TPMTPublic) { p.ObjectAttributes.SignEncrypt, p.ObjectAttributes.Decrypt = true, true },
		"other use by authValue": func(p *tpm2.TPMTPublic) { p.ObjectAttributes.UserWithAuth = !p.ObjectAttributes.UserWithAuth },
		"admin with policy":      func(p *tpm2.TPMTPublic) { p.ObjectAttributes.AdminWithPolicy = true },
		"other guess protection": func(p *tpm2.TPMTPublic) { p.ObjectAttributes.NoDA = !p.ObjectAttributes.NoDA },
		"stClear":                func(p *tpm2.TPMTPublic) { p.ObjectAttributes.STClear = true },
		"another policy":         func(p *tpm2.TPMTPublic) { p.AuthPolicy.Buffer = make([]byte, 32) },
		"SHA-1 name":             func(p *tpm2.TPMTPublic) { p.NameAlg = tpm2.TPMAlgSHA1 },
		"P-384":                  func(p *tpm2.TPMTPublic) { p.Parameters = eccParameters(tpm2.TPMECCNistP384, tpm2.TPMTECCScheme{}) },
		"no scheme":              func(p *tpm2.TPMTPublic) { p.Parameters = eccParameters(tpm2.TPMECCNistP256, tpm2.TPMTECCScheme{}) },
		"SHA-384 scheme":         func(p *tpm2.TPMTPublic) { p.Parameters = eccParameters(tpm2.TPMECCNistP256, sha384) },
		"off the curve":          func(p *tpm2.TPMTPublic) { p.Unique = point([]byte{1}, []byte{1}) },
		"no point":               func(p *tpm2.TPMTPublic) { p.Unique = point(nil, nil) },
		"long point":             func(p *tpm2.TPMTPublic) { p.Unique = point(make([]byte, 33), make([]byte, 33)) },
	}
	for _, role := range tpm.Roles() {
		good := ks.Keys[role].Public
		if _, _, err := tpm.CheckPublic(role, good, &policyKey().PublicKey); err != nil {
			t.Fatal(err)
		}
		for what, edit := range edits {
			if _, _, err := tpm.CheckPublic(role, edited(t, good, edit), &policyKey().PublicKey); !errors.Is(err, tpm.ErrPublic) {
				t.Errorf("%v, %s: %v", role, what, err)
			}
		}
		reserved := bytes.Clone(good)
		reserved[6] |= 0x80 // an attribute bit without meaning
		for what, public := range map[string][]byte{
			"empty": nil, "cut": good[:len(good)-1], "longer": append(bytes.Clone(good), 0), "reserved bit": reserved,
		} {
			if _, _, err := tpm.CheckPublic(role, public, &policyKey().PublicKey); !errors.Is(err, tpm.ErrPublic) {
				t.Errorf("%v, %s: %v", role, what, err)
			}
		}
	}
	for what, policy := range map[string]*ecdsa.PublicKey{"another policy key": &otherKey(t).PublicKey, "no policy key": nil} {
		if _, _, err := tpm.CheckPublic(tpm.RoleDoc, ks.Keys[tpm.RoleDoc].Public, policy); !errors.Is(err, tpm.ErrPublic) {
			t.Errorf("K_doc under %s: %v", what, err)
		}
	}
	if _, _, err := tpm.CheckPublic(tpm.RoleDoc, ks.Keys[tpm.RoleTLS].Public, &policyKey().PublicKey); !errors.Is(err, tpm.ErrPublic) {
		t.Errorf("K_tls as K_doc: %v", err)
	}
	if _, _, err := tpm.CheckPublic(tpm.Role(7), ks.Keys[tpm.RoleTLS].Public, &policyKey().PublicKey); !errors.Is(err, tpm.ErrPublic) {
		t.Errorf("no such role: %v", err)
	}
}

func point(x, y []byte) tpm2.TPMUPublicID {
	return tpm2.NewTPMUPublicID(tpm2.TPMAlgECC, &tpm2.TPMSECCPoint{
		X: tpm2.TPM2BECCParameter{Buffer: x}, Y: tpm2.TPM2BECCParameter{Buffer: y},
	})
}

// The TPM itself gives no imported key the attributes that CheckPublic wants,
// and with those it does give, CheckPublic refuses it.
func TestImportedKeyIsRefused(t *testing.T) {
	sim := startTPM(t, t.TempDir())
	_, ks := newKeys(t, openTPM(t, sim))
	r := raw(t, sim)
	good := ks.Keys[tpm.RoleTLS].Public
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ours := func(p *tpm2.TPMTPublic) {
		p.Unique = point(key.X.FillBytes(make([]byte, 32)), key.Y.FillBytes(make([]byte, 32)))
	}
	if err := importKey(t, r, edited(t, good, ours), key); err == nil {
		t.Error("the TPM imports a key that claims to be its own")
	}
	honest := edited(t, good, func(p *tpm2.TPMTPublic) {
		ours(p)
		a := &p.ObjectAttributes
		a.FixedTPM, a.FixedParent, a.SensitiveDataOrigin = false, false, false
	})
	if err := importKey(t, r, honest, key); err != nil {
		t.Fatal(err)
	}
	if _, _, err := tpm.CheckPublic(tpm.RoleTLS, honest, &policyKey().PublicKey); !errors.Is(err, tpm.ErrPublic) {
		t.Errorf("an imported key: %v", err)
	}
}

// importKey gives the TPM a software key under the storage root.
func importKey(t *testing.T, r transport.TPM, public []byte, key *ecdsa.PrivateKey) error {
	t.Helper()
	private, err := key.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	root, err := tpm2.ReadPublic{ObjectHandle: tpm2.TPMHandle(0x81000001)}.Execute(r)
	if err != nil {
		t.Fatal(err)
	}
	sensitive := tpm2.TPMTSensitive{
		SensitiveType: tpm2.TPMAlgECC,
		Sensitive: tpm2.NewTPMUSensitiveComposite(tpm2.TPMAlgECC,
			&tpm2.TPM2BECCParameter{Buffer: private}),
	}
	_, err = tpm2.Import{
		ParentHandle: tpm2.AuthHandle{Handle: 0x81000001, Name: root.Name, Auth: tpm2.HMAC(tpm2.TPMAlgSHA256, 16)},
		ObjectPublic: tpm2.BytesAs2B[tpm2.TPMTPublic](public[2:]),
		Duplicate:    tpm2.TPM2BPrivate{Buffer: tpm2.Marshal(tpm2.New2B(sensitive))},
		Symmetric:    tpm2.TPMTSymDef{Algorithm: tpm2.TPMAlgNull},
	}.Execute(r)
	return err
}

func TestMakeCredentialRefusals(t *testing.T) {
	d := openTPM(t, startTPM(t, t.TempDir()))
	e, err := d.Endorsement()
	if err != nil {
		t.Fatal(err)
	}
	_, ks := newKeys(t, d)
	_, name, err := tpm.CheckPublic(tpm.RoleDoc, ks.Keys[tpm.RoleDoc].Public, &policyKey().PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	secret := []byte("secret")
	short := edited(t, e.Public, func(p *tpm2.TPMTPublic) {
		p.Unique = tpm2.NewTPMUPublicID(tpm2.TPMAlgRSA, &tpm2.TPM2BPublicKeyRSA{Buffer: make([]byte, 256)})
	})
	for what, c := range map[string]struct {
		ek, name, secret []byte
		want             error
	}{
		"a storage root as endorsement key": {ks.Parent, name, secret, tpm.ErrEndorsement},
		"no endorsement key":                {nil, name, secret, tpm.ErrEndorsement},
		"a modulus of zeros":                {short, name, secret, tpm.ErrEndorsement},
		"no name":                           {e.Public, nil, secret, tpm.ErrChallenge},
		"a SHA-384 name":                    {e.Public, append([]byte{0, 12}, make([]byte, 48)...), secret, tpm.ErrChallenge},
		"no secret":                         {e.Public, name, nil, tpm.ErrChallenge},
		"a long secret":                     {e.Public, name, make([]byte, tpm.MaxSecret+1), tpm.ErrChallenge},
	} {
		if _, err := tpm.MakeCredential(c.ek, c.name, c.secret); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
