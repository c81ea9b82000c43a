// Code generated from openapi.yaml by oapi-codegen; DO NOT EDIT.

package wire

import "time"

// Defines values for EventKind.
const (
	EventAttempt    EventKind = "attempt"
	EventConfirmed  EventKind = "confirmed"
	EventDeviceDone EventKind = "device_done"
	EventEnveloped  EventKind = "enveloped"
	EventHeld       EventKind = "held"
	EventOrderDone  EventKind = "order_done"
	EventReturned   EventKind = "returned"
	EventSent       EventKind = "sent"
	EventUncertain  EventKind = "uncertain"
)

// Valid indicates whether the value is a known member of the EventKind enum.
func (e EventKind) Valid() bool {
	switch e {
	case EventAttempt:
		return true
	case EventConfirmed:
		return true
	case EventDeviceDone:
		return true
	case EventEnveloped:
		return true
	case EventHeld:
		return true
	case EventOrderDone:
		return true
	case EventReturned:
		return true
	case EventSent:
		return true
	case EventUncertain:
		return true
	default:
		return false
	}
}

// Defines values for MediaType.
const (
	MediaJPEG MediaType = "image/jpeg"
	MediaPDF  MediaType = "application/pdf"
	MediaPNG  MediaType = "image/png"
	MediaTIFF MediaType = "image/tiff"
)

// Valid indicates whether the value is a known member of the MediaType enum.
func (e MediaType) Valid() bool {
	switch e {
	case MediaJPEG:
		return true
	case MediaPDF:
		return true
	case MediaPNG:
		return true
	case MediaTIFF:
		return true
	default:
		return false
	}
}

// Defines values for OrderKind.
const (
	OrderCancel OrderKind = "cancel"
	OrderErase  OrderKind = "erase"
	OrderRecall OrderKind = "recall"
)

// Valid indicates whether the value is a known member of the OrderKind enum.
func (e OrderKind) Valid() bool {
	switch e {
	case OrderCancel:
		return true
	case OrderErase:
		return true
	case OrderRecall:
		return true
	default:
		return false
	}
}

// Defines values for PINKind.
const (
	PINKindLockout PINKind = "lockout"
	PINKindPINFail PINKind = "pin_fail"
)

// Valid indicates whether the value is a known member of the PINKind enum.
func (e PINKind) Valid() bool {
	switch e {
	case PINKindLockout:
		return true
	case PINKindPINFail:
		return true
	default:
		return false
	}
}

// Defines values for PINStatus.
const (
	PINSet   PINStatus = "set"
	PINUnset PINStatus = "unset"
)

// Valid indicates whether the value is a known member of the PINStatus enum.
func (e PINStatus) Valid() bool {
	switch e {
	case PINSet:
		return true
	case PINUnset:
		return true
	default:
		return false
	}
}

// Defines values for ProblemType.
const (
	ProblemAttemptDeposited    ProblemType = "urn:bjet24:problem:attempt-deposited"
	ProblemAttemptNotAccepted  ProblemType = "urn:bjet24:problem:attempt-not-accepted"
	ProblemAttemptSuperseded   ProblemType = "urn:bjet24:problem:attempt-superseded"
	ProblemAttemptTaken        ProblemType = "urn:bjet24:problem:attempt-taken"
	ProblemAttemptUnknown      ProblemType = "urn:bjet24:problem:attempt-unknown"
	ProblemBadRequest          ProblemType = "urn:bjet24:problem:bad-request"
	ProblemBusy                ProblemType = "urn:bjet24:problem:busy"
	ProblemCertificateRequired ProblemType = "urn:bjet24:problem:certificate-required"
	ProblemCheckpointRefused   ProblemType = "urn:bjet24:problem:checkpoint-refused"
	ProblemDigestMismatch      ProblemType = "urn:bjet24:problem:digest-mismatch"
	ProblemEndorsementRefused  ProblemType = "urn:bjet24:problem:endorsement-refused"
	ProblemEnrolmentExpired    ProblemType = "urn:bjet24:problem:enrolment-expired"
	ProblemForbidden           ProblemType = "urn:bjet24:problem:forbidden"
	ProblemIDReused            ProblemType = "urn:bjet24:problem:id-reused"
	ProblemInternal            ProblemType = "urn:bjet24:problem:internal"
	ProblemJobCancelled        ProblemType = "urn:bjet24:problem:job-cancelled"
	ProblemJobClosed           ProblemType = "urn:bjet24:problem:job-closed"
	ProblemJobOnPaper          ProblemType = "urn:bjet24:problem:job-on-paper"
	ProblemJournalBroken       ProblemType = "urn:bjet24:problem:journal-broken"
	ProblemJournalFork         ProblemType = "urn:bjet24:problem:journal-fork"
	ProblemJournalGap          ProblemType = "urn:bjet24:problem:journal-gap"
	ProblemKeyRefused          ProblemType = "urn:bjet24:problem:key-refused"
	ProblemLeaseLost           ProblemType = "urn:bjet24:problem:lease-lost"
	ProblemMediaType           ProblemType = "urn:bjet24:problem:media-type"
	ProblemMethodNotAllowed    ProblemType = "urn:bjet24:problem:method-not-allowed"
	ProblemNotFound            ProblemType = "urn:bjet24:problem:not-found"
	ProblemNumberInUse         ProblemType = "urn:bjet24:problem:number-in-use"
	ProblemNumberRefused       ProblemType = "urn:bjet24:problem:number-refused"
	ProblemPINCodeRefused      ProblemType = "urn:bjet24:problem:pin-code-refused"
	ProblemPINRequestRefused   ProblemType = "urn:bjet24:problem:pin-request-refused"
	ProblemRange               ProblemType = "urn:bjet24:problem:range"
	ProblemRenewalEarly        ProblemType = "urn:bjet24:problem:renewal-early"
	ProblemSecondPersonMissing ProblemType = "urn:bjet24:problem:second-person-missing"
	ProblemSecretRefused       ProblemType = "urn:bjet24:problem:secret-refused"
	ProblemStaleFencingToken   ProblemType = "urn:bjet24:problem:stale-fencing-token"
	ProblemStationRevoked      ProblemType = "urn:bjet24:problem:station-revoked"
	ProblemTokenRefused        ProblemType = "urn:bjet24:problem:token-refused"
	ProblemTooLarge            ProblemType = "urn:bjet24:problem:too-large"
	ProblemTooManyTries        ProblemType = "urn:bjet24:problem:too-many-tries"
)

