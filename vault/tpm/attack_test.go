//go:build long

package tpm_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-tpm/tpm2"

	"espero-soft.com/printroom/vault/tpm"
	"espero-soft.com/printroom/vault/tpm/swtpm"
)

// thief has the whole computer: its TPM, whose owner's password is empty, and
// everything on its disk, the approvals too. They work with Debian's
// tpm2-tools, which share no code with this package.
type thief struct {
	t   *testing.T
	sim *swtpm.TPM
	dir string
}

// steal gives a thief a station's key blobs and central's approval of a slot.
func steal(t *testing.T, sim *swtpm.TPM, ks tpm.KeySet, p tpm.PIN) *thief {
	t.Helper()
	th := &thief{t: t, sim: sim, dir: t.TempDir()}
	doc := ks.Keys[tpm.RoleDoc]
	th.write("doc.pub", doc.Public)
	th.write("doc.priv", doc.Private)
	th.write("policy.pem", pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: ks.Policy}))
	th.write("ref", []byte("printroom K_doc v1"))
	var approval asn1.RawValue
	own, err := asn1.Unmarshal(p.Approval, &approval)
	if err != nil {
		t.Fatal(err)
	}
	th.write("approval.sig", approval.FullBytes)
	th.write("own.sig", own)
	th.write("own.ref", fmt.Appendf(nil, "printroom pin own %d", p.Slot))
	branches, err := tpm.Branches(&policyKey().PublicKey, p.Slot)
	if err != nil {
		t.Fatal(err)
	}
	for i, b := range branches {
		th.write(fmt.Sprint("branch", i), b)
	}
	th.write("approved.policy", th.approved(p.Slot))
	public, err := tpm2.Unmarshal[tpm2.TPMTPublic](doc.Public[2:])
	if err != nil {
		t.Fatal(err)
	}
	point, err := public.Unique.ECC()
	if err != nil {
		t.Fatal(err)
	}
	// Any point does: K_doc's own.
	th.write("point", tpm2.Marshal(tpm2.New2B(*point)))
	th.must("tpm2_load", "-Q", "-C", "0x81000001", "-u", "doc.pub", "-r", "doc.priv", "-c", "doc.ctx")
	return th
}

// approved is the policy that central approved: PolicySecret of the slot's
// index, by the name that the TPM gives it now.
func (th *thief) approved(slot int) []byte {
	th.t.Helper()
	rsp, err := tpm2.NVReadPublic{NVIndex: tpm2.TPMHandle(0x018b2400 + slot)}.Execute(raw(th.t, th.sim))
	if err != nil {
		th.t.Fatal(err)
	}
	policy := sha256.Sum256(append(append(make([]byte, 32), 0, 0, 0x01, 0x51), rsp.NVName.Buffer...))
	policy = sha256.Sum256(policy[:])
	return policy[:]
}

// try runs a tool in the thief's directory; its answer may be an error.
func (th *thief) try(tool string, args ...string) error {
	th.t.Helper()
	cmd := command(th.t, th.sim, tool, args...)
	cmd.Dir = th.dir
	out, err := cmd.CombinedOutput()
	th.flush(transient, loadedSession)
	if err != nil {
		return fmt.Errorf("%s %s: %w\n%s", tool, strings.Join(args, " "), err, out)
	}
	return nil
}

func (th *thief) must(tool string, args ...string) {
	th.t.Helper()
	if err := th.try(tool, args...); err != nil {
		th.t.Fatal(err)
	}
}

// refused wants each of these refused by the TPM, not for want of skill.
func (th *thief) refused(what string, err error) {
	th.t.Helper()
	switch {
	case err == nil:
		th.t.Errorf("%s: succeeded", what)
	case !strings.Contains(err.Error(), "tpm:"), strings.Contains(err.Error(), "tpm:warn"):
		th.t.Errorf("%s: not the TPM's refusal: %v", what, err)
	}
}

func (th *thief) write(name string, data []byte) {
	th.t.Helper()
	if err := os.WriteFile(filepath.Join(th.dir, name), data, 0o600); err != nil {
		th.t.Fatal(err)
	}
}

// session runs f with a policy session, ended afterwards.
func (th *thief) session(f func() error) error {
	th.t.Helper()
	th.must("tpm2_startauthsession", "--policy-session", "-S", "session")
	defer th.flush(loadedSession, savedSession)
	return f()
}

// flush unloads what the tools leave behind where no resource manager does it:
// their files bring objects and sessions back.
func (th *thief) flush(kinds ...uint32) {
	th.t.Helper()
	r := raw(th.t, th.sim)
	for _, h := range handlesOf(th.t, r, kinds...) {
		if _, err := (tpm2.FlushContext{FlushHandle: h}).Execute(r); err != nil {
			th.t.Fatal(err)
		}
	}
}

// secret is the PolicySecret that a PIN is for; how, the way to give it.
func (th *thief) secret(slot int, auth string) error {
	return th.try("tpm2_policysecret", "-Q", "-S", "session", "-c", fmt.Sprintf("%#x", 0x018b2400+slot), auth)
}

// authorize gives the session central's real approval, verified by the TPM.
func (th *thief) authorize() error { return th.authorizeBy("approval.sig", "ref") }

// authorizeOwn gives it the one for changing the slot's PIN.
func (th *thief) authorizeOwn() error { return th.authorizeBy("own.sig", "own.ref") }

