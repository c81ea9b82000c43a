package tpm

import (
	"crypto/ecdh"
	"errors"
	"fmt"

	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpm2/transport"

	"espero-soft.com/printroom/vault/memory"
)

// Doc is K_doc under a person's PIN, as crypto/hpke takes it (DHKEM P-256).
// Each ECDH is one check of the PIN and one private key operation in the TPM;
// its errors are CheckPIN's and ErrApproval.
func (k *Keys) Doc(p PIN) ecdh.KeyExchanger {
	return &exchanger{keys: k, pin: p}
}

type exchanger struct {
	keys *Keys
	pin  PIN
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
		return withAuth(x.pin.Auth, func(auth []byte) error {
			return x.keys.retry(t, func() (err error) {
				secret, err = x.exchange(t, auth, tpm2.New2B(in))
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

// exchange takes three steps to K_doc: the slot's PIN, central's approval of
// the slot, the operation. One salted session serves the first, which proves
// the PIN, and the last, which it encrypts; so a claim costs the TPM one salt
// and one exchange.
func (x *exchanger) exchange(t transport.TPM, auth []byte, in tpm2.TPM2BECCPoint) (secret []byte, err error) {
	k := x.keys
	a, err := k.remember(x.pin.Slot, x.pin.Approval)
	if err != nil {
		return nil, err
	}
	if err := k.verify(t, a, &a.doc, refDoc); err != nil {
		return nil, err
	}
	err = k.with(t, RoleDoc, func(handle tpm2.TPMHandle) error {
		return withSession(t, k.root, encryptInOut, func(s *session) error {
			return withPolicy(t, func(policy *session) error {
				if err := k.prove(t, x.pin.Slot, auth, s, policy); err != nil {
					return err
				}
				if err := k.authorize(t, policy, a, &a.doc, refDoc); err != nil {
					return err
				}
				rsp, err := tpm2.ECDHZGen{
					KeyHandle: tpm2.AuthHandle{Handle: handle, Name: k.loaded[RoleDoc].name, Auth: policy},
					InPoint:   in,
				}.Execute(t, s)
				if err != nil {
					return err
				}
				secret, err = sharedX(&rsp.OutPoint)
				return err
			})
		})
	})
	return secret, err
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
