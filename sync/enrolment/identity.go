// Package enrolment makes a workstation a station: with a one-time token it
// proves to central that its three keys live in one genuine TPM, and keeps
// what it got in return. It runs once; the station only reads the identity.
package enrolment

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2/maybe"

	"espero-soft.com/printroom/vault/tpm"
)

// ErrNotEnrolled says that the data folder holds no identity.
var ErrNotEnrolled = errors.New("this workstation is not enrolled")

// Identity is what enrolment leaves. Nothing in it is secret: the keys are
// blobs that only this TPM can load, and the store's key is sealed to it.
type Identity struct {
	Version      int        `json:"version"`
	Station      string     `json:"station"`
	Log          string     `json:"log"`          // origin of the journal
	Witness      string     `json:"witness"`      // central's vkey
	Authority    []byte     `json:"authority"`    // the room authority's certificate, DER
	Certificates [][]byte   `json:"certificates"` // for K_tls, DER, the station's own first
	Keys         tpm.KeySet `json:"keys"`
	StoreKey     []byte     `json:"store_key"` // sealed to K_doc
}

const (
	identityVersion = 1
	identityName    = "identity.json"
	identityMax     = 1 << 20 // bytes; a real one has about 6000
)

// Load reads the identity in a data folder.
func Load(dir string) (Identity, error) {
	var id Identity
	f, err := os.Open(filepath.Join(dir, identityName))
	if errors.Is(err, os.ErrNotExist) {
		return id, fmt.Errorf("%w: %s holds no %s", ErrNotEnrolled, dir, identityName)
	}
	if err != nil {
		return id, fmt.Errorf("read the identity: %w", err)
	}
	d := json.NewDecoder(io.LimitReader(f, identityMax))
	d.DisallowUnknownFields()
	err = d.Decode(&id)
	if err = errors.Join(err, f.Close()); err != nil {
		return Identity{}, fmt.Errorf("read the identity %s: %w", f.Name(), err)
	}
	if id.Version != identityVersion {
		return Identity{}, fmt.Errorf("the identity %s is of version %d; this program knows %d", f.Name(), id.Version, identityVersion)
	}
	return id, nil
}

// Save writes the identity: whole or not at all.
func (id Identity) Save(dir string) error {
	data, err := json.MarshalIndent(id, "", "\t")
	if err != nil {
		return fmt.Errorf("write the identity: %w", err)
	}
	if err := maybe.WriteFile(filepath.Join(dir, identityName), data, 0o600); err != nil {
		return fmt.Errorf("write the identity: %w", err)
	}
	return nil
}