// Valid indicates whether the value is a known member of the ProblemType enum.
func (e ProblemType) Valid() bool {
	switch e {
	case ProblemAttemptDeposited:
		return true
	case ProblemAttemptNotAccepted:
		return true
	case ProblemAttemptSuperseded:
		return true
	case ProblemAttemptTaken:
		return true
	case ProblemAttemptUnknown:
		return true
	case ProblemBadRequest:
		return true
	case ProblemBusy:
		return true
	case ProblemCertificateRequired:
		return true
	case ProblemCheckpointRefused:
		return true
	case ProblemDigestMismatch:
		return true
	case ProblemEndorsementRefused:
		return true
	case ProblemEnrolmentExpired:
		return true
	case ProblemForbidden:
		return true
	case ProblemIDReused:
		return true
	case ProblemInternal:
		return true
	case ProblemJobCancelled:
		return true
	case ProblemJobClosed:
		return true
	case ProblemJobOnPaper:
		return true
	case ProblemJournalBroken:
		return true
	case ProblemJournalFork:
		return true
	case ProblemJournalGap:
		return true
	case ProblemKeyRefused:
		return true
	case ProblemLeaseLost:
		return true
	case ProblemMediaType:
		return true
	case ProblemMethodNotAllowed:
		return true
	case ProblemNotFound:
		return true
	case ProblemNumberInUse:
		return true
	case ProblemNumberRefused:
		return true
	case ProblemPINCodeRefused:
		return true
	case ProblemPINRequestRefused:
		return true
	case ProblemRange:
		return true
	case ProblemRenewalEarly:
		return true
	case ProblemSecondPersonMissing:
		return true
	case ProblemSecretRefused:
		return true
	case ProblemStaleFencingToken:
		return true
	case ProblemStationRevoked:
		return true
	case ProblemTokenRefused:
		return true
	case ProblemTooLarge:
		return true
	case ProblemTooManyTries:
		return true
	default:
		return false
	}
}

// Defines values for Product.
const (
	ProductInternational Product = "international"
	ProductPriority      Product = "priority"
	ProductRegistered    Product = "registered"
	ProductStandard      Product = "standard"
)

// Valid indicates whether the value is a known member of the Product enum.
func (e Product) Valid() bool {
	switch e {
	case ProductInternational:
		return true
	case ProductPriority:
		return true
	case ProductRegistered:
		return true
	case ProductStandard:
		return true
	default:
		return false
	}
}

// Defines values for Role.
const (
	RoleAdmin      Role = "admin"
	RoleOperator   Role = "operator"
	RoleSupervisor Role = "supervisor"
)

// Valid indicates whether the value is a known member of the Role enum.
func (e Role) Valid() bool {
	switch e {
	case RoleAdmin:
		return true
	case RoleOperator:
		return true
	case RoleSupervisor:
		return true
	default:
		return false
	}
}

// Defines values for SecondPersonAct.
const (
	ActJournalExport     SecondPersonAct = "journal_export"
	ActPreflightOverride SecondPersonAct = "preflight_override"
	ActReprintRegistered SecondPersonAct = "reprint_registered"
	ActRetentionChange   SecondPersonAct = "retention_change"
)

// Valid indicates whether the value is a known member of the SecondPersonAct enum.
func (e SecondPersonAct) Valid() bool {
	switch e {
	case ActJournalExport:
		return true
	case ActPreflightOverride:
		return true
	case ActReprintRegistered:
		return true
	case ActRetentionChange:
		return true
	default:
		return false
	}
}

