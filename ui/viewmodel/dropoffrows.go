package viewmodel

import (
	"cmp"
	"slices"

	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/vault/store"
)

// PieceState is where a piece stands on its way to the post, as a code.
type PieceState string

// The states of a piece, those of the deposit being made first.
const (
	PieceIn      PieceState = "in"      // it goes with the deposit
	PieceLeft    PieceState = "left"    // its product stays here this time
	PieceOut     PieceState = "out"     // somebody took it out
	PieceOrder   PieceState = "order"   // central wants it back: it has to be pulled
	PieceWaits   PieceState = "waits"   // scanned; central's word is awaited
	PieceDropped PieceState = "dropped" // in a closed deposit
	PieceProven  PieceState = "proven"  // and its number is on a receipt
	PieceMissing PieceState = "missing" // registered, and its number is on none
)

// PieceStates lists every state.
func PieceStates() []PieceState {
	return []PieceState{PieceIn, PieceLeft, PieceOut, PieceOrder, PieceWaits, PieceDropped, PieceProven, PieceMissing}
}

// PieceRow is one piece.
type PieceRow struct {
	Attempt    postal.AttemptCode
	Product    postal.Product
	Sheets     int
	Registered bool
	Numbered   bool
	State      PieceState
	Reason     station.ReturnReason // why it is out
}

// ProductPieces are the pieces of one product that are not dropped off.
type ProductPieces struct {
	Product postal.Product
	Ready   int // central has accepted them and nobody took them out
	Sheets  int // of those
	Waiting int // for central's word
	Ticked  bool
}

// Sum is what a deposit comes to.
type Sum struct {
	Pieces, Sheets, Registered int
	Unnumbered                 int // registered letters that still need a label
}

// arrange makes the rows and the counts from what is known.
func (d *DropOff) arrange() {
	making, products := d.making()
	d.Products = products
	d.Sum = Sum{}
	for _, r := range making {
		if r.State != PieceIn {
			continue
		}
		d.Sum.Pieces++
		d.Sum.Sheets += r.Sheets
		if r.Registered {
			d.Sum.Registered++
			if !r.Numbered {
				d.Sum.Unnumbered++
			}
		}
	}
	d.Rows = making
	if d.Chosen != "" {
		d.Rows = dropped(d.pieces)
	}
	if d.Row() < 0 {
		d.Selected = ""
	}
	if !slices.ContainsFunc(d.Rows, func(r PieceRow) bool { return r.Attempt == d.Asking }) {
		d.Asking = ""
	}
}

// making lists the pieces that are not in a closed deposit.
func (d *DropOff) making() ([]PieceRow, []ProductPieces) {
	var rows []PieceRow
	count := map[postal.Product]*ProductPieces{}
	for i := range d.jobs {
		j := &d.jobs[i]
		state, ok := d.place(j)
		if !ok {
			continue
		}
		rows = append(rows, PieceRow{
			Attempt: j.Attempt, Product: j.Product, Sheets: j.Sheets, State: state,
			Registered: j.Numbered || j.Product == postal.Registered, Numbered: j.Numbered,
			Reason: d.reasons[j.Attempt],
		})
		c := count[j.Product]
		if c == nil {
			c = &ProductPieces{Product: j.Product, Ticked: !d.left[j.Product]}
			count[j.Product] = c
		}
		switch state {
		case PieceIn, PieceLeft:
			c.Ready++
			c.Sheets += j.Sheets
		case PieceWaits:
			c.Waiting++
		}
	}
	slices.SortFunc(rows, func(a, b PieceRow) int {
		return cmp.Or(rankOf(a.State)-rankOf(b.State), a.rank()-b.rank(), inShop(a.Product)-inShop(b.Product), cmp.Compare(a.Attempt, b.Attempt))
	})
	var products []ProductPieces
	for _, p := range postal.Products() {
		if c := count[p]; c != nil {
			products = append(products, *c)
		}
	}
	return rows, products
}

// place tells where a letter stands, and whether it is a piece at all yet.
func (d *DropOff) place(j *station.Job) (PieceState, bool) {
	switch {
	case j.State == store.Confirmed && j.Scanned:
		return PieceWaits, true
	case j.State != store.Enveloped:
		return "", false
	case j.Order != "":
		return PieceOrder, true
	case j.Hold != "":
		return PieceOut, true
	case d.left[j.Product]:
		return PieceLeft, true
	}
	return PieceIn, true
}

// rank puts the registered letters that need a label before the others.
func (r PieceRow) rank() int {
	if r.Registered && !r.Numbered {
		return 0
	}
	return 1
}

func rankOf(s PieceState) int { return slices.Index(PieceStates(), s) }

func inShop(p postal.Product) int { return slices.Index(postal.Products(), p) }

func dropped(pieces []station.Piece) []PieceRow {
	rows := make([]PieceRow, len(pieces))
	for i, p := range pieces {
		rows[i] = PieceRow{
			Attempt: p.Attempt, Product: p.Product, Sheets: p.Sheets,
			Registered: p.Registered, Numbered: p.Numbered, State: PieceDropped,
		}
		switch {
		case p.Proven:
			rows[i].State = PieceProven
		case p.Registered:
			rows[i].State = PieceMissing
		}
	}
	slices.SortStableFunc(rows, func(a, b PieceRow) int { return rankMissing(a) - rankMissing(b) })
	return rows
}

// rankMissing puts what still needs somebody first.
func rankMissing(r PieceRow) int {
	if r.State == PieceMissing {
		return 0
	}
	return 1
}

// Row returns the row of the chosen piece, −1 for none.
func (d *DropOff) Row() int {
	return slices.IndexFunc(d.Rows, func(r PieceRow) bool { return d.Selected != "" && r.Attempt == d.Selected })
}
