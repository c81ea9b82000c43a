package tpm

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/binary"
	"fmt"

	"github.com/google/go-tpm/tpm2"
)

// maxPublic bounds a marshalled public area; an RSA 2048 one has 316 bytes.
const maxPublic = 1024

// Name is a TPM object's name: its name algorithm (two bytes, SHA-256 here)
// and the digest of its public area (TPM 2.0 part 1, 16).
type Name []byte

// CheckPublic checks, in pure software, that a marshalled TPM2B_PUBLIC is that
// of a key for this role: P-256 with the role's scheme, made inside a TPM
// (sensitiveDataOrigin), bound to it and its parent (fixedTPM, fixedParent),
// no encrypted duplication, SHA-256 name, the role's use and authorisation;
// K_doc's is what the policy key approves, which no other role needs. The
// answer is the key and its name; errors are ErrPublic.
//
// A public area only claims all this. The claim is proved once the key's TPM
// answers a challenge that MakeCredential made for the returned name.
func CheckPublic(role Role, public []byte, policy *ecdsa.PublicKey) (*ecdsa.PublicKey, Name, error) {
	key, name, err := checkPublic(role, public, policy)
	if err != nil {
		return nil, nil, fmt.Errorf("tpm: %v: %w", role, err)
	}
	return key, name, nil
}

func checkPublic(role Role, public []byte, policy *ecdsa.PublicKey) (*ecdsa.PublicKey, Name, error) {
	template, err := role.template(policy)
	if err != nil {
		return nil, nil, err
	}
	return checkArea(public, template)
}

// parsePublic reads a TPM2B_PUBLIC and refuses what does not encode back to
// the same bytes: trailing bytes, reserved bits, lengths that disagree.
func parsePublic(public []byte) (*tpm2.TPMTPublic, error) {
	if len(public) < 2 || len(public) > maxPublic || int(binary.BigEndian.Uint16(public)) != len(public)-2 {
		return nil, fmt.Errorf("%w: %d bytes are no TPM2B_PUBLIC", ErrPublic, len(public))
	}
	area, err := tpm2.Unmarshal[tpm2.TPMTPublic](public[2:])
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPublic, err)
	}
	if area.Type != tpm2.TPMAlgECC && area.Type != tpm2.TPMAlgRSA {
		return nil, fmt.Errorf("%w: type %#x", ErrPublic, uint16(area.Type))
	}
	if !bytes.Equal(tpm2.Marshal(*area), public[2:]) {
		return nil, fmt.Errorf("%w: not in its one encoding", ErrPublic)
	}
	return area, nil
}

// checkTemplate wants area to be template in everything but the key itself.
func checkTemplate(area *tpm2.TPMTPublic, template tpm2.TPMTPublic) error {
	have, want := area.ObjectAttributes, template.ObjectAttributes
	for _, c := range []struct {
		what string
		ok   bool
	}{
		{"fixedTPM", have.FixedTPM == want.FixedTPM},
		{"fixedParent", have.FixedParent == want.FixedParent},
		{"sensitiveDataOrigin", have.SensitiveDataOrigin == want.SensitiveDataOrigin},
		{"encryptedDuplication", have.EncryptedDuplication == want.EncryptedDuplication},
		{"use", have.Decrypt == want.Decrypt && have.SignEncrypt == want.SignEncrypt && have.Restricted == want.Restricted},
		{"userWithAuth, adminWithPolicy", have.UserWithAuth == want.UserWithAuth && have.AdminWithPolicy == want.AdminWithPolicy},
		{"noDA", have.NoDA == want.NoDA},
		{"attributes", have == want},
		{"type", area.Type == template.Type},
		{"name algorithm", area.NameAlg == template.NameAlg},
		{"policy", bytes.Equal(area.AuthPolicy.Buffer, template.AuthPolicy.Buffer)},
	} {
		if !c.ok {
			return fmt.Errorf("%w: wrong %s", ErrPublic, c.what)
		}
	}
	alike := *area
	alike.Unique = template.Unique
	if !bytes.Equal(tpm2.Marshal(alike), tpm2.Marshal(template)) {
		return fmt.Errorf("%w: wrong curve, size or scheme", ErrPublic)
	}
	return nil
}

// eccKey is a P-256 public area's key; the point is on the curve.
func eccKey(area *tpm2.TPMTPublic) (*ecdsa.PublicKey, error) {
	point, err := area.Unique.ECC()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPublic, err)
	}
	encoded, err := uncompressed(point)
	if err != nil {
		return nil, err
	}
	key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), encoded)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPublic, err)
	}
	return key, nil
}

// coordinate is the size of a P-256 coordinate in bytes.
const coordinate = 32

// uncompressed is a point as SEC 1 writes it: 4, X, Y, each left-padded, since
// TPMs leave leading zeros out.
func uncompressed(point *tpm2.TPMSECCPoint) ([]byte, error) {
	x, y := point.X.Buffer, point.Y.Buffer
	if len(x) > coordinate || len(y) > coordinate {
		return nil, fmt.Errorf("%w: coordinates of %d and %d bytes", ErrPublic, len(x), len(y))
	}
	encoded := make([]byte, 1+2*coordinate)
	encoded[0] = 4
	copy(encoded[1+coordinate-len(x):], x)
	copy(encoded[1+2*coordinate-len(y):], y)
	return encoded, nil
}

// marshalPublic is the TPM2B_PUBLIC of a public area.
func marshalPublic(area tpm2.TPMTPublic) []byte {
	return tpm2.Marshal(tpm2.New2B(area))
}