// Defines values for VerdictKind.
const (
	VerdictAccepted  VerdictKind = "accepted"
	VerdictDuplicate VerdictKind = "duplicate"
	VerdictRefused   VerdictKind = "refused"
)

// Valid indicates whether the value is a known member of the VerdictKind enum.
func (e VerdictKind) Valid() bool {
	switch e {
	case VerdictAccepted:
		return true
	case VerdictDuplicate:
		return true
	case VerdictRefused:
		return true
	default:
		return false
	}
}

// Activation defines model for Activation.
type Activation struct {
	// Authority The current room authority's certificate, DER. It also signs the staff list.
	Authority []byte `json:"authority"`

	// Certificates The client certificate for K_tls and what it chains through, DER, the station's own first.
	Certificates [][]byte `json:"certificates"`

	// Log The origin of the journal that K_log signs.
	Log LogOrigin `json:"log"`

	// Predecessor The journal of this station's earlier enrolment, when there was one.
	Predecessor *Predecessor `json:"predecessor,omitempty"`

	// Station A station's name in the room, given by an admin with the enrolment token.
	Station StationID `json:"station"`

	// Witness The current witness's.
	Witness VerifierKey `json:"witness"`
}

// ActivationRequest defines model for ActivationRequest.
type ActivationRequest struct {
	// Certifications One of each of the station's three TPM keys.
	Certifications Certifications `json:"certifications"`

	// Secret The secret the challenge held.
	Secret []byte `json:"secret"`
}

// AttemptCode A physical printing's code, 12 Crockford base32 symbols and an ISO 7064 MOD 37,36 check character.
type AttemptCode = string

// CertificateRequest defines model for CertificateRequest.
type CertificateRequest struct {
	// ID The renewal's id.
	ID UUID `json:"id"`
}

// Certificates defines model for Certificates.
type Certificates struct {
	// Certificates The client certificate for K_tls and what it chains through, DER, the station's own first.
	Certificates [][]byte `json:"certificates"`
}

// Certification What TPM2_Certify gives, signed by the attestation key.
type Certification struct {
	// Attest The TPMS_ATTEST.
	Attest []byte `json:"attest"`

	// Signature ECDSA, ASN.1 form, over its SHA-256.
	Signature []byte `json:"signature"`
}

// Certifications One of each of the station's three TPM keys.
type Certifications struct {
	// Doc What TPM2_Certify gives, signed by the attestation key.
	Doc Certification `json:"doc"`

	// Log What TPM2_Certify gives, signed by the attestation key.
	Log Certification `json:"log"`

	// TLS What TPM2_Certify gives, signed by the attestation key.
	TLS Certification `json:"tls"`
}

// Challenge What TPM2_ActivateCredential takes (TPM 2.0 Part 1, section 24).
type Challenge struct {
	// Credential The credential blob (TPM2B_ID_OBJECT without its size).
	Credential []byte `json:"credential"`

	// Secret Its seed, encrypted to the endorsement key (TPM2B_ENCRYPTED_SECRET without its size).
	Secret []byte `json:"secret"`
}

// Claim defines model for Claim.
type Claim struct {
	// ExpiresAt When letters on no paper may go to others.
	ExpiresAt time.Time `json:"expires_at,omitempty,omitzero"`

	// FencingToken Rises with every claim; a letter's events must bear its newest.
	FencingToken int64 `json:"fencing_token,omitempty,omitzero"`

	// ID A UUID in lower case.
	ID   UUID  `json:"id"`
	Jobs []Job `json:"jobs"`

	// SealedKey The claim key, sealed to K_doc with HPKE (RFC 9180; DHKEM(P-256), HKDF-SHA256, AES-256-GCM),
	// encapsulated key first. Its binding names this claim and this station.
	SealedKey []byte `json:"sealed_key,omitempty,omitzero"`

	// Station A station's name in the room, given by an admin with the enrolment token.
	Station StationID `json:"station,omitempty,omitzero"`
}

// ClaimRequest defines model for ClaimRequest.
type ClaimRequest struct {
	// ID The claim's id.
	ID UUID `json:"id"`

	// Max Letters at most; central's policy may give fewer (25 by default).
	Max int `json:"max"`
}

// Deposit defines model for Deposit.
type Deposit struct {
	// ID A UUID in lower case.
	ID     UUID `json:"id"`
	Pieces int  `json:"pieces"`
}

// DepositRequest defines model for DepositRequest.
type DepositRequest struct {
	Attempts []AttemptCode `json:"attempts"`
	ClosedAt time.Time     `json:"closed_at"`

	// SlipSHA256 Of the printed deposit slip.
	SlipSHA256 Digest `json:"slip_sha256"`
}

// Digest A SHA-256 in lower-case hexadecimal.
type Digest = string

// Document The sealed document.
type Document struct {
	// ID A UUID in lower case.
	ID UUID `json:"id"`

	// SHA256 Of the ciphertext.
	SHA256 Digest `json:"sha256"`

	// Size Bytes of ciphertext.
	Size int64 `json:"size"`
}

