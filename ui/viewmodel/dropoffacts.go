package viewmodel

import (
	"context"

	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/files"
	"espero-soft.com/printroom/vault/store"
)

// Word is what the screen says of the last scan or act, as a code.
type Word string

// The words.
const (
	SaidNothing   Word = ""
	SaidClosed    Word = "closed"     // a deposit was closed
	SaidPrinted   Word = "printed"    // its slip is out
	SaidSaved     Word = "saved"      // its slip is in a file
	SaidEnveloped Word = "enveloped"  // a piece was scanned
	SaidLabel     Word = "label"      // its label has to be scanned now
	SaidBound     Word = "bound"      // it has its number
	SaidLetter    Word = "letter"     // a label without a letter: scan the letter first
	SaidHere      Word = "here"       // a piece that was scanned before
	SaidWaits     Word = "waits"      // and waits for central
	SaidOut       Word = "taken_out"  // a piece is out of the deposit
	SaidReturned  Word = "taken_back" // and out of a closed one
	SaidPutBack   Word = "put_back"
)

// SaidWords lists every word.
func SaidWords() []Word {
	return []Word{SaidClosed, SaidPrinted, SaidSaved, SaidEnveloped, SaidLabel, SaidBound, SaidLetter, SaidHere,
		SaidWaits, SaidOut, SaidReturned, SaidPutBack}
}

// Said is a word about a piece, a deposit or a file.
type Said struct {
	Word Word
	Code postal.AttemptCode
	Name string // the deposit's number, or the file's path
}

// act runs one act and shows its fault, that of the newest only.
func (d *DropOff) act(do func(context.Context) error, done func(err error)) {
	d.acted++
	n := d.acted
	d.Fault, d.Said = nil, Said{}
	d.asks.run(func(ctx context.Context) func() {
		err := do(ctx)
		return func() {
			if n == d.acted {
				d.Fault = faultOf(err)
			}
			done(err)
			d.Changed()
		}
	})
	d.Changed()
}

// CanClose tells whether there is something to put into a deposit.
func (d *DropOff) CanClose() bool {
	return d.Chosen == "" && d.Sum.Pieces > 0 && !d.Closing && !d.Acting
}

// CloseDeposit closes the deposit being made and prints its slip. A slip that
// can't be printed is a fault of the closed deposit: it may be printed later.
func (d *DropOff) CloseDeposit() {
	if !d.CanClose() {
		return
	}
	var attempts []postal.AttemptCode
	for _, r := range d.Rows {
		if r.State == PieceIn {
			attempts = append(attempts, r.Attempt)
		}
	}
	var closed station.Deposit
	d.Closing = true
	d.act(func(ctx context.Context) (err error) {
		closed, err = d.station.DepositPieces(ctx, attempts)
		return err
	}, func(err error) {
		d.Closing = false
		if err != nil || !d.here {
			return
		}
		d.listed(closed)
		d.PrintSlip()
		d.Said = Said{Word: SaidClosed, Name: closed.Number}
	})
}

// listed shows a deposit that was just closed, before the lists are read anew.
func (d *DropOff) listed(c station.Deposit) {
	if d.index(c.Number) < 0 {
		v := station.DepositView{Number: c.Number, Closed: c.Closed, Pieces: len(c.Attempts), Registered: d.Sum.Registered}
		d.Deposits = append([]station.DepositView{v}, d.Deposits...)
	}
	d.Choose(c.Number)
}

// CanPrint tells whether the chosen deposit's slip can be printed now.
func (d *DropOff) CanPrint() bool { return d.Chosen != "" && d.Printing == "" }

// PrintSlip prints the slip of the chosen deposit.
func (d *DropOff) PrintSlip() {
	if !d.CanPrint() {
		return
	}
	number := d.Chosen
	d.Printing = number
	d.act(func(ctx context.Context) error { return d.station.PrintSlip(ctx, number) }, func(err error) {
		d.Printing = ""
		d.saying(err, Said{Word: SaidPrinted, Name: number})
	})
}

// SaveSlip writes the slip of the chosen deposit to a file that only this
// person may read.
func (d *DropOff) SaveSlip(path string) {
	if d.Chosen == "" || d.Saving || path == "" {
		return
	}
	number := d.Chosen
	d.Saving = true
	d.act(func(ctx context.Context) error {
		slip, err := d.station.Slip(ctx, number)
		if err != nil {
			return err
		}
		if err := files.Replace(path, files.Bytes(slip)); err != nil {
			return &station.Fault{Code: station.FileUnwritable, Err: err}
		}
		return nil
	}, func(err error) {
		d.Saving = false
		d.saying(err, Said{Word: SaidSaved, Name: path})
	})
}

func (d *DropOff) saying(err error, s Said) {
	if err == nil && d.here {
		d.Said = s
	}
}

// AskOut asks why the chosen piece comes out, or puts back one that is out.
func (d *DropOff) AskOut() {
	i := d.Row()
	if i < 0 || d.Acting {
		return
	}
	switch r := d.Rows[i]; r.State {
	case PieceOut:
		d.putBack(r.Attempt)
	case PieceIn, PieceLeft, PieceDropped, PieceMissing, PieceProven:
		d.Asking = r.Attempt
		d.Changed()
	}
}

// CallOff leaves the piece where it is.
func (d *DropOff) CallOff() {
	d.Asking, d.Label = "", ""
	d.Changed()
}

// TakeOut takes the piece out that was asked about.
func (d *DropOff) TakeOut(reason station.ReturnReason) {
	attempt, word := d.Asking, SaidOut
	if attempt == "" || d.Acting {
		return
	}
	if d.Chosen != "" {
		word = SaidReturned
	}
	d.Asking = ""
	d.move(func(ctx context.Context) error { return d.station.TakeBack(ctx, attempt, reason) }, Said{Word: word, Code: attempt})
}

func (d *DropOff) putBack(attempt postal.AttemptCode) {
	d.move(func(ctx context.Context) error { return d.station.PutBack(ctx, attempt) }, Said{Word: SaidPutBack, Code: attempt})
}

// move does something about one piece.
func (d *DropOff) move(do func(context.Context) error, s Said) {
	d.Acting = true
	d.act(do, func(err error) {
		d.Acting = false
		d.saying(err, s)
	})
}

// ShowLetter shows a letter that something else named; false when it is none of
// this screen's.
func (d *DropOff) ShowLetter(j station.Job) bool {
	switch {
	case j.State == store.Enveloped, j.State == store.Confirmed && j.Scanned:
		d.Choose("")
		d.Select(j.Attempt)
	case j.State == store.Dropped:
		d.find(j.Attempt)
	default:
		return false
	}
	return true
}

// find looks at the deposit that a piece is in.
func (d *DropOff) find(attempt postal.AttemptCode) {
	var number string
	d.act(func(ctx context.Context) (err error) {
		number, err = d.station.DepositOf(ctx, attempt)
		return err
	}, func(err error) {
		if err == nil && d.here {
			d.Choose(number)
			d.Selected = attempt
		}
	})
}
