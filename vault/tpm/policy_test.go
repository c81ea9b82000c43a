package tpm

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"testing"

	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpm2/transport"

	"espero-soft.com/printroom/vault/memory"
	"espero-soft.com/printroom/vault/tpm/swtpm"
)

func testKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// newTPM runs a software TPM with keys under a policy key.
func newTPM(t testing.TB, key *ecdsa.PrivateKey) (*Keys, transport.TPM) {
	t.Helper()
	sim, err := swtpm.Start(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	d, err := Open(sim.Endpoint())
	if err != nil {
		t.Fatal(err)
	}
	r, err := Dial(sim.Endpoint())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, end := range []func() error{d.Close, r.Close, sim.Stop} {
			if err := end(); err != nil {
				t.Error(err)
			}
		}
	})
	set, err := d.CreateKeys(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	k, err := d.Load(set)
	if err != nil {
		t.Fatal(err)
	}
	return k, r
}

// Names, policies and parameter hashes that are computed in software are those
// that the TPM computes.
func TestPoliciesAreTheTPMs(t *testing.T) {
	key := testKey(t)
	k, r := newTPM(t, key)
	policyKeyName := wantPolicyKeyName(t, k, r, &key.PublicKey)
	for _, slot := range []int{0, 7, MaxSlots - 1} {
		public, err := slotIndex(&key.PublicKey, KindPINFail, slot)
		if err != nil {
			t.Fatal(err)
		}
		if err := defineIndex(r, public, nil, nil); err != nil {
			t.Fatal(err)
		}
		rsp, err := tpm2.NVReadPublic{NVIndex: public.NVIndex}.Execute(r)
		if err != nil {
			t.Fatal(err)
		}
		name, err := indexName(public, false)
		if err != nil || !bytes.Equal(name, rsp.NVName.Buffer) {
			t.Errorf("slot %d: name %x, the TPM says %x, %v", slot, name, rsp.NVName.Buffer, err)
		}
		wantWriteHash(t, public, name)
		wantBranches(t, k, r, policyKeyName, slot, public)
	}
	wantDocPolicy(t, k, r, policyKeyName)
}

