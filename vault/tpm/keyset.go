package tpm

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/binary"
	"encoding/json"
	"fmt"

	"github.com/google/go-tpm/tpm2"
)

// KeySet is what a station stores of its keys: useless without the TPM they
// were made in, so it may lie on the disk. Its JSON form is stable.
type KeySet struct {
	// Parent is the storage root's TPM2B_PUBLIC; its name is pinned.
	Parent []byte
	// Policy is central's policy key, PKIX; K_doc's template depends on it.
	Policy []byte
	// PINKind is how this TPM counts wrong PINs.
	PINKind PINKind
	// Keys are the three keys, indexed by Role.
	Keys [3]Blob
}

// Blob is one key under the storage root: a marshalled TPM2B_PUBLIC and the
// TPM2B_PRIVATE that only this TPM's storage root opens.
type Blob struct {
	Public  []byte `json:"public"`
	Private []byte `json:"private"`
}

// keySetVersion is the JSON form's.
const keySetVersion = 2

// Bounds of what is read: a P-256 TPM2B_PRIVATE has about 130 bytes, the whole
// JSON form about 1.5 KiB.
const (
	maxPrivate = 512
	maxKeySet  = 8 << 10
)

// keySetJSON is the stored form.
type keySetJSON struct {
	Version int     `json:"version"`
	Parent  []byte  `json:"parent"`
	Policy  []byte  `json:"policy"`
	PINKind PINKind `json:"pin_kind"`
	Doc     Blob    `json:"doc"`
	Log     Blob    `json:"log"`
	TLS     Blob    `json:"tls"`
}

// MarshalJSON writes version 2 of the stored form.
func (ks KeySet) MarshalJSON() ([]byte, error) {
	return json.Marshal(keySetJSON{
		Version: keySetVersion,
		Parent:  ks.Parent, Policy: ks.Policy, PINKind: ks.PINKind,
		Doc: ks.Keys[RoleDoc], Log: ks.Keys[RoleLog], TLS: ks.Keys[RoleTLS],
	})
}

// UnmarshalJSON reads the stored form and refuses, with ErrKeySet, whatever
// Check does.
func (ks *KeySet) UnmarshalJSON(data []byte) error {
	if len(data) > maxKeySet {
		return fmt.Errorf("tpm: %w: %d bytes", ErrKeySet, len(data))
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	var stored keySetJSON
	if err := dec.Decode(&stored); err != nil {
		return fmt.Errorf("tpm: %w: %w", ErrKeySet, err)
	}
	if stored.Version != keySetVersion {
		return fmt.Errorf("tpm: %w: version %d", ErrKeySet, stored.Version)
	}
	read := KeySet{
		Parent: stored.Parent, Policy: stored.Policy, PINKind: stored.PINKind,
		Keys: [3]Blob{stored.Doc, stored.Log, stored.TLS},
	}
	if err := read.Check(); err != nil {
		return err
	}
	*ks = read
	return nil
}

// Check wants the parent to be a standard storage root, the policy key one on
// P-256 and each key to be one for its role (CheckPublic); else ErrKeySet. It
// asks no TPM.
func (ks KeySet) Check() error {
	if _, err := ks.root(); err != nil {
		return fmt.Errorf("tpm: %w: parent: %w", ErrKeySet, err)
	}
	if err := ks.PINKind.check(); err != nil {
		return fmt.Errorf("tpm: %w: %w", ErrKeySet, err)
	}
	policy, err := ks.policy()
	if err != nil {
		return fmt.Errorf("tpm: %w", err)
	}
	for _, role := range Roles() {
		blob := ks.Keys[role]
		if _, _, err := CheckPublic(role, blob.Public, policy); err != nil {
			return fmt.Errorf("%w: %w", ErrKeySet, err)
		}
		if _, err := blob.private(); err != nil {
			return fmt.Errorf("tpm: %v: %w", role, err)
		}
	}
	return nil
}

// root is the pinned storage root.
func (ks KeySet) root() (*root, error) {
	area, err := parsePublic(ks.Parent)
	if err != nil {
		return nil, err
	}
	return newRoot(area)
}

// policy is the policy key, from its one encoding.
func (ks KeySet) policy() (*ecdsa.PublicKey, error) {
	if len(ks.Policy) > maxPublic {
		return nil, fmt.Errorf("%w: policy key: %d bytes", ErrKeySet, len(ks.Policy))
	}
	parsed, err := x509.ParsePKIXPublicKey(ks.Policy)
	if err != nil {
		return nil, fmt.Errorf("%w: policy key: %w", ErrKeySet, err)
	}
	key, ok := parsed.(*ecdsa.PublicKey)
	if !ok || key.Curve != elliptic.P256() {
		return nil, fmt.Errorf("%w: the policy key is not on P-256", ErrKeySet)
	}
	if again, err := x509.MarshalPKIXPublicKey(key); err != nil || !bytes.Equal(again, ks.Policy) {
		return nil, fmt.Errorf("%w: policy key: not in its one encoding", ErrKeySet)
	}
	return key, nil
}

// private unwraps the TPM2B_PRIVATE.
func (b Blob) private() (tpm2.TPM2BPrivate, error) {
	n := len(b.Private) - 2
	if n < 1 || n > maxPrivate || int(binary.BigEndian.Uint16(b.Private)) != n {
		return tpm2.TPM2BPrivate{}, fmt.Errorf("%w: %d bytes are no TPM2B_PRIVATE", ErrKeySet, len(b.Private))
	}
	return tpm2.TPM2BPrivate{Buffer: b.Private[2:]}, nil
}
