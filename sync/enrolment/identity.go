// Package enrolment makes a workstation a station: with a one-time token it
// proves to central that its three keys live in one genuine TPM, and keeps
// what it got in return. Later it keeps what changes of that, whom the room
// trusts and the certificate, and enrols again where the TPM was cleared or
// replaced, on the data that the station has.
package enrolment

import (
	"bytes"
	"crypto"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/google/renameio/v2/maybe"
	"golang.org/x/mod/sumdb/tlog"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/operators"
	"espero-soft.com/printroom/vault/tpm"
)

// ErrNotEnrolled says that the data folder holds no identity.
var ErrNotEnrolled = errors.New("this workstation is not enrolled")

// Identity is what enrolment leaves. Nothing in it is secret: the keys are
// blobs that only this TPM can load.
type Identity struct {
	Version      int              `json:"version"`
	Station      string           `json:"station"`
	Log          string           `json:"log"`          // origin of the journal
	Certificates [][]byte         `json:"certificates"` // for K_tls, DER, the station's own first
	Keys         tpm.KeySet       `json:"keys"`
	PINSalt      []byte           `json:"pin_salt"`
	Trust        wire.SignedTrust `json:"trust"`   // as central gave it, verified before it came here
	Counter      uint64           `json:"counter"` // where the TPM's journal counter stood when the journal was begun
	// Last is the leaf hash of the last entry of the journal that this one
	// continues; empty for none.
	Last []byte `json:"last,omitempty"`
	// Predecessors are the journals of earlier enrolments, the oldest first.
	Predecessors []Predecessor `json:"predecessors,omitempty"`
	// SetAside is the name that the directory of the newest predecessor is yet
	// to be given: the identity is kept before it is renamed. Load does it.
	SetAside string `json:"set_aside,omitempty"`
	// Forgetting is the directory of a predecessor that is being deleted: the
	// identity is kept without it before. Hold goes on with it.
	Forgetting string `json:"forgetting,omitempty"`
}

const (
	identityVersion = 2
	identityName    = "identity.json"
	identityMax     = 1 << 20 // bytes; a real one has about 8000
)

// Load reads the identity in a data folder. Where enrolling again was broken
// off after it was kept, Load finishes it.
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
	if id.SetAside == "" {
		return id, nil
	}
	if id, err = id.setAside(dir); err != nil {
		return Identity{}, fmt.Errorf("set the earlier journal aside: %w", err)
	}
	return id, nil
}

// parse reads the version first: another one may have other fields.
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
		{"station", id.Station == ""}, {"log", id.Log == ""},
		{"pin_salt", len(id.PINSalt) != operators.SaltSize},
		{"last", len(id.Last) != 0 && len(id.Last) != tlog.HashSize},
		{"certificates", len(id.Certificates) == 0 || slices.ContainsFunc(id.Certificates, func(c []byte) bool { return len(c) == 0 })},
	} {
		if field.missing {
			return fmt.Errorf("its %s is missing", field.name)
		}
	}
	for _, p := range id.Predecessors {
		if err := p.check(); err != nil {
			return err
		}
	}
	if id.SetAside != "" && !isAside(id.SetAside) {
		return errors.New("its set_aside names no journal")
	}
	if id.Forgetting != "" && !isAside(id.Forgetting) {
		return errors.New("its forgetting names no journal")
	}
	if _, err := wire.DecodeTrust(id.Trust.Trust); err != nil {
		return err
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
	if err := syncDir(dir); err != nil {
		return fmt.Errorf("write the identity: %w", err)
	}
	return nil
}

// Journal is how to open the station's journal in its data folder. Whoever
// only reads it gives K_log's public key as a signer that signs nothing.
func (id Identity) Journal(dir string, log crypto.Signer) (journal.Config, error) {
	trust, err := wire.DecodeTrust(id.Trust.Trust)
	if err != nil {
		return journal.Config{}, fmt.Errorf("read the identity: %w", err)
	}
	c := journal.Config{
		Dir: filepath.Join(dir, journalName), Log: id.Log, Signer: log, Witness: trust.Witnesses[0], CounterFirst: id.Counter,
	}
	copy(c.Predecessor[:], id.Last)
	return c, nil
}
