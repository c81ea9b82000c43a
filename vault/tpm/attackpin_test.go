//go:build long

package tpm_test

import (
	"encoding/hex"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-tpm/tpm2"

	"espero-soft.com/printroom/vault/tpm"
)

const slot0 = "0x018b2400"

// Five wrong guesses, whichever way, and the right one opens nothing.
func TestThiefGuessesFiveTimes(t *testing.T) {
	for way, guess := range map[string]func(*thief, string) error{
		"policysecret": func(th *thief, auth string) error {
			return th.session(func() error { return th.secret(0, auth) })
		},
		"nvread": func(th *thief, auth string) error {
			return th.try("tpm2_nvread", slot0, "-C", slot0, "-P", auth)
		},
		"nvcertify": func(th *thief, auth string) error {
			th.must("tpm2_createprimary", "-Q", "-C", "o", "-G", "ecc:ecdsa-sha256", "-a", "sign|fixedtpm|fixedparent|sensitivedataorigin|userwithauth", "-c", "signer.ctx")
			return th.try("tpm2_nvcertify", "-C", "signer.ctx", "-c", slot0, "-p", auth, "-g", "sha256", "-f", "plain", "-s", "ecdsa",
				"-o", "certify.sig", "--attestation", "certify.attest", "--size", "8", slot0)
		},
	} {
		t.Run(way, func(t *testing.T) {
			k, th := stolen(t)
			if err := guess(th, authHex(goodPIN)); err != nil {
				t.Fatalf("the right PIN, before: %v", err)
			}
			for i := range tpm.PINLimit {
				th.refused(fmt.Sprintf("guess %d", i), guess(th, authHex(fmt.Sprint("guess ", i))))
			}
			th.refused("the right PIN, too late", guess(th, authHex(goodPIN)))
			if err := k.CheckPIN(pinAt(t, 0, goodPIN)); !errors.Is(err, tpm.ErrPINBlocked) {
				t.Errorf("the person, afterwards: %v", err)
			}
		})
	}
}

// Nothing that an owner may do takes the count back.
func TestThiefResetsTheCount(t *testing.T) {
	k, th := stolen(t)
	for range tpm.PINLimit {
		th.refused("a guess", th.session(func() error { return th.secret(0, authHex("guess")) }))
	}
	fresh, err := hex.DecodeString("0000000000000005")
	if err != nil {
		t.Fatal(err)
	}
	th.write("fresh", fresh)
	th.refused("write as owner", th.try("tpm2_nvwrite", slot0, "-C", "o", "-i", "fresh"))
	th.refused("write with the PIN", th.try("tpm2_nvwrite", slot0, "-C", slot0, "-P", authHex(goodPIN), "-i", "fresh"))
	th.refused("write by a policy", th.session(func() error {
		th.must("tpm2_policycommandcode", "-Q", "-S", "session", "TPM2_CC_NV_Write")
		th.refused("as a branch", th.branch())
		return th.try("tpm2_nvwrite", slot0, "-C", slot0, "-P", "session:session", "-i", "fresh")
	}))
	for what, reach := range map[string]func() error{
		"no approval":  func() error { return nil },
		"the approval": th.authorizeOwn,
		"the owner's secret": func() error {
			th.must("tpm2_policysecret", "-Q", "-S", "session", "-c", "o")
			return th.authorizeOwn()
		},
		"the right PIN, too late": func() error { return errors.Join(th.secret(0, authHex(goodPIN)), th.authorizeOwn()) },
	} {
		th.refused("another PIN by "+what, th.session(func() error { return errors.Join(reach(), th.change("theirs")) }))
	}
	th.must("tpm2_dictionarylockout", "-c")
	th.refused("the right PIN after a reset of the lockout", th.session(func() error { return th.secret(0, authHex(goodPIN)) }))
	if err := k.CheckPIN(pinAt(t, 0, goodPIN)); !errors.Is(err, tpm.ErrPINBlocked) {
		t.Errorf("the person, afterwards: %v", err)
	}
}

// branch claims that the session has reached a branch of slot 0's policy.
func (th *thief) branch() error {
	return th.try("tpm2_policyor", "-Q", "-S", "session", "-l", "sha256:branch0,branch1,branch2")
}

// change takes the rest of the branch for changing one's own PIN.
func (th *thief) change(auth string) error {
	th.must("tpm2_policycommandcode", "-Q", "-S", "session", "TPM2_CC_NV_ChangeAuth")
	return errors.Join(th.branch(), th.try("tpm2_changeauth", "-c", slot0, "-p", "session:session", auth))
}

