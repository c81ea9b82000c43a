package tpm

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
	"slices"

	"github.com/google/go-tpm/tpm2"
)

// parseCertificate reads an endorsement certificate. NV indexes are often
// longer than the certificate in them, so what follows it is cut off.
func parseCertificate(der []byte) (*x509.Certificate, error) {
	if len(der) == 0 {
		return nil, fmt.Errorf("%w: no certificate", ErrEndorsement)
	}
	var outer asn1.RawValue
	if _, err := asn1.Unmarshal(der, &outer); err != nil {
		return nil, fmt.Errorf("%w: certificate: %w", ErrEndorsement, err)
	}
	cert, err := x509.ParseCertificate(outer.FullBytes)
	if err != nil {
		return nil, fmt.Errorf("%w: certificate: %w", ErrEndorsement, err)
	}
	// The subject alternative name holds the TPM's make as a directory name,
	// critical when the subject is empty (EK Credential Profile, 3.2.9).
	subjectAltName := asn1.ObjectIdentifier{2, 5, 29, 17}
	cert.UnhandledCriticalExtensions = slices.DeleteFunc(cert.UnhandledCriticalExtensions, subjectAltName.Equal)
	return cert, nil
}

// endorses wants what a certificate says of its use, if anything, to be that of
// an endorsement key (EK Credential Profile, 3.2): makers certify other keys
// too, which may be in software.
func endorses(cert *x509.Certificate) error {
	if cert.IsCA {
		return fmt.Errorf("%w: the certificate is an authority's", ErrEndorsement)
	}
	const decrypts = x509.KeyUsageKeyEncipherment | x509.KeyUsageDataEncipherment | x509.KeyUsageKeyAgreement
	if cert.KeyUsage != 0 && cert.KeyUsage&decrypts == 0 {
		return fmt.Errorf("%w: the certificate is on a key that does not decrypt", ErrEndorsement)
	}
	endorsement := asn1.ObjectIdentifier{2, 23, 133, 8, 1} // tcg-kp-EKCertificate
	if len(cert.ExtKeyUsage)+len(cert.UnknownExtKeyUsage) > 0 && !slices.ContainsFunc(cert.UnknownExtKeyUsage, endorsement.Equal) {
		return fmt.Errorf("%w: the certificate is for another use", ErrEndorsement)
	}
	return nil
}

// sameKey wants the certificate to be on this public area's key.
func sameKey(cert *x509.Certificate, area *tpm2.TPMTPublic) error {
	key, err := tpm2.Pub(*area)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrEndorsement, err)
	}
	certified := certifiedKey(cert)
	switch key := key.(type) {
	case *rsa.PublicKey:
		if key.Equal(certified) {
			return nil
		}
	case *ecdsa.PublicKey:
		if key.Equal(certified) {
			return nil
		}
	}
	return fmt.Errorf("%w: the certificate is on another key", ErrEndorsement)
}

// certifiedKey is the certificate's key, also where it is an RSA key marked
// for OAEP only (RFC 4055, 4.1), which some makers do and x509 does not read.
func certifiedKey(cert *x509.Certificate) any {
	if cert.PublicKey != nil {
		return cert.PublicKey
	}
	var info struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}
	oaep := asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 7}
	if rest, err := asn1.Unmarshal(cert.RawSubjectPublicKeyInfo, &info); err != nil || len(rest) > 0 || !info.Algorithm.Algorithm.Equal(oaep) {
		return nil
	}
	key, err := x509.ParsePKCS1PublicKey(info.Key.RightAlign())
	if err != nil {
		return nil
	}
	return key
}

// parseEndorsement reads a TPM2B_PUBLIC that has a standard endorsement key's
// template: an RSA 2048 modulus of full length, or a point on P-256.
func parseEndorsement(public []byte) (*tpm2.TPMTPublic, error) {
	area, err := parsePublic(public)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrEndorsement, err)
	}
	template := tpm2.ECCEKTemplate
	if area.Type == tpm2.TPMAlgRSA {
		template = tpm2.RSAEKTemplate
	}
	if err := checkTemplate(area, template); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrEndorsement, err)
	}
	if area.Type == tpm2.TPMAlgECC {
		if _, err := eccKey(area); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrEndorsement, err)
		}
		return area, nil
	}
	modulus, err := area.Unique.RSA()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrEndorsement, err)
	}
	if n := new(big.Int).SetBytes(modulus.Buffer); n.BitLen() != 2048 || n.Bit(0) == 0 {
		return nil, fmt.Errorf("%w: an RSA modulus of %d bits", ErrEndorsement, n.BitLen())
	}
	return area, nil
}
