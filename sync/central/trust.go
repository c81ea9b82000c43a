package central

import (
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/journal/checkpoint"
)

// Authority is the certificate of the room authority that signs.
func (c *Central) Authority() *x509.Certificate { return c.authority.current() }

// Authorities are the certificates of all room authorities that hold, the one that signs first.
func (c *Central) Authorities() []*x509.Certificate { return c.authority.certificates() }

// Witness is the witness's current verifier key (C2SP vkey).
func (c *Central) Witness() string { return c.authority.cosigners()[0].Vkey() }

// Trust is whom the room trusts, signed by every authority that holds: a station that knows one of them
// learns of the others. Its revision rises with each change.
func (c *Central) Trust() wire.SignedTrust {
	c.authority.mu.RLock()
	defer c.authority.mu.RUnlock()
	return c.authority.trust
}

// PolicyKey is the public key that approves PINs. K_doc's policy names it, so it is never rotated: a new
// one would need every station to enrol anew.
func (c *Central) PolicyKey() *ecdsa.PublicKey { return &c.authority.policy.PublicKey }

// statement is the trust's text: the last one when it still says the same, else one of a higher revision.
func (k *keySet) statement(last string, authorities []*authority, witnesses []*checkpoint.Cosigner) (text string, changed bool, err error) {
	now := k.config.Now().UTC()
	next := wire.Trust{Revision: 1, IssuedAt: now}
	for _, a := range authorities {
		next.Authorities = append(next.Authorities, a.certificate.Raw)
	}
	for _, w := range witnesses {
		next.Witnesses = append(next.Witnesses, w.Vkey())
	}
	if next.PolicyKey, err = x509.MarshalPKIXPublicKey(&k.policy.PublicKey); err != nil {
		return "", false, fmt.Errorf("trust: %w", err)
	}
	if last != "" {
		before, err := wire.DecodeTrust(last)
		if err != nil {
			return "", false, fmt.Errorf("read %s: %w", trustName, err)
		}
		if sameTrust(before, next) {
			return last, false, nil
		}
		next.Revision = before.Revision + 1
	}
	// Whatever restores an older key directory: the clock lets the revision rise all the same.
	next.Revision = max(next.Revision, now.Unix())
	b, err := json.Marshal(next)
	if err != nil {
		return "", false, fmt.Errorf("encode trust: %w", err)
	}
	if _, err := wire.DecodeTrust(string(b)); err != nil {
		return "", false, fmt.Errorf("no station would take this: %w", err)
	}
	return string(b), true, nil
}

// sameTrust tells whether two say the same, whatever their revision.
func sameTrust(a, b wire.Trust) bool {
	return slices.EqualFunc(a.Authorities, b.Authorities, func(x, y []byte) bool { return string(x) == string(y) }) &&
		slices.Equal(a.Witnesses, b.Witnesses) && string(a.PolicyKey) == string(b.PolicyKey)
}

func signTrust(text string, authorities []*authority) (wire.SignedTrust, error) {
	signed := wire.SignedTrust{Trust: text}
	digest := wire.TrustDigest(text)
	for _, a := range authorities {
		signature, err := a.statement(digest)
		if err != nil {
			return signed, err
		}
		signed.Signatures = append(signed.Signatures, wire.TrustSignature{Authority: a.id(), Signature: signature})
	}
	return signed, nil
}

// ErrRotation: a step of a rotation that is not its turn.
var ErrRotation = errors.New("not possible now")
