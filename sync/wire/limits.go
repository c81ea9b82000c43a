package wire

import "time"

// Largest request bodies in bytes: x-max-body-bytes of each operation.
const (
	MaxEnrolBody             = 128 << 10
	MaxActivateBody          = 16 << 10
	MaxCertificateBody       = 1 << 10
	MaxPINGrantBody          = 4 << 10
	MaxClaimBody             = 1 << 10
	MaxRenewBody             = 1 << 10
	MaxReleaseBody           = 16 << 10
	MaxReportBody            = 128 << 10
	MaxDepositBody           = 64 << 10
	MaxReceiptBody           = 128 << 10
	MaxReceiptImage          = 32 << 20
	MaxJournalEntriesBody    = 1 << 20
	MaxJournalCheckpointBody = 16 << 10
)

// Largest answers in bytes. A problem's is ours: its longest list is 2,000 attempt codes.
const (
	MaxAnswer   = 4 << 20
	MaxProblem  = 64 << 10
	MaxDocument = 64 << 20
	MaxNotice   = 64 << 10 // a line of the stream of orders, its end included
)

// Most of a kind in one message.
const (
	MaxClaimJobs       = 100
	MaxEvents          = 100
	MaxDepositAttempts = 2000
	MaxReceiptNumbers  = 1000
	MaxJournalEntries  = 500
	MaxPeople          = 500
	MaxOrders          = 100
	MaxChain           = 8 // certificates of an endorsement key's issuers
	MaxAuthorities     = 8
	MaxWitnesses       = 8
	MaxSecondPerson    = 8
	MaxHoldFindings    = 50
)

// Longest texts in bytes and largest numbers.
const (
	MaxEntry      = 1024
	MaxNote       = 4096
	MaxDetails    = 16 << 10 // base64 characters
	MaxPaidPages  = 1000
	MaxNumber     = 99
	MaxSheets     = 1000
	MaxDetailText = 500
	MaxWaiting    = 1_000_000_000
	MaxStatement  = 256 << 10 // of a staff list or a trust
	MaxVkey       = 512
	MaxName       = 80
)

// Slots for PINs that a station's TPM has, numbered from 0. NoSlot is a person's who has none there.
const (
	MaxSlots = 32
	NoSlot   = -1
)

// Bounds of a policy.
const (
	LeastMinPIN, MostMinPIN   = 4, 64
	LeastIdle, MostIdle       = 30, 3600   // seconds
	LeastOffline, MostOffline = 0, 604_800 // seconds
)

// The stream of orders: central says something at least every Heartbeat, and a station gives up on one
// that is silent for SilenceMax.
const (
	Heartbeat  = 20 * time.Second
	SilenceMax = 60 * time.Second
)

// NoticeMedia is the Content-Type of the stream of orders.
const NoticeMedia = "application/jsonl"