// The tools do change a PIN, in the hands of who knows it.
func TestToolsChangeThePIN(t *testing.T) {
	k, th := stolen(t)
	err := th.session(func() error {
		return errors.Join(th.secret(0, authHex(goodPIN)), th.authorizeOwn(), th.change(authHex("changed")))
	})
	if err != nil {
		t.Fatal(err)
	}
	wantPIN(t, k, pinAt(t, 0, "changed"), nil)
}

// An index of the thief's own in the slot's place, with a PIN that they know,
// opens nothing, whatever they make it.
func TestThiefDefinesTheSlotAnew(t *testing.T) {
	k, th := stolen(t)
	theirs := tpm.PIN{Slot: 0, Approval: pinAt(t, 0, goodPIN).Approval, Auth: authOf(t, "theirs")}
	opens := func() error {
		return th.session(func() error {
			return errors.Join(th.secret(0, authHex("theirs")), th.authorize(), th.exchange("doc.ctx", "-p", "session:session"))
		})
	}
	// As it was: read its policy and attributes, and define the same.
	public, err := tpm2.NVReadPublic{NVIndex: tpm2.TPMHandle(0x018b2400)}.Execute(raw(t, th.sim))
	if err != nil {
		t.Fatal(err)
	}
	contents, err := public.NVPublic.Contents()
	if err != nil {
		t.Fatal(err)
	}
	th.write("slot.policy", contents.AuthPolicy.Buffer)
	th.write("fresh", []byte{0, 0, 0, 0, 0, 0, 0, 5})
	for _, c := range []struct { // nt=8 is PIN_FAIL
		what, attributes string
		want             error
		writable         bool
	}{
		{"the same", "policywrite|authread|ownerread|no_da|nt=8", tpm.ErrPINUnset, false},
		{"one that its PIN's owner writes", "policywrite|ownerwrite|authread|ownerread|no_da|nt=8", tpm.ErrPINForeign, true},
		{"an ordinary one", "policywrite|ownerwrite|authread|ownerread|no_da", tpm.ErrPINForeign, true},
	} {
		th.must("tpm2_nvundefine", "-C", "o", slot0)
		th.must("tpm2_nvdefine", "-Q", "-C", "o", slot0, "-s", "8", "-p", authHex("theirs"), "-L", "slot.policy", "-a", c.attributes)
		if c.writable {
			th.must("tpm2_nvwrite", slot0, "-C", "o", "-i", "fresh")
		} else {
			th.refused(c.what+": write", th.try("tpm2_nvwrite", slot0, "-C", slot0, "-P", authHex("theirs"), "-i", "fresh"))
		}
		th.refused(c.what, opens())
		for who, p := range map[string]tpm.PIN{"the thief": theirs, "the person": pinAt(t, 0, goodPIN)} {
			if err := k.CheckPIN(p); !errors.Is(err, c.want) {
				t.Errorf("%s: %s: %v", c.what, who, err)
			}
			if err := roundTrip(k.Doc(p), nil); !errors.Is(err, c.want) {
				t.Errorf("%s: %s opens: %v", c.what, who, err)
			}
			if err := k.ChangePIN(0, p.Auth, p.Auth); !errors.Is(err, c.want) {
				t.Errorf("%s: %s changes the PIN: %v", c.what, who, err)
			}
		}
		state, err := k.PINState(0)
		if err != nil || !state.Defined || state.Ours == c.writable || state.Written != c.writable {
			t.Errorf("%s: %+v, %v", c.what, state, err)
		}
	}
	// Central lets the person set a PIN again, and all is well.
	setPIN(t, k, tpm.KindPINFail, 0, "new")
	if err := roundTrip(k.Doc(pinAt(t, 0, "new")), []byte("letter")); err != nil {
		t.Error(err)
	}
	wantNoHandles(t, th.sim)
}

// A session that is bound to a slot would have a key that its PIN is part of,
// and tell guesses apart without a count. The TPM makes none.
func TestThiefBindsASession(t *testing.T) {
	_, th := stolen(t)
	r := raw(t, th.sim)
	index := tpm2.TPMHandle(0x018b2400)
	public, err := tpm2.NVReadPublic{NVIndex: index}.Execute(r)
	if err != nil {
		t.Fatal(err)
	}
	_, err = tpm2.NVRead{
		AuthHandle: tpm2.AuthHandle{
			Handle: tpm2.TPMRHOwner, Name: tpm2.HandleName(tpm2.TPMRHOwner),
			Auth: tpm2.HMAC(tpm2.TPMAlgSHA256, 16, tpm2.Bound(index, public.NVName, []byte("a guess"))),
		},
		NVIndex: tpm2.NamedHandle{Handle: index, Name: public.NVName},
		Size:    8,
	}.Execute(r)
	if !errors.Is(err, tpm2.TPMRCHandle) {
		t.Errorf("a session bound to a slot: %v", err)
	}
}
