package central

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/journal/checkpoint"
)

// keySet is what the room is trusted by: its authorities, its witness's keys and its policy key, each a
// file of mode 0600 in one directory, and trust.json there, which says what they are for. Each change is
// one replacement of trust.json.
type keySet struct {
	dir    string
	config Config
	policy *ecdsa.PrivateKey // approves PINs; it never changes, as each station's K_doc names it

	mu          sync.RWMutex // guards what follows
	state       trustFile
	authorities []*authority // as state.Authorities has them
	witnesses   []*checkpoint.Cosigner
	trust       wire.SignedTrust
	server      *tls.Certificate
}

// trustFile is trust.json.
type trustFile struct {
	Statement   string   `json:"statement"` // the trust's text
	Authorities roles    `json:"authorities"`
	Witnesses   roles    `json:"witnesses"`
	Dropped     []string `json:"dropped,omitempty"` // names whose files are to be gone
}

// roles are keys by the names of their files.
type roles struct {
	InForce []string `json:"in_force"` // the current one, a next one, former ones, newest first
	Next    bool     `json:"next,omitempty"`
	Made    int      `json:"made"` // how many there ever were
}

// former is where the former ones begin.
func (r roles) former() int {
	if r.Next {
		return 2
	}
	return 1
}

const (
	trustName     = "trust.json"
	maxTrustFile  = 1 << 20
	authorityName = "authority"
	witnessName   = "witness"
)

// openKeySet reads the keys, or makes the first ones.
func openKeySet(dir string, config Config) (*keySet, error) {
	k := &keySet{dir: dir, config: config, state: trustFile{
		Authorities: roles{InForce: []string{authorityName}, Made: 1},
		Witnesses:   roles{InForce: []string{witnessName}, Made: 1},
	}}
	if err := k.readState(); err != nil {
		return nil, err
	}
	for _, name := range k.state.Dropped { // what a crash left
		if err := k.remove(name); err != nil {
			return nil, err
		}
	}
	policy, err := loadKey(filepath.Join(dir, "policy.key"), newP256)
	if err != nil {
		return nil, fmt.Errorf("policy key: %w", err)
	}
	var ok bool
	if k.policy, ok = policy.(*ecdsa.PrivateKey); !ok || k.policy.Curve != elliptic.P256() {
		return nil, errors.New("policy key: not on P-256")
	}
	for _, name := range k.state.Authorities.InForce {
		a, err := k.authorityOf(name, nil)
		if err != nil {
			return nil, err
		}
		k.authorities = append(k.authorities, a)
	}
	for _, name := range k.state.Witnesses.InForce {
		w, err := openWitness(dir, name, config.Name)
		if err != nil {
			return nil, err
		}
		k.witnesses = append(k.witnesses, w)
	}
	return k, k.use(k.state, k.authorities, k.witnesses)
}

func (k *keySet) readState() error {
	f, err := os.Open(filepath.Join(k.dir, trustName))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("open %s: %w", trustName, err)
	}
	defer func() { _ = f.Close() }() // read only
	k.state = trustFile{}
	if err := wire.DecodeAnswer(f, maxTrustFile, &k.state); err != nil {
		return fmt.Errorf("read %s: %w", trustName, err)
	}
	for _, r := range []roles{k.state.Authorities, k.state.Witnesses} {
		if len(r.InForce) < r.former()-1 || len(r.InForce) == 0 || len(r.InForce) > wire.MaxAuthorities {
			return fmt.Errorf("read %s: it names %d keys", trustName, len(r.InForce))
		}
	}
	for _, name := range slices.Concat(k.state.Authorities.InForce, k.state.Witnesses.InForce, k.state.Dropped) {
		if !nameForm().MatchString(name) {
			return fmt.Errorf("read %s: a key called %q", trustName, name)
		}
	}
	return k.state.present(k.dir)
}

// present wants every file that was there when the trust was made: no key is made in the place of a lost one.
func (f trustFile) present(dir string) error {
	names := []string{"policy.key"}
	for _, name := range f.Authorities.InForce {
		names = append(names, name+".key", name+".pem")
	}
	for _, name := range f.Witnesses.InForce {
		names = append(names, name+".key")
	}
	for _, name := range names {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			return fmt.Errorf("a key is lost: %w", err)
		}
	}
	return nil
}

func (k *keySet) authorityOf(name string, before *authority) (*authority, error) {
	return openAuthority(k.dir, name, k.config.Name+" authority", k.config.Now(), before)
}

func openWitness(dir, file, name string) (*checkpoint.Cosigner, error) {
	key, err := loadKey(filepath.Join(dir, file+".key"), func() (crypto.Signer, error) {
		_, key, err := ed25519.GenerateKey(rand.Reader)
		return key, err
	})
	if err != nil {
		return nil, fmt.Errorf("witness: %w", err)
	}
	private, ok := key.(ed25519.PrivateKey)
	if !ok {
		return nil, errors.New("witness: not an Ed25519 key")
	}
	return checkpoint.NewCosigner(name+"/witness", private)
}

// use makes the statement of the given keys, keeps the state where it says something new, and takes them
// into use. Callers hold mu, or are alone.
func (k *keySet) use(state trustFile, authorities []*authority, witnesses []*checkpoint.Cosigner) error {
	if len(authorities) == 0 || len(witnesses) == 0 {
		return errors.New("trust: no key")
	}
	statement, changed, err := k.statement(state.Statement, authorities, witnesses)
	if err != nil {
		return err
	}
	signed, err := signTrust(statement, authorities)
	if err != nil {
		return err
	}
	if state.Statement = statement; changed {
		text, err := json.Marshal(state)
		if err != nil {
			return fmt.Errorf("encode %s: %w", trustName, err)
		}
		if err := writeFile(filepath.Join(k.dir, trustName), text); err != nil {
			return fmt.Errorf("keep %s: %w", trustName, err)
		}
	}
	if len(k.authorities) == 0 || k.authorities[0] != authorities[0] {
		k.server = nil
	}
	k.state, k.authorities, k.witnesses, k.trust = state, authorities, witnesses, signed
	return nil
}

// remove deletes the files of a key that was dropped.
func (k *keySet) remove(name string) error {
	for _, suffix := range []string{".key", ".pem", ".cross.pem"} {
		if err := os.Remove(filepath.Join(k.dir, name+suffix)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("remove a key: %w", err)
		}
	}
	return syncDir(k.dir)
}

// signer is the authority that signs.
func (k *keySet) signer() *authority {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.authorities[0]
}

// current is the certificate of the authority that signs.
func (k *keySet) current() *x509.Certificate { return k.signer().certificate }

// client makes a station's certificate for its K_tls.
func (k *keySet) client(station wire.StationID, life time.Duration, public crypto.PublicKey) ([]byte, error) {
	t := leaf(station, life, k.config.Now(), x509.ExtKeyUsageClientAuth)
	t.URIs = []*url.URL{stationURI(station)}
	return k.signer().sign(t, public)
}

// certificates are those of all authorities that hold, the current one first.
func (k *keySet) certificates() (all []*x509.Certificate) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	for _, a := range k.authorities {
		all = append(all, a.certificate)
	}
	return all
}

// certified tells whether an authority that holds signed a certificate.
func (k *keySet) certified(c *x509.Certificate) bool {
	return slices.ContainsFunc(k.certificates(), func(a *x509.Certificate) bool { return c.CheckSignatureFrom(a) == nil })
}

// cosigners are the witness's keys, the current one first.
func (k *keySet) cosigners() []*checkpoint.Cosigner {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.witnesses
}
