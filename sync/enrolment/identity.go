// Package enrolment makes a workstation a station: with a one-time token it
// proves to central that its three keys live in one genuine TPM, and keeps
// what it got in return. It runs once; the station only reads the identity.
package enrolment

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

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
	path := filepath.Join(dir, identityName)
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return Identity{}, fmt.Errorf("%w: %s holds no %s", ErrNotEnrolled, dir, identityName)
	}
	if err != nil {
		return Identity{}, fmt.Errorf("read the identity: %w", err)
	}
	data, err := io.ReadAll(io.LimitReader(f, identityMax+1))
	if err = errors.Join(err, f.Close()); err != nil {
		return Identity{}, fmt.Errorf("read the identity %s: %w", path, err)
	}
	id, err := parse(data)
	if err != nil {
		return Identity{}, fmt.Errorf("read the identity %s: %w", path, err)
	}
	return id, nil
}

// parse reads the version first: a later one may have other fields.
func parse(data []byte) (Identity, error) {
	if len(data) > identityMax {
		return Identity{}, fmt.Errorf("it has more than %d bytes", identityMax)
	}
	var id Identity
	var head struct {
		Version int `json:"version"`
	}
	if err := json.Unmarshal(data, &head); err != nil { // the whole of it, so nothing follows the object
		return id, err
	}
	if head.Version != identityVersion {
		return id, fmt.Errorf("it is of version %d; this program knows %d", head.Version, identityVersion)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&id); err != nil {
		return Identity{}, err
	}
	if err := id.check(); err != nil {
		return Identity{}, err
	}
	return id, nil
}

// check refuses an identity that lacks something: a station without it would
// only fail later.
func (id Identity) check() error {
	for _, field := range []struct {
		name    string
		missing bool
	}{
		{"station", id.Station == ""}, {"log", id.Log == ""}, {"witness", id.Witness == ""},
		{"authority", len(id.Authority) == 0}, {"store_key", len(id.StoreKey) == 0},
		{"certificates", len(id.Certificates) == 0 || slices.ContainsFunc(id.Certificates, func(c []byte) bool { return len(c) == 0 })},
	} {
		if field.missing {
			return fmt.Errorf("its %s is missing", field.name)
		}
	}
	return id.Keys.Check()
}

// Save writes the identity: whole or not at all.
func (id Identity) Save(dir string) error {
	data, err := json.MarshalIndent(id, "", "\t")
	if err != nil {
		return fmt.Errorf("write the identity: %w", err)
	}
	path := filepath.Join(dir, identityName)
	if err := maybe.WriteFile(path, data, 0o600); err != nil {
		return fmt.Errorf("write the identity: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil { // a file that was there before lends its mode
		return fmt.Errorf("write the identity: %w", err)
	}
	return nil
}
