package tpm

import (
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpm2/transport"

	"espero-soft.com/printroom/vault/memory"
)

// startSession starts a session, salted to the storage root where one is given
// (which is loaded for that): who does not hold that key's private part can
// neither follow nor answer. The caller flushes it.
func startSession(t transport.TPM, kind tpm2.TPMSE, salted *root, dir direction) (*session, error) {
	s := &session{nonceCaller: make([]byte, nonceSize)}
	if _, err := rand.Read(s.nonceCaller); err != nil {
		return nil, err
	}
	start := tpm2.StartAuthSession{
		TPMKey: tpm2.TPMRHNull, Bind: tpm2.TPMRHNull,
		NonceCaller: tpm2.TPM2BNonce{Buffer: s.nonceCaller},
		SessionType: kind,
		Symmetric:   tpm2.TPMTSymDef{Algorithm: tpm2.TPMAlgNull},
		AuthHash:    tpm2.TPMAlgSHA256,
	}
	if dir != encryptNothing {
		start.Symmetric = tpm2.TPMTSymDef{
			Algorithm: tpm2.TPMAlgAES,
			KeyBits:   tpm2.NewTPMUSymKeyBits(tpm2.TPMAlgAES, tpm2.TPMKeyBits(sessionAESBits)),
			Mode:      tpm2.NewTPMUSymMode(tpm2.TPMAlgAES, tpm2.TPMAlgCFB),
		}
	}
	s.attributes = tpm2.TPMASession{
		ContinueSession: true,
		Decrypt:         dir != encryptNothing,
		Encrypt:         dir == encryptInOut,
	}
	var err error
	if salted == nil {
		err = s.start(t, start, nil)
	} else {
		err = salted.with(t, func(handle tpm2.TPMHandle) error {
			start.TPMKey = handle
			return s.salt(t, start, salted)
		})
	}
	if err != nil {
		return nil, fmt.Errorf("start session: %w", err)
	}
	return s, nil
}

// salt makes a salt for the root and starts the session with it.
func (s *session) salt(t transport.TPM, start tpm2.StartAuthSession, r *root) error {
	to, err := tpm2.ImportEncapsulationKey(&r.public)
	if err != nil {
		return err
	}
	salt, sealed, err := tpm2.CreateEncryptedSalt(rand.Reader, to)
	if err != nil {
		return err
	}
	defer memory.Wipe(salt)
	start.EncryptedSalt = tpm2.TPM2BEncryptedSecret{Buffer: sealed}
	return s.start(t, start, salt)
}

func (s *session) start(t transport.TPM, start tpm2.StartAuthSession, salt []byte) error {
	rsp, err := start.Execute(t)
	if err != nil {
		return err
	}
	s.handle, s.nonceTPM = tpm2.TPMHandle(rsp.SessionHandle.HandleValue()), rsp.NonceTPM.Buffer
	if len(salt) > 0 {
		s.key = tpm2.KDFa(crypto.SHA256, salt, "ATH", s.nonceTPM, s.nonceCaller, sha256.Size*8)
	}
	return nil
}

// withSession runs f with an HMAC session salted to the storage root's pinned
// public area. The session is ended whether f fails or not; one that ends
// itself would stay behind when its command is refused.
func withSession(t transport.TPM, r *root, dir direction, f func(*session) error) error {
	s, err := startSession(t, tpm2.TPMSEHMAC, r, dir)
	if err != nil {
		return err
	}
	return ending(t, s, func() error { return f(s) })
}

// withPolicy runs f with a policy session, which is not salted: it proves
// nothing by itself. A session of withSession beside it protects the command.
func withPolicy(t transport.TPM, f func(*session) error) error {
	s, err := startSession(t, tpm2.TPMSEPolicy, nil, encryptNothing)
	if err != nil {
		return err
	}
	return ending(t, s, func() error { return f(s) })
}

// withHierarchy runs f with an HMAC session for a hierarchy, whose password is
// taken to be empty; it is not salted, as it comes before there is a storage
// root, and protects no secret.
func withHierarchy(t transport.TPM, f func(tpm2.Session) error) error {
	s, err := startSession(t, tpm2.TPMSEHMAC, nil, encryptNothing)
	if err != nil {
		return err
	}
	return ending(t, s, func() error {
		err := f(s)
		if errors.Is(err, tpm2.TPMRCBadAuth) {
			err = fmt.Errorf("%w: %w", ErrHierarchy, err)
		}
		return err
	})
}

// ending runs f and then ends the session and forgets its key, and hides
// neither's error.
func ending(t transport.TPM, s *session, f func() error) (err error) {
	defer func() {
		flush(t, s.handle, &err)
		s.forget()
	}()
	return f()
}

// forget wipes what is secret of the session.
func (s *session) forget() {
	memory.Wipe(s.key)
	s.auth = nil
}
