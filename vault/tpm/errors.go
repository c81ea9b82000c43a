package tpm

import (
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
	"time"

	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpm2/transport"
)

// What a caller tells apart. The device's errors:
var (
	ErrMissing    = errors.New("no TPM 2.0 is there")
	ErrPermission = errors.New("access to the TPM is not permitted")
	ErrBusy       = errors.New("the TPM is busy")
	ErrClosed     = errors.New("the TPM device was closed")
)

// The keys' errors:
var (
	// ErrWrongPIN: the PIN is not the slot's. It counts towards PINLimit, or
	// where the TPM can't count by slot towards its own lockout.
	ErrWrongPIN = errors.New("wrong PIN")
	// ErrPINBlocked: PINLimit wrong ones were given; only a reset helps.
	ErrPINBlocked = errors.New("the PIN is blocked")
	// ErrPINUnset: the slot has no PIN: its index is not there, or was never
	// written with central's leave.
	ErrPINUnset = errors.New("no PIN is set")
	// ErrPINForeign: the slot's index is not the one that was approved;
	// somebody removed it and defined another in its place.
	ErrPINForeign = errors.New("the PIN's index is not ours")
	// ErrNoPIN: the PIN's memory is empty or destroyed, the screen is locked.
	ErrNoPIN = errors.New("no PIN is held")
	// ErrPIN: a slot is not 0 to MaxSlots−1, or a PIN's authorisation value
	// not AuthSize bytes.
	ErrPIN = errors.New("unsuitable PIN or slot")
	// ErrApproval: central's approval is not for this slot, or by another key.
	ErrApproval = errors.New("the slot is not approved")
	// ErrPINRequest: a request to set a PIN is not one that BeginPIN makes, or
	// was not signed by central, or not for this request.
	ErrPINRequest = errors.New("unacceptable PIN request")
	// ErrCleared: the keys are not of this TPM; it was cleared or replaced, or
	// the KeySet is another station's. The way on is to enrol again.
	ErrCleared = errors.New("the keys are not of this TPM")
	// ErrKeySet: a KeySet's content is not what CreateKeys makes.
	ErrKeySet = errors.New("malformed key set")
	// ErrHierarchy: the TPM's owner or endorsement hierarchy has a password of
	// its own, which this program does not know.
	ErrHierarchy = errors.New("the TPM's hierarchy is protected by a password")
)

// Enrolment's errors:
var (
	// ErrPublic: a public area is not that of a key made in a TPM for its role.
	ErrPublic = errors.New("unacceptable public area")
	// ErrEndorsement: the endorsement key and its certificate do not belong
	// together, or the certificate is not from a trusted maker.
	ErrEndorsement = errors.New("unacceptable endorsement")
	// ErrChallenge: a challenge is malformed, or made for another key or TPM.
	ErrChallenge = errors.New("unacceptable challenge")
)

// LockedError: the TPM's protection against guessing refuses every PIN.
type LockedError struct {
	// Wait is the longest time until the TPM allows one more try, if it stays
	// switched on; 0 when the TPM gives none.
	Wait time.Duration
	Err  error
}

// Error implements error.
func (e *LockedError) Error() string {
	return fmt.Sprintf("the TPM is locked against guessing, at most for %s", e.Wait)
}

// Unwrap gives the TPM's own error.
func (e *LockedError) Unwrap() error { return e.Err }

// lockedError reads how long the lockout lasts. Each interval takes one
// failure off the count, and the TPM is open below its maximum (TPM 2.0 part
// 1, 19.8); the phase of the interval cannot be read, so Wait is a bound.
func lockedError(t transport.TPM, cause error) error {
	values, err := properties(t, tpm2.TPMPTLockoutCounter, 4)
	if err != nil {
		return errors.Join(&LockedError{Err: cause}, err)
	}
	failures, limit := values[tpm2.TPMPTLockoutCounter], values[tpm2.TPMPTMaxAuthFail]
	intervals := uint32(1)
	if failures > limit {
		intervals += failures - limit
	}
	wait := time.Duration(intervals) * time.Duration(values[tpm2.TPMPTLockoutInterval]) * time.Second
	return &LockedError{Wait: wait, Err: cause}
}

// meanings maps causes to this package's errors; the first that fits is it.
func meanings() []struct{ meaning, cause error } {
	return []struct{ meaning, cause error }{
		{ErrPermission, os.ErrPermission},
		{ErrBusy, syscall.EBUSY},
		{ErrBusy, os.ErrDeadlineExceeded},
		{ErrBusy, tpm2.TPMRCRetry},
		{ErrBusy, tpm2.TPMRCYielded},
		{ErrBusy, tpm2.TPMRCTesting},
		{ErrBusy, tpm2.TPMRCNVRate},
		{ErrBusy, tpm2.TPMRCNVUnavailable},
		{ErrBusy, tpm2.TPMRCObjectMemory},
		{ErrBusy, tpm2.TPMRCSessionMemory},
		{ErrBusy, tpm2.TPMRCSessionHandles},
		{ErrBusy, tpm2.TPMRCMemory},
		{ErrMissing, os.ErrNotExist},
		{ErrMissing, syscall.ENODEV},
		{ErrMissing, syscall.ENXIO},
		{ErrMissing, syscall.ECONNREFUSED},
		{ErrMissing, syscall.ECONNRESET},
		{ErrMissing, syscall.EPIPE},
		{ErrMissing, io.EOF},
		{ErrMissing, io.ErrUnexpectedEOF},
	}
}

// classify adds this package's error to a cause that has one, once.
func classify(err error) error {
	for _, m := range meanings() {
		if errors.Is(err, m.meaning) {
			return err
		}
		if errors.Is(err, m.cause) {
			return fmt.Errorf("%w: %w", m.meaning, err)
		}
	}
	return err
}
