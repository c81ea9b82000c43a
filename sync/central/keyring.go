package central

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"

	"espero-soft.com/printroom/sync/wire"
)

// KMS keeps the keys that wrap document keys. Both methods are safe for concurrent use. The purpose is
// authenticated: what was wrapped for one unwraps for no other.
type KMS interface {
	Wrap(ctx context.Context, purpose string, key []byte) ([]byte, error)
	Unwrap(ctx context.Context, purpose string, wrapped []byte) ([]byte, error)
}

// ErrUnwrap: wrapped for another purpose, by another key ring, or changed.
var ErrUnwrap = errors.New("wrapped key refused")

// KeyRing is the embedded KMS: AES-256-GCM keys in a file of mode 0600. The newest wraps, all unwrap.
type KeyRing struct {
	path string
	mu   sync.Mutex // guards keys
	keys [][]byte   // a key's id is its index; none is ever removed
}

var _ KMS = (*KeyRing)(nil)

const (
	ringKeySize = 32
	maxRingFile = 1 << 20
)

type ringFile struct {
	Keys [][]byte `json:"keys"`
}

// OpenKeyRing reads the key ring, or makes one with a first key.
func OpenKeyRing(path string) (*KeyRing, error) {
	r := &KeyRing{path: path}
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return r, r.Rotate()
	}
	if err != nil {
		return nil, fmt.Errorf("open key ring: %w", err)
	}
	defer func() { _ = f.Close() }() // read only
	var file ringFile
	if err := wire.DecodeAnswer(f, maxRingFile, &file); err != nil {
		return nil, fmt.Errorf("read key ring: %w", err)
	}
	for _, key := range file.Keys {
		if len(key) != ringKeySize {
			return nil, fmt.Errorf("read key ring: a key of %d bytes", len(key))
		}
	}
	if len(file.Keys) == 0 {
		return nil, errors.New("read key ring: it is empty")
	}
	r.keys = file.Keys
	return r, nil
}

// Rotate adds a key, durable before it is used. What older keys wrapped stays readable.
func (r *KeyRing) Rotate() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := make([]byte, ringKeySize)
	if _, err := rand.Read(key); err != nil {
		return fmt.Errorf("make a key: %w", err)
	}
	keys := append(r.keys[:len(r.keys):len(r.keys)], key)
	text, err := json.Marshal(ringFile{Keys: keys})
	if err != nil {
		return fmt.Errorf("encode key ring: %w", err)
	}
	if err := writeFile(r.path, text); err != nil {
		return fmt.Errorf("keep key ring: %w", err)
	}
	r.keys = keys
	return nil
}

// Wrap seals key: the ring key's id in 4 bytes, nonce, ciphertext, tag.
func (r *KeyRing) Wrap(_ context.Context, purpose string, key []byte) ([]byte, error) {
	r.mu.Lock()
	id := len(r.keys) - 1
	kek := r.keys[id]
	r.mu.Unlock()
	gcm, err := newGCM(kek)
	if err != nil {
		return nil, err
	}
	out := make([]byte, 4+gcm.NonceSize(), 4+gcm.NonceSize()+len(key)+gcm.Overhead())
	binary.BigEndian.PutUint32(out, uint32(id))
	if _, err := rand.Read(out[4:]); err != nil {
		return nil, fmt.Errorf("make a nonce: %w", err)
	}
	return gcm.Seal(out, out[4:], key, ringContext(purpose)), nil
}

// Unwrap opens what Wrap made for the same purpose. Errors are ErrUnwrap.
func (r *KeyRing) Unwrap(_ context.Context, purpose string, wrapped []byte) ([]byte, error) {
	if len(wrapped) < 4 {
		return nil, ErrUnwrap
	}
	id := binary.BigEndian.Uint32(wrapped)
	r.mu.Lock()
	known := int64(id) < int64(len(r.keys))
	var kek []byte
	if known {
		kek = r.keys[id]
	}
	r.mu.Unlock()
	if !known {
		return nil, ErrUnwrap
	}
	gcm, err := newGCM(kek)
	if err != nil {
		return nil, err
	}
	rest := wrapped[4:]
	if len(rest) < gcm.NonceSize() {
		return nil, ErrUnwrap
	}
	key, err := gcm.Open(nil, rest[:gcm.NonceSize()], rest[gcm.NonceSize():], ringContext(purpose))
	if err != nil {
		return nil, ErrUnwrap
	}
	return key, nil
}

func ringContext(purpose string) []byte { return []byte("printroom/keyring/v1\x00" + purpose) }

func newGCM(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("set up AES: %w", err)
	}
	return cipher.NewGCM(block)
}