// Enrolment defines model for Enrolment.
type Enrolment struct {
	// Challenge For the attestation key.
	Challenge Challenge `json:"challenge"`

	// ExpiresAt Until when the activation is taken.
	ExpiresAt time.Time `json:"expires_at"`

	// ID A UUID in lower case.
	ID UUID `json:"id"`

	// Station A station's name in the room, given by an admin with the enrolment token.
	Station StationID `json:"station"`
}

// EnrolmentRequest defines model for EnrolmentRequest.
type EnrolmentRequest struct {
	// AK The public area (TPM2B_PUBLIC) of the attestation key, made for this enrolment.
	AK []byte `json:"ak"`

	// EKCertificate The endorsement key's X.509 certificate, DER.
	EKCertificate []byte `json:"ek_certificate"`

	// EKChain Certificates of those who issued it, DER, as far as the TPM holds them; in any order.
	EKChain [][]byte `json:"ek_chain"`

	// EKPublic The endorsement key's public area (TPM2B_PUBLIC); it must be the certificate's key.
	EKPublic []byte `json:"ek_public"`

	// ID The enrolment's id.
	ID UUID `json:"id"`

	// Keys The public areas (TPM2B_PUBLIC).
	Keys KeyBytes `json:"keys"`

	// PINKind How the TPM counts wrong PINs.
	// - `pin_fail`: each person's in an NV index of type PIN_FAIL.
	// - `lockout`: all together in the TPM's lockout, where it has no such type.
	PINKind PINKind `json:"pin_kind"`

	// Token The one-time token an admin was given, valid for 15 minutes.
	Token string `json:"token"`
}

// Event defines model for Event.
type Event struct {
	// ApprovedBy The second person, for a reprint that needs one.
	ApprovedBy Pseudonym `json:"approved_by,omitempty,omitzero"`

	// At When it happened by the station's clock.
	At time.Time `json:"at"`

	// Attempt Needed by every kind but `held` and `order_done`.
	Attempt AttemptCode `json:"attempt,omitempty,omitzero"`

	// FencingToken Of the claim under which it was printed.
	FencingToken int64 `json:"fencing_token"`

	// ID The event's id.
	ID UUID `json:"id"`

	// Impressions Sides the printer says it made; absent when it does not say.
	Impressions *int `json:"impressions,omitempty"`

	// Job A UUID in lower case.
	Job UUID `json:"job"`

	// Kind - `attempt`: a printing begins; from here on the letter may be on paper. Bears the fencing token;
	//   needs `number`, and from the second printing on `reason`. Printing a registered letter again, under
	//   the same claim, when it may be on paper needs `approved_by`, a second person of the room, as
	//   long as the policy has `reprint_registered`.
	// - `sent`: the printer took it.
	// - `device_done`: the printer says it is printed.
	// - `uncertain`: nobody knows what is on paper.
	// - `confirmed`: a person counted or scanned it.
	// - `enveloped`: the piece's code was scanned at enveloping. Bears the fencing token.
	// - `held`: the letter is set aside, with `reason`; it stays so, leased to nobody else, until a
	//   person decides otherwise. Needs no attempt; bears the fencing token.
	// - `returned`: the counter refused a piece of a deposit that central has, with `reason`: it is out of
	//   the deposit again, accepted as before, and may go into another one.
	// - `order_done`: an order was carried out; bears `order`, and as `reason` what came of it:
	//   `before_print`, `destroyed` (its paper) or `too_late` (in a closed deposit). Needs no attempt,
	//   and its fencing token is not judged: 1 where the station knows none.
	Kind EventKind `json:"kind"`

	// Number Which printing of the letter this is.
	Number int `json:"number,omitempty,omitzero"`

	// Order The order that was carried out; `order_done` only.
	Order UUID `json:"order,omitempty,omitzero"`

	// Reason A code from the program's lists, never free text.
	Reason ReasonCode `json:"reason,omitempty,omitzero"`

	// Sheets Sheets of the piece.
	Sheets int `json:"sheets,omitempty,omitzero"`
}

// EventBatch defines model for EventBatch.
type EventBatch struct {
	Events []Event `json:"events"`
}

// EventKind - `attempt`: a printing begins; from here on the letter may be on paper. Bears the fencing token;
//
//		needs `number`, and from the second printing on `reason`. Printing a registered letter again, under
//		the same claim, when it may be on paper needs `approved_by`, a second person of the room, as
//		long as the policy has `reprint_registered`.
//	  - `sent`: the printer took it.
//	  - `device_done`: the printer says it is printed.
//	  - `uncertain`: nobody knows what is on paper.
//	  - `confirmed`: a person counted or scanned it.
//	  - `enveloped`: the piece's code was scanned at enveloping. Bears the fencing token.
//	  - `held`: the letter is set aside, with `reason`; it stays so, leased to nobody else, until a
//	    person decides otherwise. Needs no attempt; bears the fencing token.
//	  - `returned`: the counter refused a piece of a deposit that central has, with `reason`: it is out of
//	    the deposit again, accepted as before, and may go into another one.
//	  - `order_done`: an order was carried out; bears `order`, and as `reason` what came of it:
//	    `before_print`, `destroyed` (its paper) or `too_late` (in a closed deposit). Needs no attempt,
//	    and its fencing token is not judged: 1 where the station knows none.
type EventKind string

