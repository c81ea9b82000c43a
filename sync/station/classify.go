package station

import (
	"context"
	"errors"
	"syscall"

	"espero-soft.com/printroom/printer/device"
	"espero-soft.com/printroom/printer/discovery"
	"espero-soft.com/printroom/printer/ipp"
	"espero-soft.com/printroom/printer/render"
	"espero-soft.com/printroom/sync/client"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/keys"
	"espero-soft.com/printroom/vault/store"
	"espero-soft.com/printroom/vault/tpm"
)

// causes tells by which error a condition is known. The first that fits wins.
var causes = []struct {
	is   error
	code FaultCode
}{
	{context.Canceled, Cancelled},
	{tpm.ErrWrongPIN, WrongPIN},
	{tpm.ErrPINBlocked, PINBlocked},
	{tpm.ErrPINUnset, PINUnset},
	{tpm.ErrPINForeign, PINForeign},
	{tpm.ErrApproval, PINForeign},
	{tpm.ErrNoPIN, Locked}, // it was wiped meanwhile
	{tpm.ErrMissing, TPMMissing},
	{tpm.ErrPermission, TPMPermission},
	{tpm.ErrBusy, TPMBusy},
	{tpm.ErrCleared, TPMCleared},
	{store.ErrEra, TPMCleared},
	{store.ErrSealed, DocumentCorrupt},
	{journal.ErrFull, DiskFull},
	{store.ErrFull, DiskFull},
	{store.ErrState, CodeState},
	{store.ErrOrdered, OrderCancelled},
	{syscall.ENOSPC, DiskFull},
	{journal.ErrBroken, JournalBroken},
	{journal.ErrReadOnly, JournalBroken},
	{journal.ErrIO, JournalBroken},
	{journal.ErrClosed, JournalBroken},
	{render.ErrCorrupt, DocumentCorrupt},
	{render.ErrEncrypted, DocumentEncrypted},
	{render.ErrSandbox, SandboxMissing},
	{keys.ErrRefused, DocumentCorrupt},
	{keys.ErrDestroyed, Locked},
	{ipp.ErrCertificate, Certificate},
	{ipp.ErrUnreachable, PrinterOff},
	{ipp.ErrInterrupted, PrinterOff},
	{ipp.ErrMalformed, PrinterRefused},
	{ipp.ErrPlain, PrinterPlain},
	{discovery.ErrNetwork, PrinterOff},
	{wire.ProblemStationRevoked, Revoked},
	{wire.ProblemPINCodeRefused, PINCode},
	{client.ErrCertificate, Certificate},
	{client.ErrUnreachable, CentralDown},
	{client.ErrAnswer, CentralRefused},
	{client.ErrDigest, CentralRefused},
	{wire.ProblemLeaseLost, LeaseLost},
	{wire.ProblemStaleFencingToken, LeaseLost},
	{wire.ProblemJobCancelled, OrderCancelled},
	{wire.ProblemJournalFork, JournalFork},
}

// Explain gives an error the code that a person is told, as a *Fault. An error
// that has one keeps it, and nil stays nil.
func Explain(err error) error { return fault(err) }

func fault(err error) error {
	var f *Fault
	if err == nil || errors.As(err, &f) {
		return err
	}
	return &Fault{Code: classify(err), Err: err}
}

func classify(err error) FaultCode {
	if as[*journal.RollbackError](err) {
		return JournalOld
	}
	for _, c := range causes {
		if errors.Is(err, c.is) {
			return c.code
		}
	}
	switch {
	case as[*wire.Problem](err):
		return CentralRefused
	case as[*tpm.LockedError](err):
		return TPMLocked
	case as[*render.LimitError](err):
		return DocumentLimit
	case as[*render.CrashError](err):
		return RendererCrashed
	case as[*ipp.NotHonouredError](err), as[*ipp.StatusError](err), as[*device.UnsupportedError](err):
		return PrinterRefused
	}
	return Unexpected
}

func as[T error](err error) bool {
	var t T
	return errors.As(err, &t)
}

// code is the condition an error stands for.
func code(err error) FaultCode {
	var f *Fault
	if errors.As(fault(err), &f) {
		return f.Code
	}
	return ""
}

// endsJob tells whether a condition is the letter's own: it is held, and the
// batch goes on with the next.
func (c FaultCode) endsJob() bool {
	switch c {
	case DocumentCorrupt, DocumentEncrypted, DocumentLimit, PageCount, Address, RendererCrashed:
		return true
	}
	return false
}
