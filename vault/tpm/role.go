package tpm

import (
	"crypto/ecdsa"
	"fmt"

	"github.com/google/go-tpm/tpm2"
)

// Role is what one of a station's keys is for.
type Role int

// The three roles, in the order that arrays of keys and challenges have.
const (
	RoleDoc Role = iota // K_doc: ECDH, opens claim keys, needs a person's PIN
	RoleLog             // K_log: ECDSA, signs journal checkpoints
	RoleTLS             // K_tls: ECDSA, the client certificate
)

// Roles lists all roles in order.
func Roles() [3]Role { return [3]Role{RoleDoc, RoleLog, RoleTLS} }

// String is the key's name in the design: K_doc, K_log, K_tls.
func (r Role) String() string {
	switch r {
	case RoleDoc:
		return "K_doc"
	case RoleLog:
		return "K_log"
	case RoleTLS:
		return "K_tls"
	}
	return fmt.Sprintf("Role(%d)", int(r))
}

// template is the public area a role's key is made with and checked against:
// P-256, SHA-256 names, made in the TPM and never to leave it, its parent or
// its use. No key has an authValue, nor a part in the TPM's protection against
// guessing, so that wrong PINs never stop the journal or the connection.
// K_doc is used by policy alone: one that the policy key approved, a person's
// slot at a time. The other two need no policy.
func (r Role) template(policy *ecdsa.PublicKey) (tpm2.TPMTPublic, error) {
	attributes := tpm2.TPMAObject{
		FixedTPM:            true,
		FixedParent:         true,
		SensitiveDataOrigin: true,
		NoDA:                true,
	}
	var scheme tpm2.TPMTECCScheme
	var authPolicy []byte
	switch r {
	case RoleDoc:
		attributes.Decrypt = true
		var err error
		if authPolicy, err = docPolicy(policy); err != nil {
			return tpm2.TPMTPublic{}, fmt.Errorf("%w: %w", ErrPublic, err)
		}
		scheme = tpm2.TPMTECCScheme{
			Scheme: tpm2.TPMAlgECDH,
			Details: tpm2.NewTPMUAsymScheme(tpm2.TPMAlgECDH,
				&tpm2.TPMSKeySchemeECDH{HashAlg: tpm2.TPMAlgSHA256}),
		}
	case RoleLog, RoleTLS:
		attributes.SignEncrypt, attributes.UserWithAuth = true, true
		scheme = ecdsaScheme()
	default:
		return tpm2.TPMTPublic{}, fmt.Errorf("%w: no such role: %v", ErrPublic, r)
	}
	return tpm2.TPMTPublic{
		Type:             tpm2.TPMAlgECC,
		NameAlg:          tpm2.TPMAlgSHA256,
		ObjectAttributes: attributes,
		AuthPolicy:       tpm2.TPM2BDigest{Buffer: authPolicy},
		Parameters: tpm2.NewTPMUPublicParms(tpm2.TPMAlgECC, &tpm2.TPMSECCParms{
			CurveID: tpm2.TPMECCNistP256,
			Scheme:  scheme,
		}),
		Unique: tpm2.NewTPMUPublicID(tpm2.TPMAlgECC, &tpm2.TPMSECCPoint{}),
	}, nil
}

// ecdsaScheme is that of every key here that signs: ECDSA over SHA-256.
func ecdsaScheme() tpm2.TPMTECCScheme {
	return tpm2.TPMTECCScheme{
		Scheme:  tpm2.TPMAlgECDSA,
		Details: tpm2.NewTPMUAsymScheme(tpm2.TPMAlgECDSA, &tpm2.TPMSSigSchemeECDSA{HashAlg: tpm2.TPMAlgSHA256}),
	}
}
