// Package keys is the claim envelope: how central hands letters to exactly one
// station and how that station opens them.
//
//	document, details --DEK--> AES-256-GCM       at rest, and on the way
//	DEK               --KEK--> AES-256-GCM       one a job, made for the claim
//	KEK               --HPKE-> the station's TPM one a claim
//
// The authority's side (Seal…, Wrap…) is here too, because both sides must
// agree on every byte and one test holds them together. Opening a letter takes
// a permit, and only the journal makes permits.
package keys

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
)

// KeySize is the length of every symmetric key here, in bytes (AES-256).
const KeySize = 32

// Overhead is what sealing adds to a plaintext, in bytes: a nonce of 12 and a
// tag of 16 (NIST SP 800-38D).
const Overhead = 12 + 16

// ErrRefused says that a sealed value is not what it should be: another key,
// another claim, station, job or part, or changed bytes. Which of these it was
// can't be told, and no plaintext exists.
var ErrRefused = errors.New("sealed data refused: it was changed, or it is for another claim, station or letter")

// Binding is what a claim's keys are bound to besides the key itself.
type Binding struct {
	Claim   string // claim id
	Station string // station id
}

// Part names one of a job's two sealed values.
type Part string

// The parts of a job.
const (
	PartDocument Part = "document" // the PDF
	PartDetails  Part = "details"  // recipient and return address, as JSON
)

// bound encodes a context so that no two different contexts share an encoding:
// each field is preceded by its length as a 32-bit big-endian number.
func bound(fields ...string) []byte {
	var out []byte
	for _, f := range fields {
		out = binary.BigEndian.AppendUint32(out, uint32(len(f)))
		out = append(out, f...)
	}
	return out
}

func claimInfo(b Binding) []byte { return bound("printroom/claim/v1", b.Claim, b.Station) }

func wrapContext(b Binding, job string) []byte {
	return bound("printroom/wrap/v1", b.Claim, b.Station, job)
}

func partContext(job string, part Part) []byte {
	return bound("printroom/part/v1", job, string(part))
}

// seal encrypts under a random nonce: nonce, ciphertext, tag. A key here lives
// for one claim, one document or one store, so that random nonces stay far
// below the 2^32 messages a key may carry.
func seal(key, plaintext, context []byte) ([]byte, error) {
	gcm, err := newGCM(key)
	if err != nil {
		return nil, err
	}
	out := make([]byte, gcm.NonceSize(), len(plaintext)+Overhead)
	if _, err := rand.Read(out); err != nil {
		return nil, fmt.Errorf("make a nonce: %w", err)
	}
	return gcm.Seal(out, out, plaintext, context), nil
}

// open decrypts into dst, which must have room for len(sealed)-Overhead bytes.
// Nothing is left in dst when the tag is wrong.
func open(key, dst, sealed, context []byte) error {
	if len(sealed) < Overhead || len(dst) != len(sealed)-Overhead {
		return ErrRefused
	}
	gcm, err := newGCM(key)
	if err != nil {
		return err
	}
	n := gcm.NonceSize()
	if _, err := gcm.Open(dst[:0], sealed[:n], sealed[n:], context); err != nil {
		return ErrRefused
	}
	return nil
}

func newGCM(key []byte) (cipher.AEAD, error) {
	if len(key) != KeySize {
		return nil, fmt.Errorf("a key of %d bytes, want %d", len(key), KeySize)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("set up AES: %w", err)
	}
	return cipher.NewGCM(block)
}
