package tpm

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/google/go-tpm/tpm2"
)

// Certification is a TPM's word that a key is in it (TPM2_Certify, TPM 2.0
// part 3, 18.2): a TPMS_ATTEST, and the attestation key's ECDSA signature over
// its SHA-256, as ASN.1.
type Certification struct {
	Attest    []byte `json:"attest"`
	Signature []byte `json:"signature"`
}

// ErrCertification: a certification is malformed, of another key, for another
// occasion, or not the attestation key's.
var ErrCertification = errors.New("unacceptable certification")

// Bounds of a certification, in bytes; a real one has about 150 and 72.
const (
	maxAttest    = 1024
	maxSignature = 128
)

// Qualifying is what binds certifications to one enrolment: only who could
// read its challenge knows it before the authority does.
func Qualifying(secret []byte, enrolment string) []byte {
	h := sha256.New()
	h.Write(secret)
	h.Write([]byte(enrolment))
	return h.Sum(nil)
}

// CheckAK checks, in pure software, that a marshalled TPM2B_PUBLIC is that of
// an attestation key: P-256, made inside a TPM and bound to it, and restricted,
// so that what it signs and what begins as a TPM's own statement is one. As
// with CheckPublic that is a claim, until the key's TPM answers a challenge for
// the returned name. Errors are ErrPublic.
func CheckAK(public []byte) (*ecdsa.PublicKey, Name, error) {
	key, name, err := checkArea(public, attestationTemplate())
	if err != nil {
		return nil, nil, fmt.Errorf("tpm: attestation key: %w", err)
	}
	return key, name, nil
}

// attestationTemplate is the public area an attestation key is made with and
// checked against.
func attestationTemplate() tpm2.TPMTPublic {
	return tpm2.TPMTPublic{
		Type:    tpm2.TPMAlgECC,
		NameAlg: tpm2.TPMAlgSHA256,
		ObjectAttributes: tpm2.TPMAObject{
			FixedTPM: true, FixedParent: true, SensitiveDataOrigin: true,
			UserWithAuth: true, NoDA: true, Restricted: true, SignEncrypt: true,
		},
		Parameters: tpm2.NewTPMUPublicParms(tpm2.TPMAlgECC, &tpm2.TPMSECCParms{
			CurveID: tpm2.TPMECCNistP256,
			Scheme:  ecdsaScheme(),
		}),
		Unique: tpm2.NewTPMUPublicID(tpm2.TPMAlgECC, &tpm2.TPMSECCPoint{}),
	}
}

// checkArea wants a TPM2B_PUBLIC to be a P-256 key's of this template.
func checkArea(public []byte, template tpm2.TPMTPublic) (*ecdsa.PublicKey, Name, error) {
	area, err := parsePublic(public)
	if err != nil {
		return nil, nil, err
	}
	if err := checkTemplate(area, template); err != nil {
		return nil, nil, err
	}
	key, err := eccKey(area)
	if err != nil {
		return nil, nil, err
	}
	name, err := tpm2.ObjectName(area)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrPublic, err)
	}
	return key, name.Buffer, nil
}

// CheckCertification checks, in pure software, that the TPM of the attestation
// key (from CheckAK, once its challenge was answered) holds the key of this
// name (from CheckPublic) and said so for this occasion: TPM_GENERATED, of the
// type certify, over the qualifying value, in its one encoding, signed. Errors
// are ErrCertification.
func CheckCertification(ak *ecdsa.PublicKey, c Certification, name Name, qualifying []byte) error {
	if err := checkCertification(ak, c, name, qualifying); err != nil {
		return fmt.Errorf("tpm: %w: %w", ErrCertification, err)
	}
	return nil
}

func checkCertification(ak *ecdsa.PublicKey, c Certification, name Name, qualifying []byte) error {
	if ak == nil || len(name) == 0 || len(qualifying) == 0 {
		return errors.New("nothing to check it against")
	}
	if len(c.Attest) > maxAttest || len(c.Signature) > maxSignature {
		return fmt.Errorf("%d and %d bytes", len(c.Attest), len(c.Signature))
	}
	if digest := sha256.Sum256(c.Attest); !ecdsa.VerifyASN1(ak, digest[:], c.Signature) {
		return errors.New("not signed by the attestation key")
	}
	attest, err := tpm2.Unmarshal[tpm2.TPMSAttest](c.Attest)
	if err != nil {
		return fmt.Errorf("read it: %w", err)
	}
	if err := attest.Magic.Check(); err != nil {
		return err
	}
	if attest.Type != tpm2.TPMSTAttestCertify {
		return fmt.Errorf("of type %#x", uint16(attest.Type))
	}
	if !bytes.Equal(attest.ExtraData.Buffer, qualifying) {
		return errors.New("for another occasion")
	}
	info, err := attest.Attested.Certify()
	if err != nil {
		return fmt.Errorf("read it: %w", err)
	}
	if !bytes.Equal(info.Name.Buffer, name) {
		return errors.New("of another key")
	}
	if !bytes.Equal(tpm2.Marshal(*attest), c.Attest) {
		return errors.New("not in its one encoding")
	}
	return nil
}
