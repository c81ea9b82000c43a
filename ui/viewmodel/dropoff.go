package viewmodel

import (
	"context"
	"slices"

	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/sync/station"
)

// Deposits hands pieces to the post.
type Deposits interface {
	Deposits(ctx context.Context) ([]station.DepositView, error)
	// Pieces lists what is in a closed deposit.
	Pieces(ctx context.Context, number string) ([]station.Piece, error)
	DepositOf(ctx context.Context, attempt postal.AttemptCode) (number string, err error)
	Returned(ctx context.Context) (map[postal.AttemptCode]station.ReturnReason, error)
	// DepositPieces closes a deposit of those pieces: all of them, or none.
	DepositPieces(ctx context.Context, attempts []postal.AttemptCode) (station.Deposit, error)
	TakeBack(ctx context.Context, attempt postal.AttemptCode, reason station.ReturnReason) error
	PutBack(ctx context.Context, attempt postal.AttemptCode) error
	Slip(ctx context.Context, number string) ([]byte, error)
	// PrintSlip returns when the printer says that the slip is out.
	PrintSlip(ctx context.Context, number string) error
	Scan(ctx context.Context, text string) (station.Job, error)
	BindNumber(ctx context.Context, letterCode, label string) (station.Job, error)
}

// DropOff is the screen of what goes to the post: the deposit being made, and
// those that are closed.
type DropOff struct {
	Ready    bool // the deposits were read once
	Products []ProductPieces
	Deposits []station.DepositView // newest first
	Chosen   string                // the number of the closed deposit that is looked at, "" for the one being made
	Rows     []PieceRow            // of that deposit
	Selected postal.AttemptCode    // the chosen piece
	Sum      Sum                   // of the deposit being made
	Asking   postal.AttemptCode    // the piece whose reason for coming out is asked, "" for none
	Said     Said                  // what became of the last scan or act
	Label    postal.AttemptCode    // the registered letter whose label is to be scanned next, "" for none

	Closing  bool
	Printing string // the deposit whose slip is being printed, "" for none
	Saving   bool
	Acting   bool // a piece is being scanned, bound, taken out or put back
	Printer  station.Lamp
	Fault    *station.Fault
	Changed  func()
	// Opened is told when another deposit is looked at.
	Opened func()

	asks     *asks
	station  Deposits
	jobs     []station.Job // the snapshot's; never written to
	ledger   int           // of the snapshot that the lists are for
	here     bool
	reasons  map[postal.AttemptCode]station.ReturnReason
	pieces   []station.Piece         // of the chosen closed deposit
	left     map[postal.Product]bool // products that stay here this time
	latest   int                     // number of the newest reading of the lists
	acted    int                     // number of the newest act
	lookedAt int                     // number of the newest look at a deposit
}

// NewDropOff returns a screen without pieces.
func NewDropOff(s Deposits, post Poster) *DropOff {
	return &DropOff{asks: newAsks(post), station: s, left: make(map[postal.Product]bool), Changed: func() {}, Opened: func() {}}
}

// Show takes a newer snapshot. A locked station has nothing to drop off.
func (d *DropOff) Show(s station.Snapshot) {
	if s.Person == nil {
		d.forget()
		return
	}
	fresh := !d.here || s.Ledger != d.ledger
	d.here, d.ledger, d.jobs, d.Printer = true, s.Ledger, s.Jobs, s.Printer
	d.arrange()
	if fresh {
		d.load()
	}
	d.Changed()
}

func (d *DropOff) forget() {
	d.latest++
	d.acted++
	d.lookedAt++
	d.here, d.Ready, d.jobs, d.reasons, d.pieces = false, false, nil, nil, nil
	d.Products, d.Deposits, d.Rows, d.Sum, d.Said = nil, nil, nil, Sum{}, Said{}
	d.Chosen, d.Selected, d.Asking, d.Label, d.Fault = "", "", "", "", nil
	d.Closing, d.Printing, d.Saving, d.Acting = false, "", false, false
	clear(d.left)
	d.Changed()
}

// load reads the lists anew.
func (d *DropOff) load() {
	d.latest++
	n := d.latest
	d.asks.run(func(ctx context.Context) func() {
		deposits, err := d.station.Deposits(ctx)
		reasons, rerr := d.station.Returned(ctx)
		return func() {
			if n == d.latest {
				d.loaded(deposits, reasons, first(err, rerr))
			}
		}
	})
	if d.Chosen != "" {
		d.look()
	}
}

func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (d *DropOff) loaded(deposits []station.DepositView, reasons map[postal.AttemptCode]station.ReturnReason, err error) {
	d.Ready = true
	if f := faultOf(err); f != nil {
		d.Fault = f
	} else {
		d.Deposits, d.reasons = deposits, reasons
	}
	if d.Chosen != "" && d.Deposit() == nil && err == nil {
		d.Choose("")
		return
	}
	d.arrange()
	d.Changed()
}

// Deposit returns the closed deposit that is looked at, nil for the one being made.
func (d *DropOff) Deposit() *station.DepositView {
	if i := d.index(d.Chosen); i >= 0 {
		return &d.Deposits[i]
	}
	return nil
}

func (d *DropOff) index(number string) int {
	return slices.IndexFunc(d.Deposits, func(v station.DepositView) bool { return v.Number == number })
}

// Pending counts the deposits whose proof is not complete.
func (d *DropOff) Pending() int {
	n := 0
	for _, v := range d.Deposits {
		if v.Pending() {
			n++
		}
	}
	return n
}

// NewestPending returns the deposit that a receipt is most likely for, "" when
// every one has its proof.
func (d *DropOff) NewestPending() string {
	for _, v := range d.Deposits {
		if v.Pending() {
			return v.Number
		}
	}
	return ""
}

// Choose looks at a closed deposit, or with "" at the one being made.
func (d *DropOff) Choose(number string) {
	if number != "" && d.index(number) < 0 || number == d.Chosen {
		return
	}
	d.Chosen, d.Selected, d.Asking, d.pieces = number, "", "", nil
	d.Said, d.Fault = Said{}, nil
	d.arrange()
	if number != "" {
		d.look()
	}
	d.Opened()
	d.Changed()
}

// Step looks at the deposit so many lines further down the list, whose first is
// the one being made.
func (d *DropOff) Step(lines int) {
	to := min(max(d.index(d.Chosen)+lines, -1), len(d.Deposits)-1)
	if to < 0 {
		d.Choose("")
		return
	}
	d.Choose(d.Deposits[to].Number)
}

// look reads what is in the chosen deposit.
func (d *DropOff) look() {
	d.lookedAt++
	n, number := d.lookedAt, d.Chosen
	d.asks.run(func(ctx context.Context) func() {
		pieces, err := d.station.Pieces(ctx, number)
		return func() {
			if n != d.lookedAt || number != d.Chosen {
				return
			}
			d.pieces = pieces
			if f := faultOf(err); f != nil {
				d.Fault = f
			}
			d.arrange()
			d.Changed()
		}
	})
}

// Tick puts a product into the deposit being made, or leaves it here.
func (d *DropOff) Tick(p postal.Product) {
	d.left[p] = !d.left[p]
	d.Choose("")
	d.arrange()
	d.Changed()
}

// Select chooses a piece.
func (d *DropOff) Select(attempt postal.AttemptCode) {
	if attempt != d.Selected {
		d.Selected, d.Asking = attempt, ""
		d.Changed()
	}
}

// Dismiss puts the last fault away.
func (d *DropOff) Dismiss() {
	d.Fault = nil
	d.Changed()
}

// Close ends the work that runs and waits for it.
func (d *DropOff) Close() { d.asks.close() }
