package viewmodel

import (
	"context"
	"errors"
	"image"

	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/sync/station"
)

// Receipts reads and keeps the proofs of deposits.
type Receipts interface {
	// ReadReceipt reads a picture and keeps nothing; the picture is the receiver's.
	ReadReceipt(ctx context.Context, number string, c station.Capture) (station.Reading, error)
	CheckCorrections(ctx context.Context, number string, typed []station.Correction) error
	KeepReceipt(ctx context.Context, number string, c station.Capture, hand station.ByHand) (station.Receipt, error)
}

// BadFile is a picture that could not be taken.
type BadFile struct {
	Name  string
	Fault *station.Fault
}

// mostFiles is how many files wait at once; what is dropped beyond is left out.
const mostFiles = 100

// Proof is the receipt of the deposit that is looked at: a picture with the
// codes found on it, the letters they prove, and what a person adds by hand.
// One file is taken at a time; a bad one is put on a list, and the next follows.
type Proof struct {
	Deposit string   // whose receipt it is
	Waiting []string // paths of the files to come
	Bad     []BadFile
	Inbox   *station.Inbox  // the watched folder, nil for none
	Name    string          // of the file that is open, "" for none
	Picture image.Image     // as it is shown: reduced when it is large
	Bounds  image.Rectangle // of the picture that is kept; corners of codes are in it
	Codes   []station.ReceiptCode
	Letters []station.ProofLetter
	Weak    *station.Fault // why the picture alone proves nothing
	Typed   map[postal.AttemptCode]string
	Wrong   map[postal.AttemptCode]*station.Fault // what is wrong with a typed number
	Vouched bool
	Kept    *Kept // the receipt kept last

	Loading  bool // the picture is being read
	Keeping  bool
	Cropping bool
	Zoom     int // percent of the width of the pane
	Fault    *station.Fault
	Changed  func()
	// Switch looks at another deposit; NewestPending names the one that a
	// picture is most likely for.
	Switch        func(number string)
	NewestPending func() string

	asks    *asks
	station Receipts
	here    bool
	path    string
	capture station.Capture
	// switched says that the slip on the picture chose the deposit.
	switched bool
	skipped  map[string]bool // files of the watched folder that were put away
	latest   int             // number of the newest reading
	checked  int             // and of the newest check of typed numbers
}

// Kept is what became of a receipt.
type Kept struct {
	Deposit string
	Name    string
	Numbers int // it proves
	Missing int // that no receipt shows yet
}

// NewProof returns a pane without a picture.
func NewProof(s Receipts, post Poster) *Proof {
	return &Proof{
		asks: newAsks(post), station: s, skipped: make(map[string]bool), Zoom: zoomFit,
		Typed: make(map[postal.AttemptCode]string), Wrong: make(map[postal.AttemptCode]*station.Fault),
		Changed: func() {}, Switch: func(string) {}, NewestPending: func() string { return "" },
	}
}

// Show takes a newer snapshot. Nothing of a receipt stays while the station is
// locked.
func (p *Proof) Show(s station.Snapshot) {
	if s.Person == nil {
		if p.here {
			p.forget()
		}
		return
	}
	p.here, p.Inbox = true, s.Inbox
	p.next()
	p.Changed()
}

func (p *Proof) forget() {
	p.here = false
	p.put(nil)
	p.Deposit, p.Waiting, p.Bad, p.Inbox, p.Kept, p.Fault, p.Keeping = "", nil, nil, nil, nil, nil, false
	clear(p.skipped)
	p.Changed()
}

// Follow takes the deposit that is looked at. An open picture is matched anew.
func (p *Proof) Follow(number string) {
	if number == p.Deposit {
		return
	}
	p.Deposit, p.Fault = number, nil
	p.empty()
	if p.Open() && number != "" {
		p.read()
	}
	p.Changed()
}

// Open tells whether a picture is there, or is being read.
func (p *Proof) Open() bool { return p.path != "" }

// put empties the pane.
func (p *Proof) put(kept *Kept) {
	p.latest++
	old := p.Picture
	p.path, p.Name, p.capture, p.Kept = "", "", station.Capture{}, kept
	p.Loading, p.Cropping = false, false
	p.empty()
	p.Picture = nil
	if old != nil {
		p.Changed() // nothing shows it any more
		wipePicture(old)
	}
}

// empty forgets what was read and typed.
func (p *Proof) empty() {
	p.checked++
	p.Codes, p.Letters, p.Weak, p.Vouched = nil, nil, nil, false
	clear(p.Typed)
	clear(p.Wrong)
}

// PutAway closes the picture; nothing of it is kept. Its file stays where it is.
func (p *Proof) PutAway() {
	if p.Keeping {
		return
	}
	p.put(nil)
	p.Fault = nil
	p.next()
	p.Changed()
}

// Close ends the work that runs, waits for it and wipes the picture.
func (p *Proof) Close() {
	p.asks.close()
	p.put(nil)
}

// Dismiss puts the last fault away, or the list of bad files.
func (p *Proof) Dismiss() {
	p.Fault, p.Bad = nil, nil
	p.Changed()
}

// Keep keeps the receipt with what was typed.
func (p *Proof) Keep() {
	if !p.CanKeep() {
		return
	}
	number, c, hand := p.Deposit, p.capture, station.ByHand{Numbers: p.corrections(), Vouched: p.Vouched}
	done := Kept{Deposit: number, Name: p.Name, Numbers: p.Shown(), Missing: p.Missing()}
	p.Keeping, p.Fault = true, nil
	p.asks.run(func(ctx context.Context) func() {
		_, err := p.station.KeepReceipt(ctx, number, c, hand)
		return func() {
			p.Keeping = false
			p.kept(done, err)
			p.Changed()
		}
	})
	p.Changed()
}

func (p *Proof) kept(done Kept, err error) {
	if !p.here {
		return
	}
	var which *station.CorrectionError
	if errors.As(err, &which) {
		p.Wrong[which.Attempt] = faultOf(which.Err)
		return
	}
	if p.Fault = faultOf(err); p.Fault == nil && err == nil {
		p.put(&done)
		p.next()
	}
}
