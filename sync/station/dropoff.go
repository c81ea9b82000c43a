package station

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/store"
)

// The conditions of dropping off.
const (
	TakenOut         FaultCode = "taken_out"         // a piece that a person keeps out of the deposits
	DepositUntold    FaultCode = "deposit_untold"    // central has not acknowledged the deposit yet
	ReceiptKnown     FaultCode = "receipt_known"     // the same picture is kept already
	ReceiptEarly     FaultCode = "receipt_early"     // there is no closed deposit that it could prove
	FileUnreadable   FaultCode = "file_unreadable"   // the disk does not give the file
	FolderUnreadable FaultCode = "folder_unreadable" // nor the watched folder
	FileUnwritable   FaultCode = "file_unwritable"
	NumberInvalid    FaultCode = "number_invalid" // not the number of a registered letter
	NumberCheck      FaultCode = "number_check"   // its check digit is wrong
	NumberParcel     FaultCode = "number_parcel"  // a parcel's code
	NumberOther      FaultCode = "number_other"   // the letter has another number
	NumberUsed       FaultCode = "number_used"    // another letter has it
	NumberNotWanted  FaultCode = "number_not_wanted"
)

func dropOffFaults() []FaultCode {
	return []FaultCode{TakenOut, DepositUntold, ReceiptKnown, ReceiptEarly, FileUnreadable, FolderUnreadable, FileUnwritable,
		NumberInvalid, NumberCheck, NumberParcel, NumberOther, NumberUsed, NumberNotWanted}
}

// ReturnReason says why a piece is not in a deposit.
type ReturnReason string

// The reasons for taking a piece out.
const (
	ReturnDamaged  ReturnReason = "damaged"
	ReturnAddress  ReturnReason = "address"  // the counter can't deliver to it
	ReturnFranking ReturnReason = "franking" // too little, or the wrong service
	ReturnFormat   ReturnReason = "format"   // too large, thick or heavy
	ReturnLater    ReturnReason = "later"    // it goes with another deposit
	ReturnNumber   ReturnReason = "number"   // its registered number is not valid
)

// ReturnReasons lists every reason, those that a person mostly has first.
func ReturnReasons() []ReturnReason {
	return []ReturnReason{ReturnDamaged, ReturnAddress, ReturnFranking, ReturnFormat, ReturnNumber, ReturnLater}
}

// shownDeposits is how many deposits are listed: some months of a room.
const shownDeposits = 400

// DepositView is a closed deposit as it is listed.
type DepositView struct {
	Number       string
	Closed       time.Time
	Pieces       int
	Registered   int // pieces with a registered number, or that must have one
	Receipts     int
	Proven       int    // registered pieces whose number is on a receipt
	Acknowledged bool   // central has the deposit and every receipt of it
	Refused      *Fault // why central refused it when it was last told, nil when it did not; pieces can be taken out
}

// Pending tells whether its proof is not complete: no receipt yet, or one on
// which registered numbers are missing.
func (d DepositView) Pending() bool {
	return d.Pieces > 0 && (d.Receipts == 0 || d.Proven < d.Registered)
}

// Deposits lists the closed deposits, newest first.
func (s *Station) Deposits(ctx context.Context) ([]DepositView, error) {
	if _, _, err := s.unlocked(); err != nil {
		return nil, err
	}
	states, err := s.cfg.Store.DepositStates(ctx, string(postal.Registered), shownDeposits)
	if err != nil {
		return nil, fault(err)
	}
	views := make([]DepositView, len(states))
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, d := range states {
		views[i] = DepositView{
			Refused: s.untaken[d.ID],
			Number:  d.Number, Closed: d.Closed, Pieces: d.Pieces, Registered: d.Registered,
			Receipts: d.Receipts, Proven: d.Proven, Acknowledged: d.Told && d.Unsent == 0,
		}
	}
	return views, nil
}

// Piece is one piece of a closed deposit.
type Piece struct {
	Attempt    postal.AttemptCode
	Job        string
	Product    postal.Product
	Sheets     int
	Registered bool
	Numbered   bool // its registered number is known
	Proven     bool // and on a receipt
}

