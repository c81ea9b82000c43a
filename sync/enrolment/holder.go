package enrolment

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"slices"
	"sync"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/tpm"
)

// Holder is the identity of a running station: read by many, changed when the
// room changes its authorities and when a certificate is renewed. What it takes
// is kept before anybody sees it. It is safe for concurrent use; one program
// at a time holds a data folder's.
type Holder struct {
	dir string

	changing sync.Mutex // held while the identity is changed; taken before mu
	mu       sync.RWMutex
	held     held // guarded by mu, replaced as a whole
	told     func(wire.Trust)
}

// held is an identity, read through once.
type held struct {
	id          Identity
	trust       wire.Trust
	authorities []*x509.Certificate
	leaf        *x509.Certificate
}

// Hold loads the identity of a data folder and checks that its keys are under
// the policy key of the room that it trusts (ErrPolicyKey).
func Hold(dir string) (*Holder, error) {
	id, err := Load(dir)
	if err != nil {
		return nil, err
	}
	read, err := id.hold()
	if err != nil {
		return nil, fmt.Errorf("read the identity in %s: %w", dir, err)
	}
	h := &Holder{dir: dir, held: read}
	_ = h.forget() // what can't be deleted is no reason not to work: the next start tries again
	return h, nil
}

func (id Identity) hold() (h held, err error) {
	h.id = id
	if h.trust, err = wire.DecodeTrust(id.Trust.Trust); err != nil {
		return h, err
	}
	if h.authorities, err = h.trust.Certificates(); err != nil {
		return h, err
	}
	policy, err := h.trust.Policy()
	if err != nil {
		return h, err
	}
	if !obeys(id.Keys, policy) {
		return h, ErrPolicyKey
	}
	h.leaf, err = x509.ParseCertificate(id.Certificates[0])
	return h, err
}

func (h *Holder) now() held {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.held
}

// Identity is the identity of now. It is not changed in place.
func (h *Holder) Identity() Identity { return h.now().id }

// Authorities are the room authorities that are trusted now, the current one
// first.
func (h *Holder) Authorities() []*x509.Certificate { return slices.Clone(h.now().authorities) }

// Trust is whom the room trusts now.
func (h *Holder) Trust() wire.Trust { return h.now().trust }

// Certificate is the client certificate of now, for K_tls.
func (h *Holder) Certificate(key crypto.Signer) *tls.Certificate {
	now := h.now()
	return &tls.Certificate{Certificate: now.id.Certificates, PrivateKey: key, Leaf: now.leaf}
}

// OnTrust has f told whom the room trusts: now, and after each change, once it
// is kept. f is not called twice at once; it does not call the holder's UseTrust
// or Renew.
func (h *Holder) OnTrust(f func(wire.Trust)) {
	h.changing.Lock()
	defer h.changing.Unlock()
	h.told = f
	f(h.Trust())
}

// UseTrust takes a statement of whom the room trusts from now on, if an
// authority that is trusted signed it, and keeps it. ErrAuthority: none did.
// ErrOlder: a later one is in use. ErrPolicyKey: the station's keys obey
// another key. The one in use is no error, and no news.
func (h *Holder) UseTrust(signed wire.SignedTrust) (news bool, err error) {
	h.changing.Lock()
	defer h.changing.Unlock()
	now := h.now()
	trust, err := openTrust(signed, now.authorities)
	if err != nil {
		return false, err
	}
	if signed.Trust == now.id.Trust.Trust {
		return false, nil
	}
	if trust.Revision <= now.trust.Revision {
		return false, fmt.Errorf("%w: revision %d, and %d is in use", ErrOlder, trust.Revision, now.trust.Revision)
	}
	id := now.id
	id.Trust = signed
	if err := h.keep(id); err != nil {
		return false, err
	}
	if h.told != nil {
		h.told(trust)
	}
	return true, nil
}

// Renew takes new certificates for the same K_tls, and keeps them. Those that
// begin earlier than the ones in use are refused; ErrCertificates. They may end
// earlier: a room may give them a shorter life. Those in use are no news.
func (h *Holder) Renew(renewed wire.Certificates) (news bool, err error) {
	h.changing.Lock()
	defer h.changing.Unlock()
	now := h.now()
	leaf, err := checkCertificates(renewed.Certificates, now.id.Keys, now.id.Station, now.authorities)
	if err != nil {
		return false, err
	}
	if slices.EqualFunc(renewed.Certificates, now.id.Certificates, bytes.Equal) {
		return false, nil
	}
	if leaf.NotBefore.Before(now.leaf.NotBefore) {
		return false, fmt.Errorf("%w: they are older than those in use", ErrCertificates)
	}
	id := now.id
	id.Certificates = renewed.Certificates
	if err := h.keep(id); err != nil {
		return false, err
	}
	return true, nil
}

// keep makes an identity the one of now, once it is kept. The caller holds
// changing.
func (h *Holder) keep(id Identity) error {
	next, err := id.hold()
	if err != nil {
		return err
	}
	if err := id.Save(h.dir); err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.held = next
	return nil
}

// obeys tells whether keys were made for this policy key.
func obeys(set tpm.KeySet, policy *ecdsa.PublicKey) bool {
	key, err := x509.ParsePKIXPublicKey(set.Policy)
	return err == nil && policy.Equal(key)
}
