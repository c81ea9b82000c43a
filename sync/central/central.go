// Package central is the reference central server of a print room, a library: the contract in wire,
// kept with SQLite, and hooks through which a test makes it fail. It holds letters sealed, leases them to
// enrolled stations, decides in its attempt ledger which printing of a letter may be mailed, and is the
// witness of the stations' journals.
//
// Everything it keeps is in one directory; the keys lie apart from the database, so that a backup of one
// is not a backup of the other. Nothing in the directory holds a letter, an address or a name in clear.
package central

import (
	"context"
	"crypto/ecdsa"
	"crypto/x509"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/journal/checkpoint"
)

// Config of a central server. Only Dir is required.
type Config struct {
	Dir    string // database and sealed documents
	KeyDir string // Dir/keys when empty: authorities, policy key, witness, key ring; each file 0600

	Name  string   // origin of the room's journals and its witness, "bjet24.example/room" when empty
	Names []string // the server certificate's names and addresses; loopback when empty

	EKRoots *x509.CertPool // TPM makers' authorities, such as their TPMs hold no certificate of; nil enrols nobody
	KMS     KMS            // the key ring in KeyDir when nil

	Lease           time.Duration // of a claim, 2 hours when zero
	ClaimMax        int           // letters a claim at most, 25 when zero
	CertificateLife time.Duration // of a client certificate, 397 days when zero
	Silence         time.Duration // of the log of a station that works, until there is an alarm; 4 hours when zero
	ClockSkew       time.Duration // that the entries' times may be off by without an alarm; 5 minutes when zero
	JournalMonths   int           // that a log is kept after a month's end: see ForgetJournals; for ever when zero
	Heartbeat       time.Duration // between the lines of a quiet stream of orders, 15 s when zero; at most wire.Heartbeat

	Now   func() time.Time // time.Now when nil
	Hooks *Hooks           // nil: none
	Fault func(error)      // told of faults of ours, which stations see as "internal"; nil: nobody
}

// Central is safe for concurrent use. Close it.
type Central struct {
	config    Config
	db        *sql.DB // one connection: writers queue here, not in SQLite
	read      *sql.DB
	kms       KMS
	authority *keySet
	policyKey *ecdsa.PrivateKey // approves PINs
	contract  *contract
	tpm       endorser
	handler   http.Handler
	news      news
	streams   streams
	tries     tries
	alarmed   atomic.Bool // there may be alarms that the hook has not had
	telling   sync.Map    // ids of those that it is being told

	closing  sync.Once
	closeErr error
}

// New opens or makes a central server in its directory. It listens to nothing: see Serve and Handler.
func New(ctx context.Context, config Config) (*Central, error) {
	config, err := config.complete()
	if err != nil {
		return nil, err
	}
	for _, dir := range []string{config.Dir, filepath.Join(config.Dir, documentDir), config.KeyDir} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("central's directory: %w", err)
		}
	}
	c := &Central{config: config, kms: config.KMS, tpm: tpmEndorser{roots: config.EKRoots, now: config.Now}}
	if err := c.loadKeys(); err != nil {
		return nil, err
	}
	if c.contract, err = newContract(ctx); err != nil {
		return nil, err
	}
	if c.db, c.read, err = openStore(ctx, filepath.Join(config.Dir, "central.db")); err != nil {
		return nil, err
	}
	for _, finish := range []func(context.Context) error{c.sweepDocuments, c.keepHeads, c.sweepEntries, c.tellAlarms} {
		if err := finish(ctx); err != nil { // what a crash, or an older program, left
			return nil, errors.Join(err, c.Close())
		}
	}
	c.handler = c.routes()
	return c, nil
}

func (config Config) complete() (Config, error) {
	if config.Dir == "" {
		return config, errors.New("central: no directory")
	}
	if config.KeyDir == "" {
		config.KeyDir = filepath.Join(config.Dir, "keys")
	}
	if config.Name == "" {
		config.Name = "bjet24.example/room"
	}
	if err := checkpoint.CheckName(config.Name); err != nil {
		return config, fmt.Errorf("central's name: %w", err)
	}
	if len(config.Names) == 0 {
		config.Names = []string{"localhost", "127.0.0.1", "::1"}
	}
	if config.Lease <= 0 {
		config.Lease = 2 * time.Hour
	}
	if config.ClaimMax <= 0 {
		config.ClaimMax = 25
	}
	if config.CertificateLife <= 0 {
		config.CertificateLife = 397 * 24 * time.Hour
	}
	if config.Heartbeat <= 0 || config.Heartbeat > wire.Heartbeat {
		config.Heartbeat = 15 * time.Second
	}
	if config.Silence <= 0 {
		config.Silence = 4 * time.Hour
	}
	if config.ClockSkew <= 0 {
		config.ClockSkew = 5 * time.Minute
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	if config.Hooks == nil {
		config.Hooks = &Hooks{}
	}
	if config.Fault == nil {
		config.Fault = func(error) {}
	}
	return config, nil
}

func (c *Central) loadKeys() error {
	dir := c.config.KeyDir
	var err error
	if c.kms == nil {
		if c.kms, err = OpenKeyRing(filepath.Join(dir, "keyring.json")); err != nil {
			return err
		}
	}
	if c.authority, err = openKeySet(dir, c.config); err != nil {
		return err
	}
	c.policyKey = c.authority.policy
	return nil
}

// Close closes the database. Serve must have returned.
func (c *Central) Close() error {
	c.closing.Do(func() { c.closeErr = errors.Join(c.read.Close(), c.db.Close()) })
	return c.closeErr
}

func (c *Central) now() time.Time { return c.config.Now().UTC() }
