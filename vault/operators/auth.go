// Package operators turns a person's PIN into what the TPM compares, and says
// which PINs are fit to be one. It keeps nothing.
package operators

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"

	"espero-soft.com/printroom/vault/memory"
)

// SaltSize is the length of a station's salt in bytes.
const SaltSize = 32

// AuthSize is the length of what Auth gives in bytes.
const AuthSize = sha256.Size

// MaxPIN is the greatest length of a PIN in bytes.
const MaxPIN = 64

// ErrSalt is returned for a salt that NewSalt did not make.
var ErrSalt = errors.New("the station's PIN salt is not 32 bytes")

// authLabel begins what is hashed, so that nothing else that is keyed with the
// salt can be taken for it.
const authLabel = "printroom pin v1\n"

// NewSalt makes a station's salt. It is no secret from who has the disk; it makes
// what one station's TPM is asked tell nothing about another's, and what central
// sees of a request nothing about the PIN.
func NewSalt() ([]byte, error) {
	salt := make([]byte, SaltSize)
	if _, err := rand.Read(salt); err != nil {
		return nil, fmt.Errorf("make a PIN salt: %w", err)
	}
	return salt, nil
}

// Auth is the authorisation value of a person's PIN at a station: HMAC-SHA256
// under the salt over the pseudonym and the PIN, the first with its length before
// it, so that no two pairs run together. The PIN stays the caller's to wipe, the
// buffer is theirs to destroy. A PIN of no or too many bytes is ErrPIN: it is no
// one's, and the TPM need not be asked.
func Auth(salt []byte, pseudonym string, pin []byte) (*memory.Buffer, error) {
	if len(salt) != SaltSize {
		return nil, ErrSalt
	}
	if len(pin) < 1 {
		return nil, &PINError{Why: TooShort, Least: 1}
	}
	if len(pin) > MaxPIN {
		return nil, &PINError{Why: TooLong, Least: 1, Have: len(pin)}
	}
	out, err := memory.New(AuthSize)
	if err != nil {
		return nil, fmt.Errorf("set memory aside for a PIN: %w", err)
	}
	mac := hmac.New(sha256.New, salt)
	_, _ = mac.Write(binary.BigEndian.AppendUint32([]byte(authLabel), uint32(len(pseudonym)))) // a hash takes everything
	_, _ = mac.Write([]byte(pseudonym))
	_, _ = mac.Write(pin)
	mac.Sum(out.Bytes()[:0])
	// The hash keeps its last block until it takes another.
	mac.Reset()
	_, _ = mac.Write(make([]byte, sha256.BlockSize-1))
	return out, nil
}
