// Package station owns a job's life on this workstation: from the claim that
// brought it to the deposit that took it away. It decides; the window and the
// commands show its snapshots and ask.
package station

import (
	"image"
	"time"

	"espero-soft.com/printroom/printer/device"
	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/printer/preflight"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/store"
)

// Job is one letter as the window shows it. It holds nothing personal.
type Job struct {
	ID       string // central's opaque id
	Product  postal.Product
	Duplex   bool
	Colour   bool
	Pages    int // paid pages, without the carrier page
	Sheets   int // sheets of paper, carrier page included
	Envelope string
	PaidAt   time.Time
	CutOff   time.Time
	State    store.State
	Attempt  postal.AttemptCode // the latest attempt, "" before the first
	Code     postal.AttemptCode // what stands on its paper, or will
	Hold     FaultCode          // why it is HELD, UNCERTAIN or READY again, "" otherwise; for Reprint, that reason
	Reprint  ReasonCode         // why a person has it printed again, until it is
	Batch    string             // the batch it was last printed in, "" before the first
	Number   int                // the latest attempt's number, 0 before the first
	Printer  string             // of an UNCERTAIN letter, the id of the printer that its latest attempt went to
	Begun    time.Time          // of an UNCERTAIN letter, when its latest attempt was begun
	Paper    bool               // sheets of it may exist
	Scanned  bool               // its piece was scanned at enveloping; CONFIRMED until central has accepted it
	Order    wire.OrderKind     // what central asked for and is not done yet, "" for nothing
	Findings []preflight.Code   // of the last look at the letter; nil before it was ever drawn
	Numbered bool               // it has a registered number
	Purged   bool               // nothing is left that could open it
	Longer   bool               // a person has it kept as long as a proof
}

// Lamp is the state of a part that the status line shows.
type Lamp string

// The colours of a lamp.
const (
	LampOff  Lamp = "off"  // not set up, or not asked yet
	LampOK   Lamp = "ok"   // as it should be
	LampBusy Lamp = "busy" // at work
	LampBad  Lamp = "bad"  // needs somebody
)

// Snapshot is everything the window shows of the station at one moment.
// It is a copy: the reader may keep it.
type Snapshot struct {
	Person       *Person // nil while the station is locked
	Jobs         []Job   // by cut-off, then by time of payment
	Central      Lamp
	TPM          Lamp
	Journal      Lamp
	Printer      Lamp
	PrinterName  string
	TPMEndpoint  string    // of a TPM that is not the system's own, else ""
	SealedAt     time.Time // last countersignature, zero if none yet
	Batch        *Batch    // nil when nothing is printing
	NoDecryption FaultCode // why letters can't be opened, "" when they can
	LastFault    *Fault    // the latest of pull and push, nil when both are in step
	Waiting      int       // letters that wait at central, -1 when it did not say
	Printers     []Printer // those set up here, the settings' own first
	Inbox        *Inbox    // the watched folder of receipts, nil for none
	Ledger       int       // rises with every change to a deposit or its receipts
	Policy       Policy
}

// Batch is the running batch.
type Batch struct {
	ID          string
	Printer     string // the id of the printer it goes to
	Total       int
	Done        int
	Current     postal.AttemptCode
	Impressions int       // sides of the current letter that are out
	Sides       int       // sides it has
	Stopping    bool      // it ends after the current letter
	Waits       bool      // for a person to unlock: a claim's key has to be opened
	Stopped     FaultCode // why it stopped, "" while it goes on
}

// Printer is a printer that was set up.
type Printer struct {
	ID       string
	Name     string
	URI      string
	Pin      [32]byte // of its certificate, zero for one without
	Fixed    bool     // by the settings: nobody removes it here
	Chosen   bool     // the next batch goes there
	Lamp     Lamp
	Fault    *Fault   // why Lamp is bad, nil otherwise
	Reasons  []string // device's codes, worst first
	Model    string
	Can      *device.Capabilities // nil until it was asked
	TestedAt time.Time            // when a test sheet was last printed, zero never
}

// PreviewPage is one page as it will be printed, reduced by a whole factor.
type PreviewPage struct {
	Index int // zero is the carrier page
	Pages int // how many there are, carrier page included
	Image image.Image
}