// Job One paid letter.
type Job struct {
	// CutOff Until when it should be dropped off.
	CutOff time.Time `json:"cut_off"`

	// Details Recipient, country and return address, sealed under the document key, nonce first.
	Details []byte `json:"details"`

	// Document The sealed document.
	Document Document `json:"document"`

	// ID A UUID in lower case.
	ID UUID `json:"id"`

	// LegalProof The letter must be kept as long as a registered one, for proof.
	LegalProof bool `json:"legal_proof,omitempty,omitzero"`

	// Options How it is printed.
	Options Options   `json:"options"`
	PaidAt  time.Time `json:"paid_at"`

	// PaidPages Pages the customer paid for.
	PaidPages int `json:"paid_pages"`

	// Product What the customer paid for.
	Product Product `json:"product"`

	// TrackingNumber The registered number, when central gives it.
	TrackingNumber TrackingNumber `json:"tracking_number,omitempty,omitzero"`

	// WrappedKey The document key under the claim key, AES-256-GCM, nonce first.
	WrappedKey []byte `json:"wrapped_key"`
}

// JournalEntries defines model for JournalEntries.
type JournalEntries struct {
	// Entries The entries, exactly as they stand in the journal.
	Entries []string `json:"entries"`

	// First The number of the first entry given.
	First int64 `json:"first"`

	// Log The journal's name, the first line of its checkpoints.
	Log LogOrigin `json:"log"`
}

// JournalSize defines model for JournalSize.
type JournalSize struct {
	// Log The journal's name, the first line of its checkpoints.
	Log LogOrigin `json:"log"`

	// Size Entries held.
	Size int64 `json:"size"`
}

// KeyBytes One byte string for each of the station's three TPM keys.
type KeyBytes struct {
	// Doc For K_doc.
	Doc []byte `json:"doc"`

	// Log For K_log.
	Log []byte `json:"log"`

	// TLS For K_tls.
	TLS []byte `json:"tls"`
}

// LogOrigin The journal's name, the first line of its checkpoints.
type LogOrigin = string

// MediaType What a receipt's picture is.
type MediaType string

// Notice One line of the stream of orders.
type Notice struct {
	// JournalFork The station's journal has two histories: it gets no letters until somebody at central has decided.
	JournalFork bool `json:"journal_fork,omitempty,omitzero"`

	// Orders Orders that are not done yet, oldest first; each comes again until its `order_done` was accepted.
	Orders []Order `json:"orders,omitempty,omitzero"`

	// Staff The revision of the staff list that holds; 0 where central does not say.
	Staff int64 `json:"staff,omitempty,omitzero"`

	// Trust The revision of the trust that holds; 0 where central does not say.
	Trust int64 `json:"trust,omitempty,omitzero"`

	// Waiting Letters that a claim by this station could bring now.
	Waiting int `json:"waiting"`
}

// Options How it is printed.
type Options struct {
	Colour bool `json:"colour"`
	Duplex bool `json:"duplex"`

	// Envelope The envelope profile, as c5_6.
	Envelope string `json:"envelope"`
}

// Order defines model for Order.
type Order struct {
	// At When it was given by central's clock.
	At time.Time `json:"at"`

	// ID The order's id: `order_done` bears it.
	ID UUID `json:"id"`

	// Job A UUID in lower case.
	Job UUID `json:"job"`

	// Kind - `cancel`: the customer takes the letter back. Not printed yet: it is set aside. On paper: the paper is
	//   destroyed by a person. In a closed deposit: too late.
	// - `erase`: like `cancel`, and keys and personal fields are deleted at once, whatever became of the paper.
	// - `recall`: central wants the letter back, such as for another room: not printed yet, it is released.
	Kind OrderKind `json:"kind"`
}

// OrderKind - `cancel`: the customer takes the letter back. Not printed yet: it is set aside. On paper: the paper is
//
//	destroyed by a person. In a closed deposit: too late.
//
// - `erase`: like `cancel`, and keys and personal fields are deleted at once, whatever became of the paper.
// - `recall`: central wants the letter back, such as for another room: not printed yet, it is released.
type OrderKind string

// PINGrant defines model for PINGrant.
type PINGrant struct {
	// AuthSignature By the policy key, ECDSA, ASN.1 form.
	AuthSignature []byte `json:"auth_signature"`

	// WriteSignature By the policy key, ECDSA, ASN.1 form.
	WriteSignature []byte `json:"write_signature"`
}

// PINGrantRequest defines model for PINGrantRequest.
type PINGrantRequest struct {
	// Code The one-time PIN code, as it was typed.
	Code string `json:"code"`

	// ID The grant's id.
	ID UUID `json:"id"`

	// Person What the journal calls a person: an opaque id, with a digit in it.
	Person Pseudonym `json:"person"`

	// Request A station's TPM asks to be let set one slot's PIN.
	Request PINRequest `json:"request"`
}

