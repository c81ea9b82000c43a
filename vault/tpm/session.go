package tpm

import (
	"errors"
	"fmt"

	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpm2/transport"
)

// direction says which first parameters a session encrypts; a command's or
// response's first parameter must be a sized buffer for that.
type direction = tpm2.AuthOption

func encryptIn() direction    { return tpm2.AESEncryption(128, tpm2.EncryptIn) }
func encryptInOut() direction { return tpm2.AESEncryption(128, tpm2.EncryptInOut) }

// nonceSize is that of the caller's nonces, in bytes.
const nonceSize = 16

// withSession runs f with an HMAC session for entities whose authValue is
// auth, salted to the storage root's pinned public area: who does not hold
// that key's private part can neither follow nor answer. The session is ended
// whether f fails or not; a one-off session that closes itself would stay
// behind when its command is refused. f gets the root's handle too.
func withSession(t transport.TPM, r *root, auth []byte, dir direction, f func(tpm2.TPMHandle, tpm2.Session) error) error {
	return r.with(t, func(handle tpm2.TPMHandle) error {
		session, end, err := tpm2.HMACSession(t, tpm2.TPMAlgSHA256, nonceSize,
			tpm2.Salted(handle, r.public), tpm2.Auth(auth), dir)
		if err != nil {
			return fmt.Errorf("start session: %w", err)
		}
		return ending(end, "session", func() error { return f(handle, session) })
	})
}

// withHierarchy runs f with an HMAC session for a hierarchy, whose password is
// taken to be empty; it is not salted, as it comes before there is a storage
// root, and protects no secret.
func withHierarchy(t transport.TPM, f func(tpm2.Session) error) error {
	session, end, err := tpm2.HMACSession(t, tpm2.TPMAlgSHA256, nonceSize)
	if err != nil {
		return fmt.Errorf("start session: %w", err)
	}
	return ending(end, "session", func() error {
		err := f(session)
		if errors.Is(err, tpm2.TPMRCBadAuth) {
			err = fmt.Errorf("%w: %w", ErrHierarchy, err)
		}
		return err
	})
}

// ending runs f and then end, and hides neither's error.
func ending(end func() error, what string, f func() error) (err error) {
	defer func() {
		if endErr := end(); endErr != nil {
			err = errors.Join(err, fmt.Errorf("end %s: %w", what, endErr))
		}
	}()
	return f()
}
