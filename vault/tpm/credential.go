package tpm

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"github.com/google/go-tpm/tpm2"
)

// Challenge carries a secret to one key of one TPM: only the TPM with the
// endorsement key can read it, and it gives it up only if it holds a key of
// the name the challenge was made for (TPM 2.0 part 1, 24).
type Challenge struct {
	// Credential is the TPMS_ID_OBJECT with the secret.
	Credential []byte `json:"credential"`
	// Seed is its encrypted seed: an RSA block or an ephemeral ECC point.
	Seed []byte `json:"seed"`
}

// Bounds of a challenge and of the secret in it, in bytes.
const (
	MaxSecret     = sha256.Size
	maxCredential = 256
	maxSeed       = 256
)

// MakeCredential makes a challenge with a secret of 1 to MaxSecret bytes for
// the key of this name (from CheckPublic), readable by the TPM whose
// endorsement key is ekPublic (Endorsement.Public, after CheckEndorsement).
// Pure software. Errors are ErrEndorsement and ErrChallenge.
func MakeCredential(ekPublic, name, secret []byte) (Challenge, error) {
	area, err := parseEndorsement(ekPublic)
	if err != nil {
		return Challenge{}, fmt.Errorf("tpm: make credential: %w", err)
	}
	if len(name) != 2+sha256.Size || binary.BigEndian.Uint16(name) != uint16(tpm2.TPMAlgSHA256) {
		return Challenge{}, fmt.Errorf("tpm: make credential: %w: the name is not a SHA-256 name", ErrChallenge)
	}
	if len(secret) < 1 || len(secret) > MaxSecret {
		return Challenge{}, fmt.Errorf("tpm: make credential: %w: a secret of %d bytes", ErrChallenge, len(secret))
	}
	key, err := tpm2.ImportEncapsulationKey(area)
	if err != nil {
		return Challenge{}, fmt.Errorf("tpm: make credential: %w: %w", ErrEndorsement, err)
	}
	credential, seed, err := tpm2.CreateCredential(rand.Reader, key, name, secret)
	if err != nil {
		return Challenge{}, fmt.Errorf("tpm: make credential: %w: %w", ErrEndorsement, err)
	}
	return Challenge{Credential: credential, Seed: seed}, nil
}

// check bounds what is sent to the TPM.
func (c Challenge) check() error {
	if len(c.Credential) < 1 || len(c.Credential) > maxCredential || len(c.Seed) < 1 || len(c.Seed) > maxSeed {
		return fmt.Errorf("%w: %d and %d bytes", ErrChallenge, len(c.Credential), len(c.Seed))
	}
	return nil
}
