package tpm

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpm2/transport"

	"espero-soft.com/printroom/vault/memory"
)

var (
	// ErrGeneration: a sealed secret is of an era that has ended, or that has
	// not begun.
	ErrGeneration = errors.New("sealed in another generation")
	// ErrSealed: what is to be opened is not what SealAt makes, or what is to
	// be sealed is empty or too long.
	ErrSealed = errors.New("unacceptable sealed secret")
)

// MaxSealed is the longest secret that SealAt takes, in bytes (TPM 2.0 part 2,
// 11.1.14: MAX_SYM_DATA).
const MaxSealed = 128

// A sealed secret is a version byte, the generation (big-endian), a
// TPM2B_PUBLIC and a TPM2B_PRIVATE.
const (
	sealedVersion = 1
	sealedHeader  = 1 + 8
	maxSealedBlob = 1024
)

// SealAt seals a secret so that this TPM alone opens it, and only while the
// generation counter has this value, which may be one that it is yet to reach.
// No PIN is needed to open it. Errors are ErrSealed, ErrHierarchy where the
// counter had to be defined, ErrCleared and the device's.
func (k *Keys) SealAt(generation uint64, secret []byte) (sealed []byte, err error) {
	if len(secret) == 0 || len(secret) > MaxSealed {
		return nil, fmt.Errorf("tpm: seal: %w: %d bytes", ErrSealed, len(secret))
	}
	template, err := sealedTemplate(generation)
	if err != nil {
		return nil, fmt.Errorf("tpm: seal: %w", err)
	}
	err = k.device.sequence("seal", func(t transport.TPM) error {
		if err := provideCounter(t, CounterGeneration, nil); err != nil {
			return err
		}
		seal := func(parent tpm2.AuthHandle) error {
			rsp, err := tpm2.Create{
				ParentHandle: parent,
				InSensitive: tpm2.TPM2BSensitiveCreate{Sensitive: &tpm2.TPMSSensitiveCreate{
					Data: tpm2.NewTPMUSensitiveCreate(&tpm2.TPM2BSensitiveData{Buffer: secret}),
				}},
				InPublic: tpm2.New2B(template),
			}.Execute(t)
			if err != nil {
				return err
			}
			sealed = binary.BigEndian.AppendUint64([]byte{sealedVersion}, generation)
			sealed = append(sealed, tpm2.Marshal(rsp.OutPublic)...)
			sealed = append(sealed, tpm2.Marshal(rsp.OutPrivate)...)
			return nil
		}
		return k.retry(t, func() error { return withRoot(t, k.root, seal) })
	})
	if err != nil {
		return nil, err
	}
	return sealed, nil
}

// OpenSealed opens what SealAt sealed. Errors are ErrGeneration once the
// counter has moved on, ErrCleared for another TPM's, ErrSealed, and the
// device's. The buffer is the caller's to destroy.
func (k *Keys) OpenSealed(sealed []byte) (secret *memory.Buffer, err error) {
	s, err := parseSealed(sealed)
	if err != nil {
		return nil, fmt.Errorf("tpm: open: %w", err)
	}
	err = k.device.sequence("open a sealed secret", func(t transport.TPM) error {
		return k.retry(t, func() (err error) {
			secret, err = k.openSealed(t, s)
			return err
		})
	})
	if err != nil {
		return nil, err
	}
	return secret, nil
}

// openSealed loads the object, opens it and unloads it.
func (k *Keys) openSealed(t transport.TPM, s *sealedSecret) (secret *memory.Buffer, err error) {
	var object tpm2.NamedHandle
	err = withRoot(t, k.root, func(parent tpm2.AuthHandle) error {
		rsp, err := tpm2.Load{ParentHandle: parent, InPrivate: s.private, InPublic: tpm2.New2B(s.template)}.Execute(t)
		if err != nil {
			return notOfThisTPM(err)
		}
		object = tpm2.NamedHandle{Handle: rsp.ObjectHandle, Name: s.name}
		return nil
	})
	if object.Handle != 0 {
		defer func() {
			if flush(t, object.Handle, &err); err != nil {
				secret.Destroy()
				secret = nil
			}
		}()
	}
	if err != nil {
		return nil, err
	}
	return k.unseal(t, s.generation, object)
}

