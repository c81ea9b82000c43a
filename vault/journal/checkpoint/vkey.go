package checkpoint

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// Signature types of c2sp.org/signed-note.
const (
	typeECDSA       = 0x02
	typeCosignature = 0x04
)

// maxVkey bounds a verifier key: a name, a key id, 92 bytes in base64.
const maxVkey = MaxName + 1 + 8 + 1 + 128

// StationVkey encodes a station's log key: name "+" key id "+" base64 of 0x02
// and the DER SubjectPublicKeyInfo. The key must be on P-256.
func StationVkey(name string, pub crypto.PublicKey) (string, error) {
	if err := CheckName(name); err != nil {
		return "", fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	spki, err := marshalP256(pub)
	if err != nil {
		return "", err
	}
	return vkey(name, ecdsaKeyID(spki), typeECDSA, spki), nil
}

// WitnessVkey encodes a witness's key: name "+" key id "+" base64 of 0x04 and
// the 32 bytes of the Ed25519 key.
func WitnessVkey(name string, pub ed25519.PublicKey) (string, error) {
	if err := CheckName(name); err != nil {
		return "", fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if len(pub) != ed25519.PublicKeySize {
		return "", fmt.Errorf("%w: not an Ed25519 public key", ErrMalformed)
	}
	return vkey(name, cosignatureKeyID(name, pub), typeCosignature, pub), nil
}

func vkey(name string, id uint32, kind byte, key []byte) string {
	return fmt.Sprintf("%s+%08x+%s", name, id,
		base64.StdEncoding.EncodeToString(append([]byte{kind}, key...)))
}

// ecdsaKeyID is the first four bytes of the SHA-256 of the SPKI: type 0x02 does
// not hash the name (signed-note, "Signature types").
func ecdsaKeyID(spki []byte) uint32 {
	h := sha256.Sum256(spki)
	return binary.BigEndian.Uint32(h[:4])
}

func cosignatureKeyID(name string, pub ed25519.PublicKey) uint32 {
	h := sha256.Sum256(append([]byte(name+"\n\x04"), pub...))
	return binary.BigEndian.Uint32(h[:4])
}

func marshalP256(pub crypto.PublicKey) ([]byte, error) {
	key, ok := pub.(*ecdsa.PublicKey)
	if !ok || key == nil || key.Curve != elliptic.P256() {
		return nil, fmt.Errorf("%w: not an ECDSA key on P-256", ErrMalformed)
	}
	spki, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return spki, nil
}

// NewStationVerifier reads what StationVkey writes, and nothing else.
// Errors wrap ErrMalformed.
func NewStationVerifier(s string) (note.Verifier, error) {
	name, id, key, err := parseVkey(s, typeECDSA)
	if err != nil {
		return nil, fmt.Errorf("%w: station key: %w", ErrMalformed, err)
	}
	parsed, err := x509.ParsePKIXPublicKey(key)
	if err != nil {
		return nil, fmt.Errorf("%w: station key: %w", ErrMalformed, err)
	}
	spki, err := marshalP256(parsed)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(spki, key) || id != ecdsaKeyID(key) {
		return nil, fmt.Errorf("%w: station key: not canonical, or a wrong key id", ErrMalformed)
	}
	return &verifier{name: name, id: id, verify: verifyP256(parsed.(*ecdsa.PublicKey))}, nil
}

// NewWitnessVerifier reads what WitnessVkey writes, and nothing else.
// Errors wrap ErrMalformed.
func NewWitnessVerifier(s string) (note.Verifier, error) {
	name, id, key, err := parseVkey(s, typeCosignature)
	if err != nil {
		return nil, fmt.Errorf("%w: witness key: %w", ErrMalformed, err)
	}
	if len(key) != ed25519.PublicKeySize || id != cosignatureKeyID(name, key) {
		return nil, fmt.Errorf("%w: witness key: not 32 bytes, or a wrong key id", ErrMalformed)
	}
	return &verifier{name: name, id: id, verify: verifyCosignature(key)}, nil
}

func parseVkey(s string, kind byte) (name string, id uint32, key []byte, err error) {
	if len(s) > maxVkey {
		return "", 0, nil, errors.New("too long")
	}
	parts := strings.SplitN(s, "+", 3) // base64 has plus signs too
	if len(parts) != 3 {
		return "", 0, nil, errors.New("not name+id+key")
	}
	if err := CheckName(parts[0]); err != nil {
		return "", 0, nil, err
	}
	rawID, err := hex.DecodeString(parts[1])
	if err != nil || len(rawID) != 4 || hex.EncodeToString(rawID) != parts[1] {
		return "", 0, nil, errors.New("bad key id")
	}
	raw, err := decode(parts[2], -1)
	if err != nil {
		return "", 0, nil, err
	}
	if len(raw) < 2 || raw[0] != kind {
		return "", 0, nil, fmt.Errorf("not a key of type %#02x", kind)
	}
	return parts[0], binary.BigEndian.Uint32(rawID), raw[1:], nil
}

// verifier is a note.Verifier for the types that package note does not know.
type verifier struct {
	name   string
	id     uint32
	verify func(text, sig []byte) bool
}

var _ note.Verifier = (*verifier)(nil)

func (v *verifier) Name() string                 { return v.name }
func (v *verifier) KeyHash() uint32              { return v.id }
func (v *verifier) Verify(text, sig []byte) bool { return v.verify(text, sig) }

// verifyP256 accepts only the lower of the two values of s that verify, so that
// nobody can make a second valid signature out of a first.
func verifyP256(key *ecdsa.PublicKey) func(text, sig []byte) bool {
	return func(text, sig []byte) bool {
		_, s, err := splitP256(sig)
		if err != nil || s.Cmp(halfOrder()) > 0 {
			return false
		}
		digest := sha256.Sum256(text)
		return ecdsa.VerifyASN1(key, digest[:], sig)
	}
}

func halfOrder() *big.Int { return new(big.Int).Rsh(elliptic.P256().Params().N, 1) }
