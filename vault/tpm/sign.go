package tpm

import (
	"crypto"
	"crypto/sha256"
	"encoding/asn1"
	"errors"
	"fmt"
	"io"
	"math/big"

	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpm2/transport"
)

// TLS is K_tls, for the client certificate. It works while the screen is
// locked, and whatever PINs were tried.
func (k *Keys) TLS() crypto.Signer { return &signer{keys: k, role: RoleTLS} }

// Log is K_log, for journal checkpoints. It works as TLS does.
func (k *Keys) Log() crypto.Signer { return &signer{keys: k, role: RoleLog} }

type signer struct {
	keys *Keys
	role Role
}

var _ crypto.Signer = (*signer)(nil)

// Public implements crypto.Signer: an *ecdsa.PublicKey on P-256.
func (s *signer) Public() crypto.PublicKey {
	public := *s.keys.loaded[s.role].public
	return &public
}

// Sign implements crypto.Signer: ECDSA over a SHA-256 digest, as ASN.1 (RFC
// 3279, 2.2.3). The TPM makes its own randomness.
func (s *signer) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	if opts == nil || opts.HashFunc() != crypto.SHA256 || len(digest) != sha256.Size {
		return nil, errors.New("tpm: sign: the key signs SHA-256 digests only")
	}
	var signature []byte
	err := s.keys.device.sequence("sign", func(t transport.TPM) error {
		return s.keys.use(t, s.role, encryptIn, func(key tpm2.AuthHandle) error {
			rsp, err := tpm2.Sign{
				KeyHandle:  key,
				Digest:     tpm2.TPM2BDigest{Buffer: digest},
				Validation: tpm2.TPMTTKHashCheck{Tag: tpm2.TPMSTHashCheck},
			}.Execute(t)
			if err != nil {
				return err
			}
			signature, err = encodeSignature(rsp.Signature)
			return err
		})
	})
	if err != nil {
		return nil, err
	}
	return signature, nil
}

func encodeSignature(s tpm2.TPMTSignature) ([]byte, error) {
	pair, err := s.Signature.ECDSA()
	if err != nil {
		return nil, fmt.Errorf("read signature: %w", err)
	}
	return asn1.Marshal(struct{ R, S *big.Int }{
		new(big.Int).SetBytes(pair.SignatureR.Buffer),
		new(big.Int).SetBytes(pair.SignatureS.Buffer),
	})
}