// PINKind How the TPM counts wrong PINs.
// - `pin_fail`: each person's in an NV index of type PIN_FAIL.
// - `lockout`: all together in the TPM's lockout, where it has no such type.
type PINKind string

// PINRequest A station's TPM asks to be let set one slot's PIN.
type PINRequest struct {
	// Auth For NV_ChangeAuth, which sets it.
	Auth SignRequest `json:"auth"`
	Slot int         `json:"slot"`

	// Write For NV_Write, which sets its count.
	Write SignRequest `json:"write"`
}

// PINStatus - `unset`: central has signed no PIN of this person for this station's enrolment; one must be set with a code.
// - `set`: it has.
type PINStatus string

// Person defines model for Person.
type Person struct {
	// Approval The policy key's signature on the slot's policy, ECDSA, ASN.1 form; empty without a slot.
	Approval []byte `json:"approval,omitempty,omitzero"`

	// Language ISO 639-1, as fr, nl, de or en.
	Language string `json:"language"`

	// Name The name to show, and nowhere else.
	Name string `json:"name"`

	// PIN - `unset`: central has signed no PIN of this person for this station's enrolment; one must be set with a code.
	// - `set`: it has.
	PIN PINStatus `json:"pin"`

	// Pseudonym What the journal calls a person: an opaque id, with a digit in it.
	Pseudonym Pseudonym `json:"pseudonym"`

	// Role What a person may do.
	Role Role `json:"role"`

	// Slot Where this person's PIN is in this station's TPM; -1: they have no place here.
	Slot int `json:"slot"`
}

// Policy What the room demands of its stations.
type Policy struct {
	// HoldFindings Findings on a letter for which it is held until somebody decides.
	HoldFindings []ReasonCode `json:"hold_findings"`

	// IdleSeconds Without a touch until the screen locks; 180 by default.
	IdleSeconds int `json:"idle_seconds"`

	// MinPIN Bytes of a new PIN at least; 6 by default.
	MinPIN int `json:"min_pin"`

	// OfflineSeconds How long letters are opened without central; 14400 by default.
	OfflineSeconds int `json:"offline_seconds"`

	// SecondPerson A station asks for a second person where it does not know an act.
	SecondPerson []SecondPersonAct `json:"second_person"`
}

// Predecessor The journal of this station's earlier enrolment, when there was one.
type Predecessor struct {
	// Checkpoint Its last countersigned checkpoint, if any.
	Checkpoint string `json:"checkpoint,omitempty,omitzero"`

	// Log The journal's name, the first line of its checkpoints.
	Log LogOrigin `json:"log"`

	// Size Entries central holds of it.
	Size int64 `json:"size"`
}

// Problem RFC 9457. Nothing personal stands in it.
type Problem struct {
	// Attempts The attempts concerned.
	Attempts []AttemptCode `json:"attempts,omitempty,omitzero"`

	// Detail What was wrong this time.
	Detail string `json:"detail,omitempty,omitzero"`

	// Jobs The letters concerned.
	Jobs []UUID `json:"jobs,omitempty,omitzero"`

	// Size With `journal-gap`: how many entries central holds.
	Size int64 `json:"size,omitempty,omitzero"`

	// Status The HTTP status; within a verdict the one it would have had alone.
	Status int `json:"status"`

	// Title The type in words, in English.
	Title string `json:"title"`

	// Type One of the list; an unknown one is judged by its status.
	Type ProblemType `json:"type"`
}

// ProblemType | Type (after `urn:bjet24:problem:`) | Status | Meaning |
// | --- | --- | --- |
// | `bad-request` | 400 | not the JSON or the values this document asks for |
// | `certificate-required` | 401 | no client certificate was shown |
// | `forbidden` | 403 | the certificate is not, or no longer, an enrolled station's; or it is another station's thing |
// | `not-found` | 404 | no such path, or nothing of yours under this id |
// | `method-not-allowed` | 405 | the path knows other methods |
// | `too-large` | 413 | the body is above `x-max-body-bytes` |
// | `media-type` | 415 | the body's Content-Type is not one of the operation's |
// | `range` | 416 | no such range in the document |
// | `id-reused` | 409 | this id was used with another body |
// | `station-revoked` | 403 | the station was revoked; it must enrol again |
// | `renewal-early` | 409 | the certificate has more than a third of its life left |
// | `pin-code-refused` | 403 | the PIN code is wrong, used, void or too old |
// | `pin-request-refused` | 422 | not this person's slot here, or not the setting of a PIN |
// | `too-many-tries` | 429 | too many wrong PIN codes from this station; later |
// | `token-refused` | 403 | the enrolment token is unknown, used or too old |
// | `endorsement-refused` | 403 | the endorsement certificate is missing, not trusted, or of another key |
// | `key-refused` | 422 | a key's public area is not as its role demands, or the TPM did not certify it |
// | `secret-refused` | 403 | the challenge's answer is wrong |
// | `enrolment-expired` | 410 | the challenge is too old |
// | `lease-lost` | 409 | nothing of this claim is held any more |
// | `stale-fencing-token` | 409 | the letter belongs to a newer claim, or was given back |
// | `job-on-paper` | 409 | the letter may be on paper |
// | `job-cancelled` | 409 | the letter was cancelled; its paper must be destroyed |
// | `job-closed` | 409 | the letter was dropped off |
// | `attempt-unknown` | 409 | this attempt was never begun for this letter by this station |
// | `attempt-taken` | 409 | this attempt code is another printing's |
// | `attempt-superseded` | 409 | another attempt of the letter was accepted first, this one was printed again, or the letter was set aside; this piece must not be mailed |
// | `attempt-not-accepted` | 409 | an attempt in the deposit was not accepted as enveloped |
// | `attempt-deposited` | 409 | an attempt is in another deposit already |
// | `second-person-missing` | 409 | a registered letter that may be on paper is printed again, and no second person of the room agreed, as the policy demands |
// | `number-refused` | 422 | a registered number is not one, is of no piece of the deposit, or is not the letter's |
// | `number-in-use` | 409 | a registered number is another letter's |
// | `digest-mismatch` | 422 | what arrived is not what was announced |
// | `journal-gap` | 409 | entries before these are missing; `size` says how many central holds: send what follows |
// | `journal-broken` | 422 | an entry is malformed or does not chain |
// | `journal-fork` | 409 | central holds another entry or head at this place; or, asked for letters, that the station's journal has two histories |
// | `checkpoint-refused` | 422 | the note is malformed, of another log, or not signed by K_log |
// | `busy` | 503 | later |
// | `internal` | 500 | central failed; nothing was done |
type ProblemType string