// unseal opens a loaded object under its policy, with a salted session beside
// that encrypts the answer.
func (k *Keys) unseal(t transport.TPM, generation uint64, object tpm2.NamedHandle) (secret *memory.Buffer, err error) {
	index, err := CounterGeneration.written()
	if err != nil {
		return nil, err
	}
	err = withSession(t, k.root, encryptInOut, func(s *session) error {
		return withPolicy(t, func(policy *session) error {
			s.attributes.Decrypt, s.attributes.Encrypt = false, false
			if err := atGeneration(t, index, s, policy.Handle(), generation); err != nil {
				return err
			}
			s.attributes.Encrypt = true
			rsp, err := tpm2.Unseal{
				ItemHandle: tpm2.AuthHandle{Handle: object.Handle, Name: object.Name, Auth: policy},
			}.Execute(t, s)
			if errors.Is(err, tpm2.TPMRCPolicyFail) {
				return fmt.Errorf("%w: %w", ErrGeneration, err)
			}
			if err != nil {
				return err
			}
			secret, err = hold(rsp.OutData.Buffer)
			return err
		})
	})
	return secret, err
}

// hold moves what was unsealed into memory of its own.
func hold(unsealed []byte) (*memory.Buffer, error) {
	defer memory.Wipe(unsealed)
	if len(unsealed) == 0 || len(unsealed) > MaxSealed {
		return nil, fmt.Errorf("%w: %d bytes", ErrSealed, len(unsealed))
	}
	secret, err := memory.New(len(unsealed))
	if err != nil {
		return nil, err
	}
	secret.Use(func(b []byte) { copy(b, unsealed) })
	return secret, nil
}

// atGeneration is PolicyNV: the session goes on only if the counter has this
// value.
func atGeneration(t transport.TPM, index tpm2.NamedHandle, s tpm2.Session, policy tpm2.TPMISHPolicy, generation uint64) error {
	command := policyAt(index, generation)
	command.AuthHandle = tpm2.AuthHandle{Handle: index.Handle, Name: index.Name, Auth: s}
	command.PolicySession = policy
	_, err := command.Execute(t)
	switch {
	case errors.Is(err, tpm2.TPMRCPolicy):
		return fmt.Errorf("%w: the counter is not at %d", ErrGeneration, generation)
	case errors.Is(err, tpm2.TPMRCHandle), errors.Is(err, tpm2.TPMRCValue), errors.Is(err, tpm2.TPMRCNVUninitialized):
		return fmt.Errorf("%w: the counter is gone: %w", ErrGeneration, err)
	}
	return counterError(err)
}

// policyAt is the policy of a generation's secrets.
func policyAt(index tpm2.NamedHandle, generation uint64) tpm2.PolicyNV {
	return tpm2.PolicyNV{
		NVIndex:   index,
		OperandB:  tpm2.TPM2BOperand{Buffer: binary.BigEndian.AppendUint64(nil, generation)},
		Operation: tpm2.TPMEOEq,
	}
}

// sealedTemplate is the public area of a generation's secrets: never to leave
// this TPM, its parent or its policy, under no protection against guessing as
// there is nothing to guess.
func sealedTemplate(generation uint64) (tpm2.TPMTPublic, error) {
	index, err := CounterGeneration.written()
	if err != nil {
		return tpm2.TPMTPublic{}, err
	}
	calculator, err := tpm2.NewPolicyCalculator(tpm2.TPMAlgSHA256)
	if err != nil {
		return tpm2.TPMTPublic{}, err
	}
	if err := policyAt(index, generation).Update(calculator); err != nil {
		return tpm2.TPMTPublic{}, err
	}
	return tpm2.TPMTPublic{
		Type:             tpm2.TPMAlgKeyedHash,
		NameAlg:          tpm2.TPMAlgSHA256,
		ObjectAttributes: tpm2.TPMAObject{FixedTPM: true, FixedParent: true, AdminWithPolicy: true, NoDA: true},
		AuthPolicy:       tpm2.TPM2BDigest{Buffer: calculator.Hash().Digest},
		Parameters: tpm2.NewTPMUPublicParms(tpm2.TPMAlgKeyedHash, &tpm2.TPMSKeyedHashParms{
			Scheme: tpm2.TPMTKeyedHashScheme{Scheme: tpm2.TPMAlgNull},
		}),
		Unique: tpm2.NewTPMUPublicID(tpm2.TPMAlgKeyedHash, &tpm2.TPM2BDigest{}),
	}, nil
}
