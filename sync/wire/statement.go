package wire

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
)

// A statement is JSON text that a room authority signs, under a prefix that says of what kind it is.

// ErrStaffSignature: a staff list that no trusted room authority signed, or signed for another station.
var ErrStaffSignature = errors.New("staff list not signed by a trusted room authority for this station")

// ErrTrustSignature: a trust that no room authority signed that was trusted before.
var ErrTrustSignature = errors.New("trust not signed by a room authority that was trusted before")

// StaffDigest is what the room authority signs of a staff list's exact text.
func StaffDigest(staff string) [32]byte { return sha256.Sum256([]byte("bjet24 staff v1\n" + staff)) }

// TrustDigest is what a room authority signs of a trust's exact text.
func TrustDigest(trust string) [32]byte { return sha256.Sum256([]byte("bjet24 trust v1\n" + trust)) }

// AuthorityID names a room authority's certificate, as a TrustSignature does.
func AuthorityID(certificate *x509.Certificate) Digest {
	sum := sha256.Sum256(certificate.Raw)
	return hex.EncodeToString(sum[:])
}

// signedBy tells whether one of the authorities signed the digest.
func signedBy(known []*x509.Certificate, digest [32]byte, signature []byte) bool {
	for _, authority := range known {
		if key, ok := authorityKey(authority); ok && ecdsa.VerifyASN1(key, digest[:], signature) {
			return true
		}
	}
	return false
}

// authorityKey is a room authority's key: ECDSA on P-256, of a certificate that may sign others.
func authorityKey(c *x509.Certificate) (*ecdsa.PublicKey, bool) {
	if c == nil || !c.IsCA {
		return nil, false
	}
	return p256(c.PublicKey)
}

func p256(key any) (*ecdsa.PublicKey, bool) {
	public, ok := key.(*ecdsa.PublicKey)
	return public, ok && public.Curve == elliptic.P256()
}

// count refuses a list of fewer than least or more than most.
func count(what string, n, least, most int) error {
	if n < least || n > most {
		return fmt.Errorf("%d %s, from %d to %d", n, what, least, most)
	}
	return nil
}
