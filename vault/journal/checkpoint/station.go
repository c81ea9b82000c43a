package checkpoint

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"

	"crypto/elliptic"

	"golang.org/x/mod/sumdb/note"
)

// StationSigner signs notes with a station's log key, wherever that key lives.
type StationSigner struct {
	name string
	id   uint32
	vkey string
	key  crypto.Signer
}

var _ note.Signer = (*StationSigner)(nil)

// NewStationSigner wraps an ECDSA P-256 key under the given name, which is the
// log's origin. The key may be a TPM's: it gets SHA-256 digests and gives ASN.1
// signatures.
func NewStationSigner(name string, key crypto.Signer) (*StationSigner, error) {
	if key == nil {
		return nil, fmt.Errorf("%w: no signing key", ErrMalformed)
	}
	v, err := StationVkey(name, key.Public())
	if err != nil {
		return nil, err
	}
	spki, err := marshalP256(key.Public())
	if err != nil {
		return nil, err
	}
	return &StationSigner{name: name, id: ecdsaKeyID(spki), vkey: v, key: key}, nil
}

// Name is the key's name.
func (s *StationSigner) Name() string { return s.name }

// KeyHash is the key's id.
func (s *StationSigner) KeyHash() uint32 { return s.id }

// Vkey is the key's verifier key.
func (s *StationSigner) Vkey() string { return s.vkey }

// Sign signs a note's text. Of the two values of s that verify it gives the
// lower one, which is the only one NewStationVerifier accepts.
func (s *StationSigner) Sign(text []byte) ([]byte, error) {
	digest := sha256.Sum256(text)
	sig, err := s.key.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		return nil, fmt.Errorf("sign with the log key: %w", err)
	}
	r, v, err := splitP256(sig)
	if err != nil {
		return nil, fmt.Errorf("sign with the log key: %w", err)
	}
	if v.Cmp(halfOrder()) > 0 {
		v.Sub(elliptic.P256().Params().N, v)
	}
	sig, err = asn1.Marshal(ecdsaSignature{r, v})
	if err != nil {
		return nil, fmt.Errorf("encode the log key's signature: %w", err)
	}
	if !ecdsa.VerifyASN1(s.key.Public().(*ecdsa.PublicKey), digest[:], sig) {
		return nil, errors.New("the log key gave a signature that does not verify")
	}
	return sig, nil
}

// Checkpoint signs the statement that the log of this key's name has the given
// root at the given size.
func (s *StationSigner) Checkpoint(size int64, root [32]byte) ([]byte, error) {
	if size < 0 || size > MaxSize {
		return nil, fmt.Errorf("%w: tree size %d", ErrMalformed, size)
	}
	c := Checkpoint{Origin: s.name, Size: size, Root: root}
	n, err := note.Sign(&note.Note{Text: c.Text()}, s)
	if err != nil {
		return nil, fmt.Errorf("sign checkpoint: %w", err)
	}
	return n, nil
}

type ecdsaSignature struct{ R, S *big.Int }

// splitP256 reads r and s from an ASN.1 signature.
func splitP256(sig []byte) (r, s *big.Int, err error) {
	var v ecdsaSignature
	rest, err := asn1.Unmarshal(sig, &v)
	if err != nil || len(rest) != 0 || v.R.Sign() <= 0 || v.S.Sign() <= 0 {
		return nil, nil, errors.New("not an ECDSA signature")
	}
	return v.R, v.S, nil
}
