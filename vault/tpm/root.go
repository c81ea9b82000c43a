package tpm

import (
	"bytes"
	"fmt"

	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpm2/transport"
)

// rootHandle is where the storage root key lies by convention (TCG TPM v2.0
// Provisioning Guidance, 7.8).
const rootHandle tpm2.TPMHandle = 0x81000001

// rootHandles are where the storage root is looked for: by convention, or
// where Provision puts it beside another one.
func rootHandles() [2]tpm2.TPMHandle { return [2]tpm2.TPMHandle{rootHandle, 0x81008B24} }

// root is the storage root key (SRK), parent of our keys: the standard ECC
// P-256 one, at rootHandle, or where that is taken by another key or cannot be
// written, made again from the owner's seed, always the same.
type root struct {
	public tpm2.TPMTPublic
	name   tpm2.TPM2BName
	at     tpm2.TPMHandle    // where it lies
	saved  *tpm2.TPMSContext // nil when it lies somewhere
}

// findRoot finds or makes the storage root. pinned is the name it must have,
// nil when none is known yet; another name is ErrCleared.
func findRoot(t transport.TPM, pinned Name) (*root, error) {
	free := true
	for _, handle := range rootHandles() {
		r, taken := rootAt(t, handle)
		if r != nil && r.isPinned(pinned) {
			return r, nil
		}
		free = free && !(taken && handle == rootHandle)
	}
	var r *root
	err := withPrimary(t, tpm2.TPMRHOwner, tpm2.ECCSRKTemplate, func(p primary) (err error) {
		if r, err = newRoot(p.public); err != nil {
			return err
		}
		if !r.isPinned(pinned) {
			return fmt.Errorf("%w: another storage root", ErrCleared)
		}
		if free && persist(t, p) == nil {
			r.at = rootHandle
			return nil
		}
		rsp, err := tpm2.ContextSave{SaveHandle: p.handle}.Execute(t)
		if err != nil {
			return fmt.Errorf("save the storage root: %w", err)
		}
		r.saved = &rsp.Context
		return nil
	})
	if err != nil {
		return nil, err
	}
	return r, nil
}

// rootAt is the storage root at a handle, nil if there is none; taken says
// that something lies there.
func rootAt(t transport.TPM, handle tpm2.TPMHandle) (r *root, taken bool) {
	rsp, err := tpm2.ReadPublic{ObjectHandle: handle}.Execute(t)
	if err != nil {
		return nil, false
	}
	public, err := rsp.OutPublic.Contents()
	if err != nil {
		return nil, true
	}
	if r, err = newRoot(public); err != nil {
		return nil, true
	}
	r.at = handle
	return r, true
}

// newRoot takes a public area that is the standard template's.
func newRoot(public *tpm2.TPMTPublic) (*root, error) {
	if err := checkTemplate(public, tpm2.ECCSRKTemplate); err != nil {
		return nil, err
	}
	if _, err := eccKey(public); err != nil {
		return nil, err
	}
	// The name is computed here, never taken from the TPM's answer.
	name, err := tpm2.ObjectName(public)
	if err != nil {
		return nil, fmt.Errorf("name of the storage root: %w", err)
	}
	return &root{public: *public, name: *name}, nil
}

func (r *root) isPinned(pinned Name) bool {
	return pinned == nil || bytes.Equal(pinned, r.name.Buffer)
}

// remains reports whether the root is still where it was found.
func (r *root) remains(t transport.TPM) bool {
	if r.saved != nil {
		return true // a saved context is of no other key
	}
	rsp, err := tpm2.ReadPublic{ObjectHandle: r.at}.Execute(t)
	if err != nil {
		return false
	}
	public, err := rsp.OutPublic.Contents()
	if err != nil {
		return false
	}
	there, err := newRoot(public)
	return err == nil && there.isPinned(r.name.Buffer)
}

// with runs f with the root's handle, loading it first where it is not
// persistent.
func (r *root) with(t transport.TPM, f func(tpm2.TPMHandle) error) (err error) {
	if r.saved == nil {
		return f(r.at)
	}
	rsp, err := tpm2.ContextLoad{Context: *r.saved}.Execute(t)
	if err != nil {
		return fmt.Errorf("restore the storage root: %w", err)
	}
	defer flush(t, rsp.LoadedHandle, &err)
	return f(rsp.LoadedHandle)
}

// primary is a loaded primary key.
type primary struct {
	handle tpm2.TPMHandle
	public *tpm2.TPMTPublic
	name   tpm2.TPM2BName // computed from public
}

// withPrimary makes a hierarchy's primary key from a template, runs f with it
// and unloads it. The same seed and template give the same key.
func withPrimary(t transport.TPM, hierarchy tpm2.TPMHandle, template tpm2.TPMTPublic, f func(primary) error) (err error) {
	var rsp *tpm2.CreatePrimaryResponse
	err = withHierarchy(t, func(s tpm2.Session) (err error) {
		rsp, err = tpm2.CreatePrimary{
			PrimaryHandle: tpm2.AuthHandle{Handle: hierarchy, Name: tpm2.HandleName(hierarchy), Auth: s},
			InPublic:      tpm2.New2B(template),
		}.Execute(t)
		return err
	})
	if rsp != nil {
		defer flush(t, rsp.ObjectHandle, &err)
	}
	if err != nil {
		return fmt.Errorf("make primary key: %w", err)
	}
	public, err := rsp.OutPublic.Contents()
	if err != nil {
		return fmt.Errorf("read primary key: %w", err)
	}
	name, err := tpm2.ObjectName(public)
	if err != nil {
		return fmt.Errorf("name of primary key: %w", err)
	}
	return f(primary{handle: rsp.ObjectHandle, public: public, name: *name})
}

// persist keeps the root at rootHandle, so that later starts and other
// programs find it there. An owner's password may forbid it.
func persist(t transport.TPM, p primary) error {
	return withHierarchy(t, func(s tpm2.Session) error {
		_, err := tpm2.EvictControl{
			Auth:             tpm2.AuthHandle{Handle: tpm2.TPMRHOwner, Name: tpm2.HandleName(tpm2.TPMRHOwner), Auth: s},
			ObjectHandle:     tpm2.NamedHandle{Handle: p.handle, Name: p.name},
			PersistentHandle: rootHandle,
		}.Execute(t)
		return err
	})
}
