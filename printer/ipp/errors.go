package ipp

import (
	"errors"
	"fmt"
	"strings"
)

// ErrUnreachable says that no connection to the printer could be made: it got
// nothing of what was to be sent.
var ErrUnreachable = errors.New("ipp: printer cannot be reached")

// ErrCertificate says that the printer showed another certificate than the
// pinned one: it got nothing of what was to be sent.
var ErrCertificate = errors.New("ipp: printer's certificate is not the pinned one")

// ErrInterrupted says that the connection broke or stood still before the
// answer was complete: the printer may have done what was asked, or part of it.
var ErrInterrupted = errors.New("ipp: no complete answer from the printer")

// ErrPlain says that an ipp: address leads off this machine without having
// been allowed to.
var ErrPlain = errors.New("ipp: unencrypted printing over the network is not allowed")

// StatusError is a printer's refusal.
type StatusError struct {
	Operation string // as "Create-Job"
	HTTP      int    // HTTP status when that was the refusal, else 0
	Code      uint16 // IPP status, RFC 8011 appendix B, when HTTP is 0
	Message   string // the printer's own words, safe to show; may be empty
}

func (e *StatusError) Error() string {
	what := statusName(e.Code)
	if e.HTTP != 0 {
		what = fmt.Sprintf("HTTP status %d", e.HTTP)
	}
	if e.Message != "" {
		what += ": " + e.Message
	}
	return fmt.Sprintf("ipp: %s: %s", e.Operation, what)
}

// Busy reports whether the same request may succeed in a while: the printer
// has another job, or does not take any now.
func (e *StatusError) Busy() bool {
	switch e.Code {
	case statusBusy, statusUnavailable, statusNotAccepting, 0x0505:
		return true
	}
	return e.HTTP == 503
}

// NotFound reports whether the printer has no such job (any more).
func (e *StatusError) NotFound() bool { return e.Code == statusNotFound || e.Code == 0x0407 }

// NotPossible reports whether the job's state does not allow the operation, as
// cancelling a job that has ended.
func (e *StatusError) NotPossible() bool { return e.Code == statusNotPossible }

// NotHonouredError says that the printer would print otherwise than asked. No
// job of it remains at the printer, as far as the printer lets us.
type NotHonouredError struct {
	Attributes []string // names, safe to show; with "=value" where the printer told what it would do
	Err        error    // the printer's refusal, nil when it would have gone on
}

// Unwrap is the printer's refusal.
func (e *NotHonouredError) Unwrap() error { return e.Err }

func (e *NotHonouredError) Error() string {
	return "ipp: printer does not honour " + strings.Join(e.Attributes, ", ")
}
