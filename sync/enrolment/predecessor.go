package enrolment

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/tpm"
)

// Predecessor is the journal of an earlier enrolment of this station. Its key
// went with the TPM, so nobody signs it any more.
type Predecessor struct {
	Log string `json:"log"` // its origin
	// Dir is its directory in the data folder, "" where the station has none:
	// that enrolment was of another computer, or another folder.
	Dir     string `json:"dir,omitempty"`
	Key     []byte `json:"key,omitempty"`     // its K_log, PKIX; with Dir
	Witness string `json:"witness,omitempty"` // central's vkey then; with Dir
	// Size is how many entries central held of it at the next enrolment.
	Size int64 `json:"size"`
	// Checkpoint is its last countersigned one, as central gave it; "" for none.
	Checkpoint string `json:"checkpoint,omitempty"`
}

// journalName is the directory of the journal that is written; earlier ones are
// journal-1, journal-2, and so on.
const journalName = "journal"

func (p Predecessor) check() error {
	whole := p.Log != "" && p.Size >= 0
	if p.Dir != "" {
		whole = whole && isAside(p.Dir) && len(p.Key) > 0 && p.Witness != ""
	}
	if !whole {
		return errors.New("a predecessor is not whole")
	}
	return nil
}

// isAside tells whether this is the name of an earlier journal's directory: no
// other place is ever renamed or read.
func isAside(name string) bool {
	number, ok := strings.CutPrefix(name, journalName+"-")
	return ok && number != "" && strings.Trim(number, "0123456789") == ""
}

// former is the journal of an identity, as its successor names it, and the
// last entry's leaf hash; nothing where there is no journal yet, and no hash
// where it can't be read.
func (id Identity) former(ctx context.Context, dir string) (p Predecessor, last []byte, err error) {
	p = Predecessor{Log: id.Log}
	if _, err := os.Stat(filepath.Join(dir, journalName)); errors.Is(err, fs.ErrNotExist) {
		return p, nil, nil
	} else if err != nil {
		return p, nil, fmt.Errorf("look at the journal: %w", err)
	}
	key, _, err := tpm.CheckPublic(tpm.RoleLog, id.Keys.Keys[tpm.RoleLog].Public, nil)
	if err != nil {
		return p, nil, err
	}
	if p.Key, err = x509.MarshalPKIXPublicKey(key); err != nil {
		return p, nil, fmt.Errorf("encode K_log: %w", err)
	}
	c, err := id.Journal(dir, PublicSigner{key})
	if err != nil {
		return p, nil, err
	}
	p.Witness = c.Witness
	if p.Dir, err = freeDir(dir); err != nil {
		return p, nil, err
	}
	return p, lastEntry(ctx, c), nil
}

// lastEntry is the leaf hash of a journal's last entry; nil for an empty one,
// and for one that can't be read, which is set aside as it is: that is no
// reason to have no successor.
func lastEntry(ctx context.Context, c journal.Config) []byte {
	j, err := journal.Open(ctx, c)
	if err != nil {
		return nil
	}
	head := j.Head()
	if err := j.Close(); err != nil || head.Size == 0 {
		return nil
	}
	return head.Last[:]
}

// freeDir is the first name for a journal's directory that nothing has.
func freeDir(dir string) (string, error) {
	for n := 1; ; n++ {
		name := fmt.Sprintf("%s-%d", journalName, n)
		if _, err := os.Lstat(filepath.Join(dir, name)); errors.Is(err, fs.ErrNotExist) {
			return name, nil
		} else if err != nil {
			return "", fmt.Errorf("look for earlier journals: %w", err)
		}
	}
}

// setAside gives the journal of the former enrolment its own directory, unless
// that was done, and notes it. Nothing of the new journal is made before.
func (id Identity) setAside(dir string) (Identity, error) {
	aside := filepath.Join(dir, id.SetAside)
	if _, err := os.Lstat(aside); errors.Is(err, fs.ErrNotExist) {
		err := os.Rename(filepath.Join(dir, journalName), aside)
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // whoever removed it is not to keep the station from its work
			return id, err
		}
	} else if err != nil {
		return id, err
	}
	if err := syncDir(dir); err != nil {
		return id, err
	}
	id.SetAside = ""
	return id, id.Save(dir)
}

// Former is the journal of an earlier enrolment, opened to be read, and the name of
// its folder.
type Former struct {
	*journal.Journal
	Name string
}

// OpenPredecessors opens the earlier journals that the data folder has, the
// oldest first, to be read: central may lack entries of theirs. What can't be
// opened is left out and said in the error, beside the others. The caller
// closes them.
func (id Identity) OpenPredecessors(ctx context.Context, dir string) (all []Former, err error) {
	for _, p := range id.Predecessors {
		if p.Dir == "" {
			continue
		}
		j, openErr := p.open(ctx, dir)
		if openErr != nil {
			err = errors.Join(err, fmt.Errorf("open the journal %s in %s: %w", p.Log, p.Dir, openErr))
			continue
		}
		all = append(all, Former{j, p.Dir})
	}
	return all, err
}

func (p Predecessor) open(ctx context.Context, dir string) (*journal.Journal, error) {
	path := filepath.Join(dir, p.Dir)
	if _, err := os.Stat(path); err != nil { // opening would make it
		return nil, err
	}
	parsed, err := x509.ParsePKIXPublicKey(p.Key)
	if err != nil {
		return nil, err
	}
	key, ok := parsed.(*ecdsa.PublicKey)
	if !ok {
		return nil, errors.New("its key is not ECDSA")
	}
	return journal.Open(ctx, journal.Config{Dir: path, Log: p.Log, Signer: PublicSigner{key}, Witness: p.Witness})
}

// succeed names what comes before the journal of an enrolment: what the
// station has, and what central says of it or of another one.
func succeed(before []Predecessor, own *Predecessor, said *wire.Predecessor) []Predecessor {
	all := append([]Predecessor(nil), before...)
	if own != nil {
		all = append(all, *own)
	}
	if said == nil {
		return all
	}
	for i := range all {
		if all[i].Log == said.Log {
			all[i].Size, all[i].Checkpoint = said.Size, said.Checkpoint
			return all
		}
	}
	return append(all, Predecessor{Log: said.Log, Size: said.Size, Checkpoint: said.Checkpoint})
}

// PublicSigner is a key that signs nothing, to open a journal with that is
// only read.
type PublicSigner struct{ Key crypto.PublicKey }

// Public implements crypto.Signer.
func (k PublicSigner) Public() crypto.PublicKey { return k.Key }

// Sign implements crypto.Signer.
func (PublicSigner) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) {
	return nil, errors.New("the journal is only read here")
}
