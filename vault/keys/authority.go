package keys

import (
	"crypto/ecdh"
	"crypto/hpke"
	"fmt"
)

// SealClaimKey seals a claim's key (KEK, 32 bytes) to a station's K_doc with
// HPKE base mode (RFC 9180: DHKEM(P-256, HKDF-SHA256), HKDF-SHA256,
// AES-256-GCM): the encapsulated key, then the ciphertext.
func SealClaimKey(station *ecdh.PublicKey, b Binding, kek []byte) ([]byte, error) {
	return sealTo(station, claimInfo(b), kek)
}

// WrapDocumentKey wraps a document's key (DEK, 32 bytes) under a claim's key
// for one job: nonce, ciphertext, tag.
func WrapDocumentKey(kek []byte, b Binding, job string, dek []byte) ([]byte, error) {
	if len(dek) != KeySize {
		return nil, fmt.Errorf("wrap a document key: %d bytes, want %d", len(dek), KeySize)
	}
	return seal(kek, dek, wrapContext(b, job))
}

// SealPart encrypts one part of a job under its document key. It is done once,
// when the letter is paid, before any claim exists; therefore it binds the job
// and the part, and the wrapping binds claim and station.
func SealPart(dek []byte, job string, part Part, plaintext []byte) ([]byte, error) {
	return seal(dek, plaintext, partContext(job, part))
}

func sealTo(to *ecdh.PublicKey, info, secret []byte) ([]byte, error) {
	if len(secret) != KeySize {
		return nil, fmt.Errorf("seal a key: %d bytes, want %d", len(secret), KeySize)
	}
	pub, err := hpke.NewDHKEMPublicKey(to)
	if err != nil {
		return nil, fmt.Errorf("use the station's key: %w", err)
	}
	sealed, err := hpke.Seal(pub, hpke.HKDFSHA256(), hpke.AES256GCM(), info, secret)
	if err != nil {
		return nil, fmt.Errorf("seal a key to the station: %w", err)
	}
	return sealed, nil
}
