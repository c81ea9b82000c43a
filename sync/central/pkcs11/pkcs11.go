// Package pkcs11 is central's KMS on a PKCS #11 (2.40) token, such as an HSM or SoftHSM: AES-256 keys that are
// made in the token and never leave it, used with CKM_AES_GCM. The purpose is the additional data.
//
// The token must know CKM_AES_KEY_GEN and CKM_AES_GCM, and have a user PIN. What it holds otherwise is left
// alone: our keys are those with our label.
package pkcs11

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"

	"github.com/miekg/pkcs11"

	"espero-soft.com/printroom/sync/central"
)

// Config says where the keys are. Label and Sessions may be left out.
type Config struct {
	Module   string // the PKCS #11 library, an absolute path
	Token    string // the token's label; one token at most may have it
	PINFile  string // the user PIN, alone in a file of mode 0600: never in the environment or an argument
	Label    string // CKA_LABEL of our keys, "printroom-kms" when empty
	Sessions int    // that work at a time, 4 when zero
}

// KMS is safe for concurrent use. Close it. Of a library there should be one in a process: PKCS #11 has one
// state a process, and whoever starts it anew breaks off the others' sessions, which they open anew.
type KMS struct {
	config Config
	module *pkcs11.Ctx

	mu      sync.RWMutex // read-held at work; held while the connection is made, ended or looked over
	link    *link        // nil while there is none
	refused [32]byte     // digest of the PIN that the token refused last
	closed  bool
}

var _ central.KMS = (*KMS)(nil)

// Open loads the library, finds the token, logs in, and makes the first key where there is none.
// Errors: ErrModule, ErrToken, ErrPINFile, ErrWrongPIN, ErrLastTry, ErrLocked, ErrMechanism.
func Open(ctx context.Context, config Config) (*KMS, error) {
	if config.Label == "" {
		config.Label = "printroom-kms"
	}
	if config.Sessions <= 0 {
		config.Sessions = 4
	}
	if config.Token == "" {
		return nil, fmt.Errorf("open KMS: %w: none is named", ErrToken)
	}
	if !filepath.IsAbs(config.Module) {
		return nil, fmt.Errorf("open KMS: %w: %q is no absolute path", ErrModule, config.Module)
	}
	k := &KMS{config: config, module: pkcs11.New(config.Module)}
	if k.module == nil {
		return nil, fmt.Errorf("open KMS: %w: %s can't be loaded", ErrModule, config.Module)
	}
	ids, err := k.Keys(ctx)
	if err == nil && len(ids) == 0 {
		err = k.Rotate(ctx)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open KMS: %w", err), k.Close())
	}
	return k, nil
}

// Close logs out and ends the library. It waits for what is under way.
func (k *KMS) Close() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.closed {
		return nil
	}
	k.closed = true
	k.disconnect()
	k.module.Destroy()
	return nil
}

const (
	nonceSize = 12
	tagSize   = 16
)

// Wrap gives the key's id (8 bytes), the nonce (12), the ciphertext and its tag (16).
func (k *KMS) Wrap(ctx context.Context, purpose string, key []byte) (wrapped []byte, err error) {
	err = k.work(ctx, func(l *link, s pkcs11.SessionHandle) (err error) {
		newest, ok := l.newest()
		if !ok {
			return errStale
		}
		wrapped, err = k.seal(s, newest, purpose, key)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("wrap: %w", err)
	}
	return wrapped, nil
}

func (k *KMS) seal(s pkcs11.SessionHandle, by key, purpose string, value []byte) ([]byte, error) {
	nonce := make([]byte, nonceSize)
	if _, err := rand.Read(nonce); err != nil {
		return nil, fmt.Errorf("make a nonce: %w", err)
	}
	params := pkcs11.NewGCMParams(nonce, associated(purpose), tagSize*8)
	defer params.Free()
	if err := k.module.EncryptInit(s, gcm(params), by.handle); err != nil {
		return nil, err
	}
	sealed, err := k.module.Encrypt(s, value)
	if err != nil {
		return nil, err
	}
	// Some tokens choose the nonce themselves.
	if nonce = params.IV(); len(nonce) != nonceSize || len(sealed) != len(value)+tagSize {
		return nil, fmt.Errorf("the token gave %d bytes for %d, with a nonce of %d", len(sealed), len(value), len(nonce))
	}
	return slices.Concat(by.id, nonce, sealed), nil
}

// Unwrap opens what Wrap made for the same purpose. What the token refuses to open is a central.ErrUnwrap.
func (k *KMS) Unwrap(ctx context.Context, purpose string, wrapped []byte) (key []byte, err error) {
	if len(wrapped) < idSize+nonceSize+tagSize {
		return nil, central.ErrUnwrap
	}
	err = k.work(ctx, func(l *link, s pkcs11.SessionHandle) (err error) {
		found, ok := l.find(wrapped[:idSize])
		if !ok {
			return errStale
		}
		if key, err = k.open(s, found, purpose, wrapped); err != nil {
			return k.judge(s, found, err)
		}
		return nil
	})
	if errors.Is(err, errStale) { // no key of that id, after a look at the token
		return nil, central.ErrUnwrap
	}
	if err != nil {
		return nil, fmt.Errorf("unwrap: %w", err)
	}
	return key, nil
}

func (k *KMS) open(s pkcs11.SessionHandle, by key, purpose string, wrapped []byte) ([]byte, error) {
	nonce, sealed := wrapped[idSize:idSize+nonceSize], wrapped[idSize+nonceSize:]
	params := pkcs11.NewGCMParams(nonce, associated(purpose), tagSize*8)
	defer params.Free()
	if err := k.module.DecryptInit(s, gcm(params), by.handle); err != nil {
		return nil, err
	}
	return k.module.Decrypt(s, sealed)
}

// judge says what it means that something was not opened. Some tokens answer a wrong tag with a general error,
// SoftHSM among them: when the key works otherwise, it was the tag.
func (k *KMS) judge(s pkcs11.SessionHandle, by key, err error) error {
	if is(err, pkcs11.CKR_ENCRYPTED_DATA_INVALID, pkcs11.CKR_ENCRYPTED_DATA_LEN_RANGE, pkcs11.CKR_DATA_INVALID) {
		return central.ErrUnwrap
	}
	if !is(err, pkcs11.CKR_GENERAL_ERROR, pkcs11.CKR_FUNCTION_FAILED) {
		return err
	}
	probe, failed := k.seal(s, by, "probe", make([]byte, 1))
	if failed == nil {
		_, failed = k.open(s, by, "probe", probe)
	}
	if failed != nil {
		return err
	}
	return central.ErrUnwrap
}

func gcm(params *pkcs11.GCMParams) []*pkcs11.Mechanism {
	return []*pkcs11.Mechanism{pkcs11.NewMechanism(pkcs11.CKM_AES_GCM, params)}
}

func associated(purpose string) []byte { return []byte("printroom/pkcs11/v1\x00" + purpose) }
