package station

import (
	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/vault/store"
)

// Verdict is what a person decides about a printed letter.
type Verdict string

// The verdicts.
const (
	VerdictOK      Verdict = "ok"      // every sheet is there and good
	VerdictReprint Verdict = "reprint" // the sheets are destroyed, and it is printed once more
	VerdictPull    Verdict = "pull"    // the sheets are destroyed, and it is set aside
)

// ReasonCode says why a letter is printed again or pulled.
type ReasonCode string

// The reasons.
const (
	ReasonJam        ReasonCode = "jam"
	ReasonDamaged    ReasonCode = "damaged"
	ReasonQuality    ReasonCode = "print_quality"
	ReasonIncomplete ReasonCode = "incomplete" // sheets are missing
	ReasonWrongPaper ReasonCode = "wrong_paper"
	ReasonLost       ReasonCode = "lost" // nothing was found
	ReasonContent    ReasonCode = "content"
	ReasonAddress    ReasonCode = "address"
	ReasonOrder      ReasonCode = "order" // central's order took it back
)

// ReprintReasons are those for printing a letter again, the most usual first.
func ReprintReasons() []ReasonCode {
	return []ReasonCode{ReasonJam, ReasonDamaged, ReasonQuality, ReasonIncomplete, ReasonWrongPaper, ReasonLost}
}

// PullReasons are those for setting a letter aside. The last is for letters that
// central takes back, and the only one where there is an order.
func PullReasons() []ReasonCode {
	return []ReasonCode{ReasonContent, ReasonAddress, ReasonDamaged, ReasonOrder}
}

// Verdicts lists what may be decided about a letter now, nil for nothing.
func Verdicts(j Job) []Verdict {
	switch {
	case j.State == store.Held && !j.Paper:
		return nil
	case j.State == store.Held, j.State == store.Enveloped:
		return []Verdict{VerdictPull}
	case j.State != store.DeviceDone && j.State != store.Uncertain && j.State != store.Confirmed:
		return nil
	case j.Order != "", j.Scanned:
		return []Verdict{VerdictPull}
	case j.State == store.Confirmed:
		return []Verdict{VerdictReprint, VerdictPull}
	}
	return []Verdict{VerdictOK, VerdictReprint, VerdictPull}
}

// CanOverride tells whether Override may be asked for: the letter is held for
// findings, and can still be printed.
func CanOverride(j Job) bool {
	return j.State == store.Held && j.Hold == Preflight && !j.Paper && j.Order == "" && !j.Purged
}

// NeedsSecond tells whether a verdict is the act of printing a registered letter
// again, to which another person has to agree where the policy says so.
func NeedsSecond(j Job, v Verdict) bool {
	return v == VerdictReprint && j.Product == postal.Registered
}

// CanRetry tells whether Retry may be asked for: the letter is held for what may
// be otherwise the next time, no sheet of it exists, and it can still be opened.
func CanRetry(j Job) bool {
	if j.State != store.Held || j.Paper || j.Order != "" || j.Purged {
		return false
	}
	switch j.Hold {
	case PrinterRefused, DocumentCorrupt, DocumentEncrypted, DocumentLimit, PageCount, Address, RendererCrashed:
		return true
	}
	return false
}