func (th *thief) authorizeBy(signature, ref string) error {
	th.must("tpm2_loadexternal", "-Q", "-C", "o", "-G", "ecc:ecdsa-sha256", "-u", "policy.pem", "-c", "policy.ctx", "-n", "policy.name",
		"-a", "sign|userwithauth")
	th.write("signed", append(bytes.Clone(th.read("approved.policy")), th.read(ref)...))
	th.must("tpm2_verifysignature", "-c", "policy.ctx", "-g", "sha256", "-m", "signed", "-s", signature, "-f", "ecdsa", "-t", "ticket")
	return th.try("tpm2_policyauthorize", "-Q", "-S", "session", "-i", "approved.policy", "-q", ref, "-n", "policy.name", "-t", "ticket")
}

func (th *thief) read(name string) []byte {
	th.t.Helper()
	data, err := os.ReadFile(filepath.Join(th.dir, name))
	if err != nil {
		th.t.Fatal(err)
	}
	return data
}

func (th *thief) exchange(key string, auth ...string) error {
	return th.try("tpm2_ecdhzgen", append([]string{"-c", key, "-u", "point", "-o", "z"}, auth...)...)
}

// authHex is a PIN's authorisation value as the tools take it.
func authHex(pin string) string {
	auth := sha256.Sum256([]byte(pin))
	return "hex:" + hex.EncodeToString(auth[:])
}

// stolen is a station with a person in slot 0, and a thief.
func stolen(t *testing.T) (*tpm.Keys, *thief) {
	t.Helper()
	sim := startTPM(t, t.TempDir())
	k, ks := newKeys(t, openTPM(t, sim))
	return k, steal(t, sim, ks, pinAt(t, 0, goodPIN))
}

// The tools do open K_doc, in the hands of who knows the PIN: what fails below
// does not for want of skill.
func TestToolsOpenWithThePIN(t *testing.T) {
	_, th := stolen(t)
	err := th.session(func() error {
		return errors.Join(th.secret(0, authHex(goodPIN)), th.authorize(), th.exchange("doc.ctx", "-p", "session:session"))
	})
	if err != nil {
		t.Error(err)
	}
}

func TestThiefUsesKDocWithoutPIN(t *testing.T) {
	k, th := stolen(t)
	th.refused("no authorisation", th.exchange("doc.ctx"))
	th.refused("a password", th.exchange("doc.ctx", "-p", "guess"))
	th.refused("the PIN as password", th.exchange("doc.ctx", "-p", authHex(goodPIN)))
	th.refused("an empty policy", th.session(func() error { return th.exchange("doc.ctx", "-p", "session:session") }))
	th.refused("a policy of their own", th.session(func() error {
		th.must("tpm2_policycommandcode", "-Q", "-S", "session", "TPM2_CC_ECDH_ZGen")
		return th.exchange("doc.ctx", "-p", "session:session")
	}))
	th.refused("the owner's secret", th.session(func() error {
		th.must("tpm2_policysecret", "-Q", "-S", "session", "-c", "o")
		th.refused("the approval for it", th.authorize())
		return th.exchange("doc.ctx", "-p", "session:session")
	}))
	th.refused("the approval alone", th.session(th.authorize))
	th.refused("an approval of their own", th.session(func() error {
		th.forge()
		th.must("tpm2_policyauthorize", "-Q", "-S", "session", "-i", "empty.policy", "-q", "ref", "-n", "theirs.name", "-t", "ticket")
		return th.exchange("doc.ctx", "-p", "session:session")
	}))

	// Who may change its authValue has none that counts.
	th.must("tpm2_changeauth", "-C", "0x81000001", "-c", "doc.ctx", "-r", "changed.priv", "theirs")
	th.must("tpm2_load", "-Q", "-C", "0x81000001", "-u", "doc.pub", "-r", "changed.priv", "-c", "changed.ctx")
	th.refused("an authValue of their own", th.exchange("changed.ctx", "-p", "theirs"))

	if err := roundTrip(k.Doc(pinAt(t, 0, goodPIN)), []byte("letter")); err != nil {
		t.Errorf("the person, afterwards: %v", err)
	}
}

// forge makes a key of the thief's own, with which they approve a policy that
// needs nothing.
func (th *thief) forge() {
	th.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		th.t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		th.t.Fatal(err)
	}
	th.write("theirs.pem", pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	th.write("empty.policy", make([]byte, 32))
	signed := append(make([]byte, 32), th.read("ref")...)
	th.write("signed", signed)
	sum := sha256.Sum256(signed)
	signature, err := ecdsa.SignASN1(rand.Reader, key, sum[:])
	if err != nil {
		th.t.Fatal(err)
	}
	th.write("theirs.sig", signature)
	th.must("tpm2_loadexternal", "-Q", "-C", "o", "-G", "ecc:ecdsa-sha256", "-u", "theirs.pem", "-c", "theirs.ctx", "-n", "theirs.name",
		"-a", "sign|userwithauth")
	th.must("tpm2_verifysignature", "-c", "theirs.ctx", "-g", "sha256", "-m", "signed", "-s", "theirs.sig", "-f", "ecdsa", "-t", "ticket")
}

func TestThiefExportsKDoc(t *testing.T) {
	_, th := stolen(t)
	duplicate := func(auth ...string) error {
		return th.try("tpm2_duplicate", append([]string{"-Q", "-C", "null", "-c", "doc.ctx", "-G", "null", "-r", "out.priv", "-s", "out.seed"}, auth...)...)
	}
	th.refused("duplicate", duplicate())
	th.refused("duplicate by policy", th.session(func() error {
		th.must("tpm2_policycommandcode", "-Q", "-S", "session", "TPM2_CC_Duplicate")
		return duplicate("-p", "session:session")
	}))
	th.refused("duplicate with the PIN", th.session(func() error {
		return errors.Join(th.secret(0, authHex(goodPIN)), th.authorize(), duplicate("-p", "session:session"))
	}))
	th.refused("unseal", th.try("tpm2_unseal", "-c", "doc.ctx"))
}
