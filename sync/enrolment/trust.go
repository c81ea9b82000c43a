package enrolment

import (
	"crypto/ecdsa"
	"crypto/x509"
	"errors"
	"fmt"

	"espero-soft.com/printroom/sync/client"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/tpm"
)

var (
	// ErrAuthority says that central is of another room authority than the one
	// that is trusted. It is a client.ErrCertificate too.
	ErrAuthority = fmt.Errorf("central is of another room authority than the trusted one: %w", client.ErrCertificate)
	// ErrOlder says that a statement of trust is older than the one in use.
	ErrOlder = errors.New("an older statement of whom the room trusts")
	// ErrPolicyKey says that the room has another policy key than the one that
	// this TPM's K_doc obeys. The way on is to enrol again.
	ErrPolicyKey = errors.New("the room has another policy key than this station's keys")
	// ErrCertificates says that certificates are not on K_tls, not this
	// station's, or not by an authority that is trusted.
	ErrCertificates = errors.New("unacceptable certificates")
)

// openTrust verifies a statement with the authorities that are known.
func openTrust(signed wire.SignedTrust, known []*x509.Certificate) (wire.Trust, error) {
	trust, err := signed.Open(known)
	if errors.Is(err, wire.ErrTrustSignature) {
		return wire.Trust{}, fmt.Errorf("%w: %w", ErrAuthority, err)
	}
	return trust, err
}

// checkCertificates wants certificates to be K_tls's, the station's and by one
// of the authorities. Whether they are in time is not judged by this computer's
// clock: central has just given them, and TLS judges when they are used.
func checkCertificates(certificates [][]byte, set tpm.KeySet, station string, authorities []*x509.Certificate) (*x509.Certificate, error) {
	leaf, err := chained(certificates, authorities)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCertificates, err)
	}
	key, _, err := tpm.CheckPublic(tpm.RoleTLS, set.Keys[tpm.RoleTLS].Public, nil)
	if err != nil {
		return nil, err
	}
	if public, ok := leaf.PublicKey.(*ecdsa.PublicKey); !ok || !key.Equal(public) {
		return nil, fmt.Errorf("%w: on another key", ErrCertificates)
	}
	if leaf.Subject.CommonName != station {
		return nil, fmt.Errorf("%w: of station %q", ErrCertificates, leaf.Subject.CommonName)
	}
	return leaf, nil
}

func chained(certificates [][]byte, authorities []*x509.Certificate) (*x509.Certificate, error) {
	if len(certificates) == 0 {
		return nil, errors.New("none")
	}
	roots, between := x509.NewCertPool(), x509.NewCertPool()
	for _, a := range authorities {
		roots.AddCert(a)
	}
	for _, der := range certificates[1:] {
		c, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, err
		}
		between.AddCert(c)
	}
	leaf, err := x509.ParseCertificate(certificates[0])
	if err != nil {
		return nil, err
	}
	_, err = leaf.Verify(x509.VerifyOptions{
		Roots: roots, Intermediates: between, CurrentTime: leaf.NotBefore.Add(leaf.NotAfter.Sub(leaf.NotBefore) / 2),
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
	return leaf, err
}
