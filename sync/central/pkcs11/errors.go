package pkcs11

import (
	"errors"
	"fmt"
	"slices"

	"github.com/miekg/pkcs11"
)

// Why there is no KMS. What to do is in each text.
var (
	ErrModule    = errors.New("no PKCS #11 library")
	ErrToken     = errors.New("no token")
	ErrPINFile   = errors.New("no file with the token's PIN")
	ErrWrongPIN  = errors.New("the token refused the PIN")
	ErrLastTry   = errors.New("one wrong PIN more locks the token: log in by hand first")
	ErrLocked    = errors.New("the token's PIN is locked: its security officer must set it anew")
	ErrMechanism = errors.New("the token lacks CKM_AES_KEY_GEN or CKM_AES_GCM with 256 bits")
	ErrClosed    = errors.New("the KMS is closed")
)

// errStale: the connection or what is known of the keys is not of now any more.
var errStale = errors.New("look at the token again")

// is tells whether the token answered with one of these codes.
func is(err error, codes ...uint) bool {
	var code pkcs11.Error
	return errors.As(err, &code) && slices.Contains(codes, uint(code))
}

// lost tells whether an error says that sessions, handles or the token went, so that a new connection may help.
func lost(err error) bool {
	return errors.Is(err, errStale) || is(err,
		pkcs11.CKR_CRYPTOKI_NOT_INITIALIZED, pkcs11.CKR_SESSION_HANDLE_INVALID, pkcs11.CKR_SESSION_CLOSED,
		pkcs11.CKR_USER_NOT_LOGGED_IN, pkcs11.CKR_DEVICE_REMOVED, pkcs11.CKR_DEVICE_ERROR,
		pkcs11.CKR_TOKEN_NOT_PRESENT, pkcs11.CKR_TOKEN_NOT_RECOGNIZED, pkcs11.CKR_SLOT_ID_INVALID,
		pkcs11.CKR_KEY_HANDLE_INVALID, pkcs11.CKR_OBJECT_HANDLE_INVALID, pkcs11.CKR_GENERAL_ERROR)
}

// refusal is what a login's error means.
func refusal(err error) error {
	switch {
	case err == nil, is(err, pkcs11.CKR_USER_ALREADY_LOGGED_IN):
		return nil
	case is(err, pkcs11.CKR_PIN_INCORRECT, pkcs11.CKR_PIN_INVALID, pkcs11.CKR_PIN_LEN_RANGE):
		return fmt.Errorf("%w: %w", ErrWrongPIN, err)
	case is(err, pkcs11.CKR_PIN_LOCKED):
		return fmt.Errorf("%w: %w", ErrLocked, err)
	case is(err, pkcs11.CKR_USER_PIN_NOT_INITIALIZED, pkcs11.CKR_PIN_EXPIRED):
		return fmt.Errorf("%w that has a user PIN: %w", ErrToken, err)
	}
	return fmt.Errorf("log in: %w", err)
}

// mayLogIn refuses a login that the token's state forbids, or that could lock it.
func mayLogIn(flags uint) error {
	switch {
	case flags&pkcs11.CKF_USER_PIN_LOCKED != 0:
		return ErrLocked
	case flags&pkcs11.CKF_USER_PIN_FINAL_TRY != 0:
		return ErrLastTry
	case flags&pkcs11.CKF_USER_PIN_INITIALIZED == 0:
		return fmt.Errorf("%w that has a user PIN", ErrToken)
	}
	return nil
}
