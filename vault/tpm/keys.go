package tpm

import (
	"bytes"
	"crypto/ecdsa"
	"errors"
	"fmt"

	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpm2/transport"
)

// Keys are a station's three keys, ready for use. They hold nothing in the
// TPM between two uses, so there is nothing to close: each use restores the
// one key it needs from a saved context (cheap, no private key operation) and
// unloads it again. After a TPM restart or a suspend, contexts are void and
// the key is loaded from its blob once more. Safe for concurrent use.
type Keys struct {
	device *Device
	pinned Name // the storage root's
	policy *ecdsa.PublicKey
	kind   PINKind
	loaded [3]loaded

	// Guarded by device.mu.
	root      *root
	saved     [3]*tpm2.TPMSContext // nil: load from the blob
	approvals map[int]*approval    // by slot
}

// loaded is what does not change of a key.
type loaded struct {
	public *ecdsa.PublicKey
	name   tpm2.TPM2BName
	area   tpm2.TPM2BPublic
	blob   tpm2.TPM2BPrivate
}

// Load makes the keys of a KeySet usable, and finds out whether they are this
// TPM's: if not, ErrCleared. ErrKeySet: the set is malformed. No PIN is asked.
func (d *Device) Load(ks KeySet) (*Keys, error) {
	if err := ks.Check(); err != nil {
		return nil, err
	}
	policy, err := ks.policy()
	if err != nil {
		return nil, err
	}
	k := &Keys{device: d, policy: policy, kind: ks.PINKind, approvals: make(map[int]*approval)}
	parent, err := ks.root()
	if err != nil {
		return nil, fmt.Errorf("tpm: %w: %w", ErrKeySet, err)
	}
	k.pinned = parent.name.Buffer
	for _, role := range Roles() {
		public, name, err := CheckPublic(role, ks.Keys[role].Public, policy)
		if err != nil {
			return nil, err
		}
		blob, err := ks.Keys[role].private()
		if err != nil {
			return nil, err
		}
		k.loaded[role] = loaded{
			public: public,
			name:   tpm2.TPM2BName{Buffer: name},
			area:   tpm2.BytesAs2B[tpm2.TPMTPublic](ks.Keys[role].Public[2:]),
			blob:   blob,
		}
	}
	err = d.sequence("load keys", func(t transport.TPM) error {
		if err := k.renew(t); err != nil {
			return err
		}
		for _, role := range Roles() {
			if err := k.with(t, role, func(tpm2.TPMHandle) error { return nil }); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return k, nil
}

// renew finds the storage root again and forgets saved contexts and tickets.
func (k *Keys) renew(t transport.TPM) error {
	r, err := findRoot(t, k.pinned)
	if err != nil {
		return err
	}
	k.root, k.saved = r, [3]*tpm2.TPMSContext{}
	for _, a := range k.approvals {
		a.doc.ticket, a.own.ticket = nil, nil
	}
	return nil
}

// use runs f with a role's key, authorised by a session for an empty
// authValue.
func (k *Keys) use(t transport.TPM, role Role, dir direction, f func(tpm2.AuthHandle) error) error {
	return k.retry(t, func() error {
		return k.with(t, role, func(handle tpm2.TPMHandle) error {
			return withSession(t, k.root, dir, func(s *session) error {
				return f(tpm2.AuthHandle{Handle: handle, Name: k.loaded[role].name, Auth: s})
			})
		})
	})
}

// retry runs f. If the TPM refuses for another reason than the PIN, it may
// have been restarted or cleared meanwhile: the storage root is looked for
// once more, and f runs a second time or the answer is ErrCleared.
func (k *Keys) retry(t transport.TPM, f func() error) error {
	err := f()
	if err == nil || !stale(err) {
		return err
	}
	if err := k.renew(t); err != nil {
		return err
	}
	return f()
}

// stale tells refusals that a lost context or storage root explains. A wrong
// PIN is none, so it is never tried twice; nor is a challenge for another key.
func stale(err error) bool {
	for _, known := range []error{
		ErrWrongPIN, ErrPINBlocked, ErrPINUnset, ErrPINForeign, ErrPINRequest, ErrChallenge, ErrHierarchy,
	} {
		if errors.Is(err, known) {
			return false
		}
	}
	var code tpm2.TPMRC
	switch {
	case !errors.As(err, &code):
		return false
	case errors.Is(err, tpm2.TPMRCReferenceH0):
		return true
	}
	return !code.IsWarning()
}

// with runs f with a role's key loaded, and unloads it.
func (k *Keys) with(t transport.TPM, role Role, f func(tpm2.TPMHandle) error) (err error) {
	handle, err := k.restore(t, role)
	if err != nil {
		if handle, err = k.load(t, role); err != nil {
			return fmt.Errorf("load %v: %w", role, err)
		}
	}
	defer flush(t, handle, &err)
	return f(handle)
}

// restore loads a key from its saved context.
func (k *Keys) restore(t transport.TPM, role Role) (tpm2.TPMHandle, error) {
	if k.saved[role] == nil {
		return 0, errors.New("no saved context")
	}
	rsp, err := tpm2.ContextLoad{Context: *k.saved[role]}.Execute(t)
	if err != nil {
		k.saved[role] = nil
		return 0, err
	}
	return rsp.LoadedHandle, nil
}

// load loads a key from its blob and saves its context, which a TPM may
// refuse: then the next use loads it again.
func (k *Keys) load(t transport.TPM, role Role) (tpm2.TPMHandle, error) {
	key := k.loaded[role]
	var rsp *tpm2.LoadResponse
	err := withRoot(t, k.root, func(parent tpm2.AuthHandle) (err error) {
		rsp, err = tpm2.Load{ParentHandle: parent, InPrivate: key.blob, InPublic: key.area}.Execute(t)
		return err
	})
	if rsp == nil {
		if errors.Is(err, tpm2.TPMRCIntegrity) || errors.Is(err, tpm2.TPMRCSensitive) || errors.Is(err, tpm2.TPMRCBinding) {
			err = fmt.Errorf("%w: %w", ErrCleared, err)
		}
		return 0, err
	}
	if err == nil && !bytes.Equal(rsp.Name.Buffer, key.name.Buffer) {
		err = fmt.Errorf("%w: another key was loaded", ErrCleared)
	}
	if err != nil {
		flush(t, rsp.ObjectHandle, &err)
		return 0, err
	}
	if saved, err := (tpm2.ContextSave{SaveHandle: rsp.ObjectHandle}).Execute(t); err == nil {
		k.saved[role] = &saved.Context
	}
	return rsp.ObjectHandle, nil
}
