package tpm

import (
	"crypto/ecdh"
	"errors"
	"fmt"

	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpm2/transport"

	"espero-soft.com/printroom/vault/memory"
)

// Doc is K_doc with a PIN, as crypto/hpke takes it (DHKEM P-256). The buffer
// stays the caller's: destroying it locks the key (ErrNoPIN). Each ECDH is one
// private key operation in the TPM; its errors are ErrWrongPIN, *LockedError,
// ErrNoPIN, ErrCleared and the device's.
func (k *Keys) Doc(p PIN) ecdh.KeyExchanger {
	return &exchanger{keys: k, pin: p.Auth}
}

type exchanger struct {
	keys *Keys
	pin  *memory.Buffer
}

var _ ecdh.KeyExchanger = (*exchanger)(nil)

// Curve implements ecdh.KeyExchanger: P-256.
func (x *exchanger) Curve() ecdh.Curve { return ecdh.P256() }

// PublicKey implements ecdh.KeyExchanger. It asks neither TPM nor PIN.
func (x *exchanger) PublicKey() *ecdh.PublicKey {
	public, err := x.keys.loaded[RoleDoc].public.ECDH()
	if err != nil {
		return nil // not for a key that CheckPublic took
	}
	return public
}

// ECDH implements ecdh.KeyExchanger. The shared secret is the X coordinate in
// 32 bytes, leading zeros included (RFC 9180, 4.1; SEC 1, 3.3.1).
func (x *exchanger) ECDH(remote *ecdh.PublicKey) ([]byte, error) {
	if remote == nil || remote.Curve() != ecdh.P256() {
		return nil, errors.New("tpm: key exchange: the other key is not on P-256")
	}
	point := remote.Bytes() // 4, X, Y
	in := tpm2.TPMSECCPoint{
		X: tpm2.TPM2BECCParameter{Buffer: point[1 : 1+coordinate]},
		Y: tpm2.TPM2BECCParameter{Buffer: point[1+coordinate:]},
	}
	var secret []byte
	err := x.keys.device.sequence("key exchange", func(t transport.TPM) error {
		return withPIN(x.pin, func(auth []byte) error {
			return x.keys.use(t, RoleDoc, auth, encryptInOut(), func(key tpm2.AuthHandle) error {
				rsp, err := tpm2.ECDHZGen{KeyHandle: key, InPoint: tpm2.New2B(in)}.Execute(t)
				if err != nil {
					return err
				}
				secret, err = sharedX(&rsp.OutPoint)
				return err
			})
		})
	})
	if err != nil {
		memory.Wipe(secret)
		return nil, err
	}
	return secret, nil
}

// sharedX takes the left-padded X coordinate and wipes the response.
func sharedX(out *tpm2.TPM2BECCPoint) ([]byte, error) {
	defer memory.Wipe(out.Bytes())
	point, err := out.Contents()
	if err != nil {
		return nil, fmt.Errorf("read shared point: %w", err)
	}
	defer memory.Wipe(point.X.Buffer)
	defer memory.Wipe(point.Y.Buffer)
	encoded, err := uncompressed(point)
	if err != nil {
		return nil, fmt.Errorf("read shared point: %w", err)
	}
	defer memory.Wipe(encoded)
	return append([]byte(nil), encoded[1:1+coordinate]...), nil
}

// withPIN runs f with the PIN's bytes, which stay mapped meanwhile. A PIN that
// CreateKeys takes for no key is wrong without asking, and costs no try.
func withPIN(pin *memory.Buffer, f func(auth []byte) error) error {
	err := ErrNoPIN
	pin.Use(func(auth []byte) {
		err = f(auth)
	})
	return err
}