// Product What the customer paid for.
type Product string

// Pseudonym What the journal calls a person: an opaque id, with a digit in it.
type Pseudonym = string

// ReasonCode A code from the program's lists, never free text.
type ReasonCode = string

// Receipt defines model for Receipt.
type Receipt struct {
	// ID A UUID in lower case.
	ID UUID `json:"id"`

	// Image Whether central holds the picture.
	Image bool `json:"image"`
}

// ReceiptRequest defines model for ReceiptRequest.
type ReceiptRequest struct {
	// Deposit A UUID in lower case.
	Deposit UUID `json:"deposit"`

	// MediaType What a receipt's picture is.
	MediaType MediaType          `json:"media_type"`
	Numbers   []RegisteredNumber `json:"numbers"`

	// SHA256 Of the picture.
	SHA256 Digest `json:"sha256"`

	// Size Bytes of the picture.
	Size int64 `json:"size"`
}

// RegisteredNumber defines model for RegisteredNumber.
type RegisteredNumber struct {
	// Attempt A piece of the deposit.
	Attempt AttemptCode `json:"attempt"`

	// Number A registered letter's number: 30 digits beginning 010 (national), or 13 characters of UPU S10
	// with a service indicator RA to RZ (international).
	Number TrackingNumber `json:"number"`
}

// Release defines model for Release.
type Release struct {
	Jobs []UUID `json:"jobs"`
}

// ReleaseRequest defines model for ReleaseRequest.
type ReleaseRequest struct {
	// FencingToken The claim's.
	FencingToken int64 `json:"fencing_token"`

	// ID This release's id.
	ID   UUID   `json:"id"`
	Jobs []UUID `json:"jobs"`
}

// Renewal defines model for Renewal.
type Renewal struct {
	// Cancelled Those of the claim that the customer or an admin cancelled.
	Cancelled []UUID    `json:"cancelled"`
	ExpiresAt time.Time `json:"expires_at"`

	// Jobs The letters of the claim still held.
	Jobs []UUID `json:"jobs"`
}

// RenewalRequest defines model for RenewalRequest.
type RenewalRequest struct {
	// FencingToken The claim's.
	FencingToken int64 `json:"fencing_token"`

	// ID This renewal's id.
	ID UUID `json:"id"`
}

// Role What a person may do.
type Role string

// SecondPersonAct What a second person has to agree to, by their own PIN.
// - `reprint_registered`: a registered letter that may be on paper is printed again.
// - `journal_export`: entries of the journal leave the station.
// - `preflight_override`: a letter that was held for a finding is printed.
// - `retention_change`: proof is kept longer, or no longer so.
type SecondPersonAct string

// SignRequest What TPM2_PolicySigned binds a signature to.
type SignRequest struct {
	// CpHash The cpHash of the one command, SHA-256.
	CpHash []byte `json:"cp_hash"`

	// Nonce The session's nonceTPM.
	Nonce []byte `json:"nonce"`
}

// SignedNote defines model for SignedNote.
type SignedNote struct {
	// Note A C2SP signed note.
	Note string `json:"note"`
}

// SignedStaff defines model for SignedStaff.
type SignedStaff struct {
	// Signature By the current room authority: ECDSA P-256, ASN.1 form, over the SHA-256 of
	// `bjet24 staff v1`, a line feed and `staff`.
	Signature []byte `json:"signature"`

	// Staff The exact JSON text of a `Staff`.
	Staff string `json:"staff"`
}

