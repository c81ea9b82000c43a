package wire

import (
	"fmt"
	"io"
	"strings"
	"unicode"
)

// ProblemBlank is RFC 9457's "nothing more than the status": what DecodeProblem makes of an answer that
// holds no problem document.
const ProblemBlank ProblemType = "about:blank"

// ProblemMedia is the Content-Type of a problem document.
const ProblemMedia = "application/problem+json"

// Error makes a problem's type a target for errors.Is: errors.Is(err, wire.ProblemJournalFork).
func (t ProblemType) Error() string { return string(t) }

// Status is the HTTP status that goes with a type, 500 for an unknown one.
func (t ProblemType) Status() int { status, _ := t.about(); return status }

// Title is the type in words.
func (t ProblemType) Title() string { _, title := t.about(); return title }

// NewProblem is a problem of a known type. The detail must hold nothing personal.
func NewProblem(t ProblemType, format string, args ...any) *Problem {
	status, title := t.about()
	return &Problem{Type: t, Title: title, Status: status, Detail: tidy(fmt.Sprintf(format, args...), MaxDetailText)}
}

var _ error = (*Problem)(nil)

func (p *Problem) Error() string {
	name := strings.TrimPrefix(string(p.Type), "urn:bjet24:problem:")
	if p.Detail == "" {
		return fmt.Sprintf("central answered %d %s: %s", p.Status, name, p.Title)
	}
	return fmt.Sprintf("central answered %d %s: %s", p.Status, name, p.Detail)
}

// Is reports whether target is this problem's type.
func (p *Problem) Is(target error) bool {
	t, ok := target.(ProblemType)
	return ok && t == p.Type
}

// Temporary reports whether the same request may succeed later without anything being changed.
func (p *Problem) Temporary() bool { return p.Status >= 500 || p.Status == 408 || p.Status == 429 }

// DecodeProblem reads a problem document of at most MaxProblem bytes from an answer with this status.
// The status of the answer wins over the document's. What cannot be read gives a ProblemBlank: there is
// always a problem to return.
func DecodeProblem(r io.Reader, status int) *Problem {
	var p Problem
	if err := DecodeAnswer(r, MaxProblem, &p); err != nil || p.Type == "" || len(p.Type) > 200 {
		p = Problem{Type: ProblemBlank, Title: "no problem document in the answer"}
	}
	p.Type = ProblemType(tidy(string(p.Type), 200))
	p.Title = tidy(p.Title, 200)
	p.Detail = tidy(p.Detail, MaxDetailText)
	p.Attempts = p.Attempts[:min(len(p.Attempts), MaxDepositAttempts)]
	p.Jobs = p.Jobs[:min(len(p.Jobs), MaxClaimJobs)]
	p.Size = max(p.Size, 0)
	p.Status = status
	return &p
}

// tidy makes foreign text fit to show on one line of at most limit bytes.
func tidy(s string, limit int) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) {
			return ' '
		}
		return r
	}, s)
	if len(s) <= limit {
		return s
	}
	return strings.ToValidUTF8(s[:limit], "")
}

func (t ProblemType) about() (status int, title string) {
	switch t {
	case ProblemBadRequest:
		return 400, "the request is not what the contract asks for"
	case ProblemCertificateRequired:
		return 401, "a client certificate is required"
	case ProblemForbidden:
		return 403, "not this station's"
	case ProblemNotFound:
		return 404, "no such thing"
	case ProblemMethodNotAllowed:
		return 405, "the path knows other methods"
	case ProblemTooLarge:
		return 413, "the body is too large"
	case ProblemMediaType:
		return 415, "the body's type is not accepted"
	case ProblemRange:
		return 416, "no such range"
	case ProblemIDReused:
		return 409, "this id was used with another body"
	case ProblemInternal:
		return 500, "central failed; nothing was done"
	case ProblemBusy:
		return 503, "later"
	}
	if status, title = t.aboutEnrolment(); status == 0 {
		status, title = t.aboutLetters()
	}
	if status == 0 {
		status, title = t.aboutJournal()
	}
	if status == 0 {
		status, title = t.aboutPeople()
	}
	if status == 0 {
		return 500, "unknown problem"
	}
	return status, title
}

func (t ProblemType) aboutEnrolment() (int, string) {
	switch t {
	case ProblemTokenRefused:
		return 403, "the enrolment token is unknown, used or too old"
	case ProblemEndorsementRefused:
		return 403, "the TPM's endorsement certificate is not accepted"
	case ProblemKeyRefused:
		return 422, "a key is not as its role demands"
	case ProblemSecretRefused:
		return 403, "a challenge's answer is wrong"
	case ProblemEnrolmentExpired:
		return 410, "the challenge is too old"
	case ProblemStationRevoked:
		return 403, "the station was revoked"
	case ProblemRenewalEarly:
		return 409, "the certificate need not be renewed yet"
	}
	return 0, ""
}

func (t ProblemType) aboutLetters() (int, string) {
	switch t {
	case ProblemLeaseLost:
		return 409, "nothing of this claim is held any more"
	case ProblemStaleFencingToken:
		return 409, "the letter belongs to a newer claim, or was given back"
	case ProblemJobOnPaper:
		return 409, "the letter may be on paper"
	case ProblemJobCancelled:
		return 409, "the letter was cancelled"
	case ProblemJobClosed:
		return 409, "the letter was dropped off"
	case ProblemAttemptUnknown:
		return 409, "this attempt was never begun"
	case ProblemAttemptTaken:
		return 409, "this attempt code is another printing's"
	case ProblemAttemptSuperseded:
		return 409, "another attempt of the letter was accepted first"
	case ProblemAttemptNotAccepted:
		return 409, "an attempt was not accepted as enveloped"
	case ProblemAttemptDeposited:
		return 409, "an attempt is in another deposit"
	case ProblemSecondPersonMissing:
		return 409, "no second person of the room agreed to the reprint"
	case ProblemNumberRefused:
		return 422, "a registered number is not accepted"
	case ProblemNumberInUse:
		return 409, "a registered number is another letter's"
	case ProblemDigestMismatch:
		return 422, "what arrived is not what was announced"
	}
	return 0, ""
}

func (t ProblemType) aboutPeople() (int, string) {
	switch t {
	case ProblemPINCodeRefused:
		return 403, "the PIN code is wrong, used, void or too old"
	case ProblemPINRequestRefused:
		return 422, "not this person's slot here, or not the setting of a PIN"
	case ProblemTooManyTries:
		return 429, "too many wrong PIN codes from this station"
	}
	return 0, ""
}

func (t ProblemType) aboutJournal() (int, string) {
	switch t {
	case ProblemJournalGap:
		return 409, "entries before these are missing"
	case ProblemJournalBroken:
		return 422, "an entry is malformed or does not chain"
	case ProblemJournalFork:
		return 409, "central holds another history"
	case ProblemCheckpointRefused:
		return 422, "the checkpoint is not accepted"
	}
	return 0, ""
}
