package tpm

import (
	"crypto"
	"crypto/aes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"

	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpm2/transport"

	"espero-soft.com/printroom/vault/memory"
)

// session is an HMAC or policy session with SHA-256 (TPM 2.0 part 1, 19). It
// stands in for go-tpm's own, which cuts an authValue at its first zero byte
// (a TPM drops trailing ones only), takes one for a session that authorises
// nothing, can't choose a nonce ahead, and leaves secrets in memory.
type session struct {
	handle      tpm2.TPMHandle
	key         []byte // the session key, empty when not salted
	nonceCaller []byte
	nonceTPM    []byte
	attributes  tpm2.TPMASession

	auth   []byte // authValue of what it authorises, nil for none; not ours
	chosen bool   // nonceCaller is already the next command's
}

var _ tpm2.Session = (*session)(nil)

// direction says which first parameters a session encrypts; a command's or
// response's first parameter must be a sized buffer for that.
type direction int

const (
	encryptNothing direction = iota
	encryptIn
	encryptInOut
)

// nonceSize is that of the caller's nonces, in bytes, and so of the TPM's.
const nonceSize = 16

const (
	sessionAESBits = 128
	sessionAES     = sessionAESBits / 8
)

// Init implements tpm2.Session: startSession has done it.
func (s *session) Init(transport.TPM) error { return nil }

// CleanupFailure implements tpm2.Session: who started it flushes it.
func (s *session) CleanupFailure(transport.TPM) error { return nil }

// NonceTPM implements tpm2.Session.
func (s *session) NonceTPM() tpm2.TPM2BNonce { return tpm2.TPM2BNonce{Buffer: s.nonceTPM} }

// NewNonceCaller implements tpm2.Session.
func (s *session) NewNonceCaller() error {
	if s.chosen {
		s.chosen = false
		return nil
	}
	s.nonceCaller = make([]byte, nonceSize)
	_, err := rand.Read(s.nonceCaller)
	return err
}

// choose settles the next command's nonce ahead.
func (s *session) choose() error {
	err := s.NewNonceCaller()
	s.chosen = err == nil
	return err
}

// IsEncryption implements tpm2.Session.
func (s *session) IsEncryption() bool { return s.attributes.Encrypt }

// IsDecryption implements tpm2.Session.
func (s *session) IsDecryption() bool { return s.attributes.Decrypt }

// Handle implements tpm2.Session.
func (s *session) Handle() tpm2.TPMHandle { return s.handle }

// Authorize implements tpm2.Session: the command's HMAC (part 1, 19.6.5).
func (s *session) Authorize(code tpm2.TPMCC, parameters, addNonces []byte, names []tpm2.TPM2BName, _ int) (*tpm2.TPMSAuthCommand, error) {
	known := make([]Name, len(names))
	for i, name := range names {
		known[i] = name.Buffer
	}
	mac := s.mac(s.attributes, cpHash(code, known, parameters), s.nonceCaller, s.nonceTPM, addNonces)
	return &tpm2.TPMSAuthCommand{
		Handle:        s.handle,
		Nonce:         tpm2.TPM2BNonce{Buffer: s.nonceCaller},
		Attributes:    s.attributes,
		Authorization: tpm2.TPM2BData{Buffer: mac},
	}, nil
}

// Validate implements tpm2.Session: the response's HMAC, and its nonce.
func (s *session) Validate(rc tpm2.TPMRC, code tpm2.TPMCC, parameters []byte, _ []tpm2.TPM2BName, _ int, auth *tpm2.TPMSAuthResponse) error {
	s.nonceTPM = auth.Nonce.Buffer
	mac := s.mac(auth.Attributes, rpHash(rc, code, parameters), s.nonceTPM, s.nonceCaller, nil)
	if !hmac.Equal(mac, auth.Authorization.Buffer) {
		return errors.New("the response is not the TPM's: wrong HMAC")
	}
	return nil
}

// mac keys an HMAC with the session key and the authValue.
func (s *session) mac(attributes tpm2.TPMASession, hash, newer, older, addNonces []byte) []byte {
	key := s.keyed()
	defer memory.Wipe(key)
	mac := hmac.New(sha256.New, key)
	for _, part := range [][]byte{hash, newer, older, addNonces, tpm2.Marshal(attributes)} {
		mac.Write(part)
	}
	return mac.Sum(nil)
}

// keyed is the session key and the authValue, in one piece that the caller
// wipes. Trailing zeros, which a TPM leaves out, make no difference: HMAC fills
// its key up with them.
func (s *session) keyed() []byte {
	key := make([]byte, 0, len(s.key)+len(s.auth))
	return append(append(key, s.key...), s.auth...)
}

// Encrypt implements tpm2.Session: a command's first parameter, in place.
func (s *session) Encrypt(parameter []byte) error {
	return s.cfb(parameter, s.nonceCaller, s.nonceTPM, false)
}

// Decrypt implements tpm2.Session: a response's first parameter, in place.
func (s *session) Decrypt(parameter []byte) error {
	return s.cfb(parameter, s.nonceTPM, s.nonceCaller, true)
}

// cfb is the parameter encryption of part 1, 21.3: AES in cipher feedback
// mode, which for its lack of authentication the standard library no longer
// offers; the session's HMAC gives that.
func (s *session) cfb(parameter, newer, older []byte, decrypt bool) error {
	key := s.keyed()
	defer memory.Wipe(key)
	derived := tpm2.KDFa(crypto.SHA256, key, "CFB", newer, older, (sessionAES+aes.BlockSize)*8)
	defer memory.Wipe(derived)
	block, err := aes.NewCipher(derived[:sessionAES])
	if err != nil {
		return err
	}
	feedback, pad := derived[sessionAES:], make([]byte, aes.BlockSize)
	defer memory.Wipe(pad)
	for rest := parameter; len(rest) > 0; {
		block.Encrypt(pad, feedback)
		n := min(len(rest), aes.BlockSize)
		if decrypt {
			copy(feedback, rest[:n])
		}
		subtle.XORBytes(rest[:n], rest[:n], pad)
		if !decrypt {
			copy(feedback, rest[:n])
		}
		rest = rest[n:]
	}
	return nil
}
