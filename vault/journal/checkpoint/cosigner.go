package checkpoint

import (
	"bytes"
	"crypto/ed25519"
	"encoding/binary"
	"fmt"
	"math"
	"time"
)

// timestampedSize is the length of a cosignature: a big-endian time in seconds
// and an Ed25519 signature (tlog-cosignature, timestamped_signature).
const timestampedSize = 8 + ed25519.SignatureSize

// Cosigner countersigns checkpoints as a witness. It is safe for concurrent use.
type Cosigner struct {
	name string
	id   uint32
	vkey string
	key  ed25519.PrivateKey
}

// NewCosigner makes a witness of the given key name, such as
// "central.example/witness". The key must serve nothing else: what it signs
// does not name it.
func NewCosigner(name string, key ed25519.PrivateKey) (*Cosigner, error) {
	if len(key) != ed25519.PrivateKeySize {
		return nil, fmt.Errorf("%w: not an Ed25519 private key", ErrMalformed)
	}
	pub := key.Public().(ed25519.PublicKey)
	v, err := WitnessVkey(name, pub)
	if err != nil {
		return nil, err
	}
	return &Cosigner{name: name, id: cosignatureKeyID(name, pub), vkey: v, key: bytes.Clone(key)}, nil
}

// Name is the witness's key name.
func (c *Cosigner) Name() string { return c.name }

// Vkey is the witness's verifier key.
func (c *Cosigner) Vkey() string { return c.vkey }

// Cosign appends the witness's signature line, as the function Cosign does.
func (c *Cosigner) Cosign(note []byte, at time.Time) ([]byte, error) { return Cosign(note, at, c) }

// Cosign appends the signature lines of one witness, or of all the keys that it
// has while it changes them, to a note that carries exactly one signature. It
// says nothing of that one: call OpenStation first, and compare with the largest
// head seen of that log. The time is cut to seconds.
func Cosign(note []byte, at time.Time, by ...*Cosigner) ([]byte, error) {
	cp, err := ParseCheckpoint(note)
	if err != nil {
		return nil, err
	}
	if len(cp.Signatures) != 1 {
		return nil, fmt.Errorf("%w: %d signatures instead of the station's alone", ErrSignature, len(cp.Signatures))
	}
	if len(by) < 1 || len(by) > MaxWitnesses {
		return nil, fmt.Errorf("%w: %d witnesses", ErrMalformed, len(by))
	}
	if at.Unix() < 0 {
		return nil, fmt.Errorf("%w: a time before 1970", ErrMalformed)
	}
	seconds := uint64(at.Unix())
	message := cosigned(seconds, []byte(cp.Text()))
	for _, c := range by {
		sig := binary.BigEndian.AppendUint64(nil, seconds)
		sig = append(sig, ed25519.Sign(c.key, message)...)
		cp.Signatures = append(cp.Signatures, Signature{Name: c.name, KeyID: c.id, Bytes: sig})
	}
	return cp.Note(), nil
}

// cosigned is the message of a v1 cosignature.
func cosigned(seconds uint64, text []byte) []byte {
	return append(fmt.Appendf(nil, "cosignature/v1\ntime %d\n", seconds), text...)
}

func verifyCosignature(key ed25519.PublicKey) func(text, sig []byte) bool {
	return func(text, sig []byte) bool {
		at, ok := cosignatureTime(sig)
		return ok && ed25519.Verify(key, cosigned(uint64(at.Unix()), text), sig[8:])
	}
}

func cosignatureTime(sig []byte) (time.Time, bool) {
	if len(sig) != timestampedSize {
		return time.Time{}, false
	}
	seconds := binary.BigEndian.Uint64(sig)
	if seconds > math.MaxInt64 {
		return time.Time{}, false
	}
	return time.Unix(int64(seconds), 0).UTC(), true
}
