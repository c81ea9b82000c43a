package store

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"fmt"

	"espero-soft.com/printroom/vault/memory"
)

// What is personal or opens what is personal is sealed once more before it is
// written, under the era's key: AES-256-GCM, a random nonce first, bound to its
// table, column and row. An era ends long before the 2^32 values that a key may
// carry with random nonces (NIST SP 800-38D, 8.3).

// eraKeySize is the length of an era's key and of a picture's, in bytes.
const eraKeySize = 32

// field is the place of a sealed value.
type field struct{ table, column, row string }

func (f field) context() []byte {
	var out []byte
	for _, part := range []string{"printroom/era/v1", f.table, f.column, f.row} {
		out = binary.BigEndian.AppendUint32(out, uint32(len(part)))
		out = append(out, part...)
	}
	return out
}

// eraKey is the era's key at work.
type eraKey struct {
	aead  cipher.AEAD
	fault error // why there is none
}

func newEraKey(key *memory.Buffer) (k eraKey, err error) {
	if !key.Use(func(b []byte) { k.aead, err = newAEAD(b) }) {
		err = ErrNoEra // destroyed: the store is closed
	}
	return k, err
}

func newAEAD(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("set up AES: %w", err)
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// wrap seals a value for its place. What is empty stays as it is: it says that
// there is nothing, or nothing any more.
func (k eraKey) wrap(f field, value []byte) []byte {
	if len(value) == 0 {
		return value
	}
	return k.aead.Seal(nil, nil, value, f.context())
}

// unwrap opens what wrap sealed; ErrSealed when it is not that.
func (k eraKey) unwrap(f field, sealed []byte) ([]byte, error) {
	if len(sealed) == 0 {
		return sealed, nil
	}
	if k.fault != nil {
		return nil, k.fault
	}
	value, err := k.aead.Open(nil, nil, sealed, f.context())
	if err != nil {
		return nil, fmt.Errorf("%w: %s.%s of %s", ErrSealed, f.table, f.column, f.row)
	}
	return value, nil
}

// wrapLarge seals a value under a key of its own, and that key as wrap does: what
// is large is sealed once, and an era that is raised wraps its key alone.
func (k eraKey) wrapLarge(f field, value []byte) (key, sealed []byte, err error) {
	if len(value) == 0 {
		return []byte{}, []byte{}, nil
	}
	own := make([]byte, eraKeySize)
	defer memory.Wipe(own)
	if _, err := rand.Read(own); err != nil {
		return nil, nil, fmt.Errorf("make a key: %w", err)
	}
	aead, err := newAEAD(own)
	if err != nil {
		return nil, nil, err
	}
	return k.wrap(f, own), aead.Seal(nil, nil, value, f.context()), nil
}

// unwrapLarge opens what wrapLarge sealed.
func (k eraKey) unwrapLarge(f field, key, sealed []byte) ([]byte, error) {
	own, err := k.unwrap(f, key)
	if err != nil || len(own) == 0 {
		return nil, err
	}
	defer memory.Wipe(own)
	aead, err := newAEAD(own)
	if err != nil {
		return nil, err
	}
	value, err := aead.Open(nil, nil, sealed, f.context())
	if err != nil {
		return nil, fmt.Errorf("%w: %s of %s", ErrSealed, f.table, f.row)
	}
	return value, nil
}