func wantPolicyKeyName(t *testing.T, k *Keys, r transport.TPM, policy *ecdsa.PublicKey) Name {
	t.Helper()
	name, err := policyName(policy)
	if err != nil {
		t.Fatal(err)
	}
	err = k.withPolicyKey(r, func(loaded tpm2.NamedHandle) error {
		rsp, err := tpm2.ReadPublic{ObjectHandle: loaded.Handle}.Execute(r)
		if err == nil && !bytes.Equal(rsp.Name.Buffer, name) {
			t.Errorf("policy key: name %x, the TPM says %x", name, rsp.Name.Buffer)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return name
}

// wantWriteHash compares with go-tpm's hash of the command that is sent.
func wantWriteHash(t *testing.T, public tpm2.TPMSNVPublic, name Name) {
	t.Helper()
	index := tpm2.NamedHandle{Handle: public.NVIndex, Name: tpm2.TPM2BName{Buffer: name}}
	sent, err := tpm2.CPHash[tpm2.NVWriteResponse](tpm2.TPMAlgSHA256, tpm2.NVWrite{
		AuthHandle: index, NVIndex: index, Data: tpm2.TPM2BMaxNVBuffer{Buffer: slotData()},
	})
	if err != nil || !bytes.Equal(sent.Buffer, writeHash(name)) {
		t.Errorf("the write's hash is %x, sent is %x, %v", writeHash(name), sent.Buffer, err)
	}
}

// trial is the TPM's own digest of a policy. A trial session checks neither
// signatures nor tickets.
func trial(t *testing.T, r transport.TPM, commands func(tpm2.TPMHandle) error) digest {
	t.Helper()
	s, err := startSession(r, tpm2.TPMSETrial, nil, encryptNothing)
	if err != nil {
		t.Fatal(err)
	}
	var rsp *tpm2.PolicyGetDigestResponse
	err = ending(r, s, func() error {
		if err := commands(s.handle); err != nil {
			return err
		}
		rsp, err = tpm2.PolicyGetDigest{PolicySession: s.handle}.Execute(r)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return digest(rsp.PolicyDigest.Buffer)
}

func wantBranches(t *testing.T, k *Keys, r transport.TPM, policyKey Name, slot int, public tpm2.TPMSNVPublic) {
	t.Helper()
	b := slotBranches(policyKey, slot)
	signed := func(code tpm2.TPMCC, ref string) digest {
		return trial(t, r, func(s tpm2.TPMHandle) error {
			if _, err := (tpm2.PolicyCommandCode{PolicySession: s, Code: code}).Execute(r); err != nil {
				return err
			}
			return trialSigned(k, r, s, ref)
		})
	}
	if have := signed(tpm2.TPMCCNVWrite, refWrite); have != b.write {
		t.Errorf("write: %x, the TPM says %x", b.write, have)
	}
	if have := signed(tpm2.TPMCCNVChangeAuth, refAuth(slot)); have != b.auth {
		t.Errorf("auth: %x, the TPM says %x", b.auth, have)
	}
	own := trial(t, r, func(s tpm2.TPMHandle) error {
		if err := trialAuthorize(r, s, policyKey, refOwn(slot)); err != nil {
			return err
		}
		_, err := tpm2.PolicyCommandCode{PolicySession: s, Code: tpm2.TPMCCNVChangeAuth}.Execute(r)
		return err
	})
	if own != b.own {
		t.Errorf("own: %x, the TPM says %x", b.own, own)
	}
	whole := trial(t, r, func(s tpm2.TPMHandle) error {
		var list tpm2.TPMLDigest
		for _, branch := range b.list() {
			list.Digests = append(list.Digests, tpm2.TPM2BDigest{Buffer: branch[:]})
		}
		_, err := tpm2.PolicyOr{PolicySession: s, PHashList: list}.Execute(r)
		return err
	})
	if !bytes.Equal(whole[:], public.AuthPolicy.Buffer) {
		t.Errorf("whole: %x, the TPM says %x", public.AuthPolicy.Buffer, whole)
	}
}

// trialSigned is PolicySigned in a trial session, which takes any signature.
func trialSigned(k *Keys, r transport.TPM, s tpm2.TPMHandle, ref string) error {
	one := tpm2.TPM2BECCParameter{Buffer: []byte{1}}
	return k.withPolicyKey(r, func(key tpm2.NamedHandle) error {
		_, err := tpm2.PolicySigned{
			AuthObject: key, PolicySession: s, PolicyRef: tpm2.TPM2BNonce{Buffer: []byte(ref)},
			Auth: tpm2.TPMTSignature{
				SigAlg: tpm2.TPMAlgECDSA,
				Signature: tpm2.NewTPMUSignature(tpm2.TPMAlgECDSA, &tpm2.TPMSSignatureECC{
					Hash: tpm2.TPMAlgSHA256, SignatureR: one, SignatureS: one,
				}),
			},
		}.Execute(r)
		return err
	})
}

// trialAuthorize is PolicyAuthorize in a trial session, which takes any ticket.
func trialAuthorize(r transport.TPM, s tpm2.TPMHandle, policyKey Name, ref string) error {
	_, err := tpm2.PolicyAuthorize{
		PolicySession: s,
		PolicyRef:     tpm2.TPM2BDigest{Buffer: []byte(ref)},
		KeySign:       tpm2.TPM2BName{Buffer: policyKey},
		CheckTicket:   tpm2.TPMTTKVerified{Tag: tpm2.TPMSTVerified, Hierarchy: tpm2.TPMRHOwner},
	}.Execute(r)
	return err
}

func wantDocPolicy(t *testing.T, k *Keys, r transport.TPM, policyKey Name) {
	t.Helper()
	have := trial(t, r, func(s tpm2.TPMHandle) error { return trialAuthorize(r, s, policyKey, refDoc) })
	public, err := k.loaded[RoleDoc].area.Contents()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have[:], public.AuthPolicy.Buffer) {
		t.Errorf("K_doc's policy: %x, the TPM says %x", public.AuthPolicy.Buffer, have)
	}
}

// The written index's name and PolicySecret of it, as the TPM has them once
// central's grant was used.
func TestApprovedPolicyIsTheTPMs(t *testing.T) {
	key := testKey(t)
	k, r := newTPM(t, key)
	held, err := memory.New(AuthSize)
	if err != nil {
		t.Fatal(err)
	}
	defer held.Destroy()
	held.Bytes()[0] = 7
	change, request, err := k.BeginPIN(3, held)
	if err != nil {
		t.Fatal(err)
	}
	auth, write, err := SignPIN(key, KindPINFail, request)
	if err != nil {
		t.Fatal(err)
	}
	if err := change.Finish(auth, write); err != nil {
		t.Fatal(err)
	}
	index, err := k.slot(3)
	if err != nil {
		t.Fatal(err)
	}
	rsp, err := tpm2.NVReadPublic{NVIndex: index.Handle}.Execute(r)
	if err != nil || !bytes.Equal(rsp.NVName.Buffer, index.Name.Buffer) {
		t.Errorf("name %x, the TPM says %x, %v", index.Name.Buffer, rsp.NVName.Buffer, err)
	}
	have := trial(t, r, func(s tpm2.TPMHandle) error {
		_, err := tpm2.PolicySecret{
			AuthHandle: tpm2.AuthHandle{
				Handle: index.Handle, Name: index.Name, Auth: tpm2.PasswordAuth([]byte{7}),
			},
			PolicySession: s,
		}.Execute(r)
		return err
	})
	if want, err := slotPolicy(&key.PublicKey, KindPINFail, 3); err != nil || have != want {
		t.Errorf("approved is %x, the TPM says %x, %v", want, have, err)
	}
}