// Pieces lists what is in a closed deposit, by product and code.
func (s *Station) Pieces(ctx context.Context, number string) ([]Piece, error) {
	_, storeKey, err := s.unlocked()
	if err != nil {
		return nil, err
	}
	deposit, err := s.cfg.Store.DepositByNumber(ctx, number)
	if err != nil {
		return nil, fault(err)
	}
	all, err := s.mailed(ctx, storeKey, deposit)
	if err != nil {
		return nil, err
	}
	pieces := make([]Piece, len(all))
	for i, m := range all {
		pieces[i] = Piece{
			Attempt: m.attempt, Job: m.job.ID, Product: postal.Product(m.job.Product), Sheets: sheets(m.job),
			Registered: m.registered(), Numbered: m.number != "", Proven: m.proven,
		}
	}
	slices.SortFunc(pieces, func(a, b Piece) int {
		return cmp.Or(cmp.Compare(a.Product, b.Product), cmp.Compare(a.Attempt, b.Attempt))
	})
	return pieces, nil
}

// Returned gives, for each piece that is out of the deposits now, why.
func (s *Station) Returned(ctx context.Context) (map[postal.AttemptCode]ReturnReason, error) {
	rows, err := s.cfg.Store.Returns(ctx)
	if err != nil {
		return nil, fault(err)
	}
	reasons := make(map[postal.AttemptCode]ReturnReason, len(rows))
	for _, r := range rows {
		reasons[postal.AttemptCode(r.Attempt)] = ReturnReason(r.Reason)
	}
	return reasons, nil
}

// TakeBack takes a piece out, with a reason: out of the deposit being made, or,
// when the counter refused it, out of a closed one that central has acknowledged
// or refused. The letter stays enveloped; it goes into no deposit until
// PutBack, and may be pulled.
func (s *Station) TakeBack(ctx context.Context, attempt postal.AttemptCode, reason ReturnReason) error {
	if _, _, err := s.unlocked(); err != nil {
		return err
	}
	if !slices.Contains(ReturnReasons(), reason) {
		return &Fault{Code: Unexpected, Err: fmt.Errorf("%q is no reason to take a piece out", reason)}
	}
	_, j, err := s.piece(ctx, string(attempt))
	if err != nil {
		return err
	}
	if j.Attempt != string(attempt) || j.State != store.Enveloped && j.State != store.Dropped {
		return &Fault{Code: CodeState, Err: fmt.Errorf("attempt %s: the letter is %s", attempt, j.State)}
	}
	if err := s.record(ctx, journal.Access{Action: journal.ActionRefuse, Object: j.ID, Attempt: j.Attempt, Reason: string(reason)}); err != nil {
		return err
	}
	r := store.Return{Attempt: j.Attempt, Reason: string(reason), At: s.cfg.Now()}
	m := store.Move{Job: j.ID, From: []store.State{j.State}, To: store.Enveloped, Hold: string(TakenOut)}
	if j.State == store.Dropped {
		err = s.takeBack(ctx, j, r, m)
	} else {
		err = s.cfg.Store.TakeOut(ctx, r, m)
	}
	if err != nil {
		return fault(err)
	}
	s.tell()
	return s.entered(ctx)
}

// entered shows a change to a deposit, or to what is in one.
func (s *Station) entered(ctx context.Context) error {
	s.change(func() { s.ledger++ })
	return s.refresh(ctx)
}

func (s *Station) takeBack(ctx context.Context, j store.Job, r store.Return, m store.Move) error {
	e, err := s.event(ctx, wire.EventReturned, j, func(e *wire.Event) { e.Reason = r.Reason })
	if err != nil {
		return err
	}
	m.Messages = []store.Message{e}
	err = s.cfg.Store.TakeBack(ctx, r, m)
	if errors.Is(err, store.ErrUntold) {
		m.Messages = nil // central knows nothing of the deposit
		return s.retract(ctx, r, m)
	}
	return err
}

// PutBack lets a piece that was taken out go with the next deposit.
func (s *Station) PutBack(ctx context.Context, attempt postal.AttemptCode) error {
	if _, _, err := s.unlocked(); err != nil {
		return err
	}
	_, j, err := s.piece(ctx, string(attempt))
	if err != nil {
		return err
	}
	if j.State != store.Enveloped || j.Hold != string(TakenOut) {
		return &Fault{Code: CodeState, Err: fmt.Errorf("attempt %s was not taken out", attempt)}
	}
	if err := s.record(ctx, journal.Access{Action: journal.ActionDecide, Object: j.ID, Attempt: j.Attempt, Reason: "put_back"}); err != nil {
		return err
	}
	if err := s.move(ctx, store.Move{Job: j.ID, From: []store.State{store.Enveloped}, To: store.Enveloped}); err != nil {
		return err
	}
	return s.entered(ctx)
}

// DepositOf returns the number of the deposit that a piece is in.
func (s *Station) DepositOf(ctx context.Context, attempt postal.AttemptCode) (string, error) {
	number, err := s.cfg.Store.DepositOf(ctx, string(attempt))
	return number, fault(err)
}
