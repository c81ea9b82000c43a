package station

import (
	"fmt"
	"slices"
)

// FaultCode names a condition that a person must know about. The texts (what
// happened, what it means for the letters, what to do) are translations.
type FaultCode string

// The conditions.
const (
	WrongPIN          FaultCode = "wrong_pin"
	TPMMissing        FaultCode = "tpm_missing"
	TPMPermission     FaultCode = "tpm_permission"
	TPMBusy           FaultCode = "tpm_busy"
	TPMLocked         FaultCode = "tpm_locked"
	TPMCleared        FaultCode = "tpm_cleared"
	CentralDown       FaultCode = "central_down"
	Certificate       FaultCode = "certificate"
	CentralRefused    FaultCode = "central_refused"
	DocumentCorrupt   FaultCode = "document_corrupt"
	DocumentEncrypted FaultCode = "document_encrypted"
	DocumentLimit     FaultCode = "document_limit"
	PageCount         FaultCode = "page_count"
	Address           FaultCode = "address"
	TrackingNumber    FaultCode = "tracking_number"
	PrinterOff        FaultCode = "printer_off"
	PrinterStopped    FaultCode = "printer_stopped"
	PrinterRefused    FaultCode = "printer_refused"
	DiskFull          FaultCode = "disk_full"
	JournalBroken     FaultCode = "journal_broken"
	SandboxMissing    FaultCode = "sandbox_missing"
	RendererCrashed   FaultCode = "renderer_crashed"
	LeaseLost         FaultCode = "lease_lost"
	MaybeOnPaper      FaultCode = "uncertain"
	Locked            FaultCode = "locked"
	BatchRunning      FaultCode = "batch_running"
	Interrupted       FaultCode = "interrupted"
	Cancelled         FaultCode = "cancelled"
	CodeUnknown       FaultCode = "code_unknown"
	CodeState         FaultCode = "code_state"
	ScanRefused       FaultCode = "scan_refused"
	NothingToDeposit  FaultCode = "nothing_to_deposit"
	ReceiptUnreadable FaultCode = "receipt_unreadable"
	ReceiptNumber     FaultCode = "receipt_number"
	ReceiptOther      FaultCode = "receipt_other"
	NotPermitted      FaultCode = "not_permitted"
	InUse             FaultCode = "in_use"
	PrinterAddress    FaultCode = "printer_address"
	PrinterPlain      FaultCode = "printer_plain"
	PrinterKnown      FaultCode = "printer_known"
	SecondPerson      FaultCode = "second_person"
	ReasonMissing     FaultCode = "reason_missing"
	NotDestroyed      FaultCode = "not_destroyed"
	OrderCancelled    FaultCode = "order_cancelled"
	Pulled            FaultCode = "pulled"
	Unexpected        FaultCode = "unexpected"
)

// FaultCodes lists every condition, for whoever must have a text for each.
func FaultCodes() []FaultCode {
	return append([]FaultCode{WrongPIN, TPMMissing, TPMPermission, TPMBusy, TPMLocked, TPMCleared,
		CentralDown, Certificate, CentralRefused, DocumentCorrupt, DocumentEncrypted, DocumentLimit,
		PageCount, Address, TrackingNumber, PrinterOff, PrinterStopped, PrinterRefused, DiskFull, JournalBroken, SandboxMissing,
		RendererCrashed, LeaseLost, MaybeOnPaper, Locked, BatchRunning, Interrupted, Cancelled,
		CodeUnknown, CodeState, ScanRefused, NothingToDeposit, ReceiptUnreadable, ReceiptNumber, ReceiptOther,
		NotPermitted, InUse, PrinterAddress, PrinterPlain, PrinterKnown,
		SecondPerson, ReasonMissing, NotDestroyed, OrderCancelled, Pulled, Unexpected}, slices.Concat(dropOffFaults(), startFaults(), journalFaults(), peopleFaults())...)
}

// Fault is an error with a code for the person and a cause for "Details".
type Fault struct {
	Code FaultCode
	Err  error
}

func (f *Fault) Error() string {
	if f.Err == nil {
		return string(f.Code)
	}
	return fmt.Sprintf("%s: %v", f.Code, f.Err)
}

func (f *Fault) Unwrap() error { return f.Err }
