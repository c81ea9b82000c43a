package wire

import (
	"crypto/ecdsa"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Open verifies a trust with the room authorities that are known: one signature of one of them suffices.
// It checks that what it says is as the contract wants, and returns it. Errors are ErrTrustSignature, or
// say what is wrong with a trust that was signed. Whether its revision has fallen is the caller's to judge.
func (s SignedTrust) Open(known []*x509.Certificate) (Trust, error) {
	if err := count("signatures on a trust", len(s.Signatures), 1, MaxAuthorities); err != nil {
		return Trust{}, err
	}
	digest := TrustDigest(s.Trust)
	signed := slices.ContainsFunc(s.Signatures, func(t TrustSignature) bool {
		i := slices.IndexFunc(known, func(c *x509.Certificate) bool { return c != nil && AuthorityID(c) == t.Authority })
		return i >= 0 && signedBy(known[i:i+1], digest, t.Signature)
	})
	if !signed {
		return Trust{}, ErrTrustSignature
	}
	return DecodeTrust(s.Trust)
}

// DecodeTrust reads a trust's text, at most MaxStatement bytes.
func DecodeTrust(text string) (Trust, error) {
	var t Trust
	if err := DecodeAnswer(strings.NewReader(text), MaxStatement, &t); err != nil {
		return Trust{}, fmt.Errorf("trust: %w", err)
	}
	if err := t.check(); err != nil {
		return Trust{}, fmt.Errorf("trust: %w", err)
	}
	return t, nil
}

func (t Trust) check() error {
	if t.Revision < 1 || t.IssuedAt.IsZero() {
		return fmt.Errorf("revision %d of %s", t.Revision, t.IssuedAt)
	}
	if _, err := t.Certificates(); err != nil {
		return err
	}
	if _, err := t.Policy(); err != nil {
		return err
	}
	if err := count("witnesses", len(t.Witnesses), 1, MaxWitnesses); err != nil {
		return err
	}
	for _, vkey := range t.Witnesses {
		if vkey == "" || len(vkey) > MaxVkey || strings.ContainsAny(vkey, "\r\n") {
			return errors.New("a witness's key is not a line")
		}
	}
	return nil
}

// Certificates are the room authorities', the current one first. Whether each is in time is TLS's to judge.
func (t Trust) Certificates() ([]*x509.Certificate, error) {
	if err := count("authorities", len(t.Authorities), 1, MaxAuthorities); err != nil {
		return nil, err
	}
	var all []*x509.Certificate
	for i, der := range t.Authorities {
		c, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, fmt.Errorf("authority %d: %w", i, err)
		}
		if _, ok := authorityKey(c); !ok {
			return nil, fmt.Errorf("authority %d: not one with a key on P-256", i)
		}
		all = append(all, c)
	}
	return all, nil
}

// Policy is the policy key.
func (t Trust) Policy() (*ecdsa.PublicKey, error) {
	key, err := x509.ParsePKIXPublicKey(t.PolicyKey)
	if err != nil {
		return nil, fmt.Errorf("policy key: %w", err)
	}
	public, ok := p256(key)
	if !ok {
		return nil, errors.New("policy key: not on P-256")
	}
	return public, nil
}