// SignedTrust defines model for SignedTrust.
type SignedTrust struct {
	// Signatures One of an authority that the station trusts already suffices.
	Signatures []TrustSignature `json:"signatures"`

	// Trust The exact JSON text of a `Trust`.
	Trust string `json:"trust"`
}

// Staff The people of the room and its policy, made for one station.
type Staff struct {
	IssuedAt time.Time `json:"issued_at"`
	People   []Person  `json:"people"`

	// Policy What the room demands of its stations.
	Policy Policy `json:"policy"`

	// Revision Rises with every change; a station refuses a lower one.
	Revision int64 `json:"revision"`

	// Station A station's name in the room, given by an admin with the enrolment token.
	Station StationID `json:"station"`
}

// StationID A station's name in the room, given by an admin with the enrolment token.
type StationID = string

// TrackingNumber A registered letter's number: 30 digits beginning 010 (national), or 13 characters of UPU S10
// with a service indicator RA to RZ (international).
type TrackingNumber = string

// Trust Whom the room trusts.
type Trust struct {
	// Authorities Certificates of the room authorities, DER: the current one first, then a next one before it is used, then former ones while they hold.
	Authorities [][]byte  `json:"authorities"`
	IssuedAt    time.Time `json:"issued_at"`

	// PolicyKey The key that approves PINs and signs their setting, ECDSA P-256, PKIX. K_doc's policy names it.
	PolicyKey []byte `json:"policy_key"`

	// Revision Rises with every change; a station refuses a lower one.
	Revision int64 `json:"revision"`

	// Witnesses Witnesses whose countersignature holds, the current one first.
	Witnesses []VerifierKey `json:"witnesses"`
}

// TrustSignature defines model for TrustSignature.
type TrustSignature struct {
	// Authority Of the certificate, DER, of the authority that signed.
	Authority Digest `json:"authority"`

	// Signature ECDSA P-256, ASN.1 form, over the SHA-256 of `bjet24 trust v1`, a line feed and `trust`.
	Signature []byte `json:"signature"`
}

// UUID A UUID in lower case.
type UUID = string

// Verdict defines model for Verdict.
type Verdict struct {
	// ID The event's id.
	ID UUID `json:"id"`

	// Problem RFC 9457. Nothing personal stands in it.
	Problem *Problem `json:"problem,omitempty"`

	// Verdict - `accepted`: taken now.
	// - `duplicate`: nothing new; this event, or the same scan of the same piece, was accepted before.
	// - `refused`: not taken, and the same event never will be; `problem` says why.
	Verdict VerdictKind `json:"verdict"`
}

// VerdictKind - `accepted`: taken now.
// - `duplicate`: nothing new; this event, or the same scan of the same piece, was accepted before.
// - `refused`: not taken, and the same event never will be; `problem` says why.
type VerdictKind string

// Verdicts defines model for Verdicts.
type Verdicts struct {
	Verdicts []Verdict `json:"verdicts"`
}

// VerifierKey A witness's verifier key (C2SP signed-note vkey).
type VerifierKey = string

// ID A UUID in lower case.
type ID = UUID

// DocumentParams defines parameters for Document.
type DocumentParams struct {
	// Range One range of bytes (RFC 9110 section 14.2), as `bytes=FIRST-` or `bytes=FIRST-LAST`.
	Range string `json:"Range,omitempty,omitzero"`

	// IfRange The ETag of the part already held; when it no longer fits, the whole is sent.
	IfRange string `json:"If-Range,omitempty,omitzero"`
}

// CertificateJSONRequestBody defines body for Certificate for application/json ContentType.
type CertificateJSONRequestBody = CertificateRequest

// ClaimJSONRequestBody defines body for Claim for application/json ContentType.
type ClaimJSONRequestBody = ClaimRequest

// ReleaseJSONRequestBody defines body for Release for application/json ContentType.
type ReleaseJSONRequestBody = ReleaseRequest

// RenewJSONRequestBody defines body for Renew for application/json ContentType.
type RenewJSONRequestBody = RenewalRequest

// DepositJSONRequestBody defines body for Deposit for application/json ContentType.
type DepositJSONRequestBody = DepositRequest

// EnrolJSONRequestBody defines body for Enrol for application/json ContentType.
type EnrolJSONRequestBody = EnrolmentRequest

// ActivateJSONRequestBody defines body for Activate for application/json ContentType.
type ActivateJSONRequestBody = ActivationRequest

// ReportJSONRequestBody defines body for Report for application/json ContentType.
type ReportJSONRequestBody = EventBatch

// JournalCheckpointJSONRequestBody defines body for JournalCheckpoint for application/json ContentType.
type JournalCheckpointJSONRequestBody = SignedNote

// JournalEntriesJSONRequestBody defines body for JournalEntries for application/json ContentType.
type JournalEntriesJSONRequestBody = JournalEntries

// GrantPINJSONRequestBody defines body for GrantPIN for application/json ContentType.
type GrantPINJSONRequestBody = PINGrantRequest

// ReceiptJSONRequestBody defines body for Receipt for application/json ContentType.
type ReceiptJSONRequestBody = ReceiptRequest
