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
	"slices"
	"sync"

	"espero-soft.com/printroom/sync/wire"
)

// KeyRing is the embedded KMS: AES-256-GCM keys in a file of mode 0600. The newest wraps, all unwrap. Whoever
// copies the file opens what its keys wrapped: a KMS whose keys don't leave it (package pkcs11) is better.
type KeyRing struct {
	path string
	mu   sync.Mutex // guards keys; held while the file is written
	keys [][]byte   // a key's id is its index; of a dropped one the place stays, empty
}

var _ KMS = (*KeyRing)(nil)

const (
	ringKeySize = 32
	ringIDSize  = 4
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
		return r, r.Rotate(context.Background())
	}
	if err != nil {
		return nil, fmt.Errorf("open key ring: %w", err)
	}
	defer func() { _ = f.Close() }() // read only
	var file ringFile
	if err := wire.DecodeAnswer(f, maxRingFile, &file); err != nil {
		return nil, fmt.Errorf("read key ring: %w", err)
	}
	for i, key := range file.Keys {
		if len(key) != ringKeySize && (len(key) != 0 || i == len(file.Keys)-1) {
			return nil, fmt.Errorf("read key ring: a key of %d bytes", len(key))
		}
	}
	if len(file.Keys) == 0 {
		return nil, errors.New("read key ring: it is empty")
	}
	r.keys = file.Keys
	return r, nil
}

// Keys are the places of the keys that are left, in 4 bytes each.
func (r *KeyRing) Keys(context.Context) ([][]byte, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var ids [][]byte
	for i, key := range r.keys {
		if len(key) > 0 {
			ids = append(ids, ringID(i))
		}
	}
	return ids, nil
}

// Rotate adds a key, durable before it is used. What older keys wrapped stays readable.
func (r *KeyRing) Rotate(context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := make([]byte, ringKeySize)
	if _, err := rand.Read(key); err != nil {
		return fmt.Errorf("make a key: %w", err)
	}
	return r.keep(append(slices.Clone(r.keys), key))
}

// Drop takes a key out of the file. A copy of the former file still has it.
func (r *KeyRing) Drop(_ context.Context, id []byte) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(id) != ringIDSize {
		return nil
	}
	i := int64(binary.BigEndian.Uint32(id))
	switch last := int64(len(r.keys) - 1); {
	case i == last:
		return ErrNewest
	case i > last || len(r.keys[i]) == 0:
		return nil
	}
	keys := slices.Clone(r.keys)
	keys[i] = nil
	return r.keep(keys)
}

// keep makes keys those of the file and of the ring. Callers hold mu.
func (r *KeyRing) keep(keys [][]byte) error {
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

func ringID(place int) []byte { return binary.BigEndian.AppendUint32(nil, uint32(place)) }

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
	out := make([]byte, ringIDSize+gcm.NonceSize(), ringIDSize+gcm.NonceSize()+len(key)+gcm.Overhead())
	copy(out, ringID(id))
	if _, err := rand.Read(out[ringIDSize:]); err != nil {
		return nil, fmt.Errorf("make a nonce: %w", err)
	}
	return gcm.Seal(out, out[ringIDSize:], key, ringContext(purpose)), nil
}

// Unwrap opens what Wrap made for the same purpose. Errors are ErrUnwrap.
func (r *KeyRing) Unwrap(_ context.Context, purpose string, wrapped []byte) ([]byte, error) {
	if len(wrapped) < ringIDSize {
		return nil, ErrUnwrap
	}
	id := binary.BigEndian.Uint32(wrapped)
	r.mu.Lock()
	var kek []byte
	if int64(id) < int64(len(r.keys)) {
		kek = r.keys[id]
	}
	r.mu.Unlock()
	if len(kek) == 0 {
		return nil, ErrUnwrap
	}
	gcm, err := newGCM(kek)
	if err != nil {
		return nil, err
	}
	rest := wrapped[ringIDSize:]
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
