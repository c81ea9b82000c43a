package station

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"espero-soft.com/printroom/printer/letter"
	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/keys"
	"espero-soft.com/printroom/vault/store"
)

// Deposit is a closed deposit.
type Deposit struct {
	Number   string // on its slip
	Closed   time.Time
	Attempts []postal.AttemptCode
	Slip     []byte // PDF: codes and registered numbers, no names
}

// Deposit puts every piece that central has accepted, and that nobody took out,
// into one deposit, as many as one may have, closes it and makes its slip. From
// here on they are the post's.
func (s *Station) Deposit(ctx context.Context) (Deposit, error) {
	_, storeKey, err := s.unlocked()
	if err != nil {
		return Deposit{}, err
	}
	pieces, err := s.enveloped(ctx)
	if err != nil {
		return Deposit{}, err
	}
	return s.deposit(ctx, storeKey, pieces)
}

// DepositPieces makes a deposit of some pieces, like Deposit, and refuses it as a
// whole when one of them may not go.
func (s *Station) DepositPieces(ctx context.Context, attempts []postal.AttemptCode) (Deposit, error) {
	_, storeKey, err := s.unlocked()
	if err != nil {
		return Deposit{}, err
	}
	all, err := s.cfg.Store.JobsIn(ctx, store.Enveloped)
	if err != nil {
		return Deposit{}, fault(err)
	}
	var pieces []store.Job
	for _, a := range attempts {
		i := slices.IndexFunc(all, func(j store.Job) bool { return j.Attempt == string(a) })
		if i < 0 {
			return Deposit{}, &Fault{Code: CodeState, Err: fmt.Errorf("piece %s can't be deposited", a)}
		}
		if all[i].Order != "" {
			return Deposit{}, &Fault{Code: OrderCancelled, Err: fmt.Errorf("piece %s can't be deposited", a)}
		}
		if hold := all[i].Hold; hold != "" {
			return Deposit{}, &Fault{Code: FaultCode(hold), Err: fmt.Errorf("piece %s can't be deposited", a)}
		}
		pieces = append(pieces, all[i])
	}
	return s.deposit(ctx, storeKey, pieces[:min(len(pieces), wire.MaxDepositAttempts)])
}

func (s *Station) deposit(ctx context.Context, storeKey *keys.StoreKey, pieces []store.Job) (Deposit, error) {
	if len(pieces) == 0 {
		return Deposit{}, &Fault{Code: NothingToDeposit, Err: errors.New("no piece was accepted by central yet")}
	}
	d, err := s.newDeposit(pieces, storeKey)
	if err != nil {
		return Deposit{}, fault(err)
	}
	id := uuid.NewString()
	if err := s.record(ctx, journal.Access{Action: journal.ActionDeposit, Object: id}); err != nil {
		return Deposit{}, err
	}
	if err := s.closeDeposit(ctx, id, d); err != nil {
		return Deposit{}, fault(err)
	}
	s.tell()
	return d, s.entered(ctx)
}

// enveloped are the pieces that may be deposited.
func (s *Station) enveloped(ctx context.Context) ([]store.Job, error) {
	pieces, err := s.cfg.Store.JobsIn(ctx, store.Enveloped)
	pieces = slices.DeleteFunc(pieces, func(j store.Job) bool { return j.Hold != "" || j.Order != "" })
	return pieces[:min(len(pieces), wire.MaxDepositAttempts)], fault(err)
}

func (s *Station) newDeposit(pieces []store.Job, storeKey *keys.StoreKey) (Deposit, error) {
	number, err := depositNumber(s.cfg.Now())
	if err != nil {
		return Deposit{}, err
	}
	d := Deposit{Number: number, Closed: s.cfg.Now().UTC()}
	slip := letter.SlipData{Number: number, Date: s.cfg.Now(), Room: s.cfg.Room}
	for _, j := range pieces {
		tracking, err := tracking(storeKey, j)
		if err != nil {
			return Deposit{}, err
		}
		code := postal.AttemptCode(j.Attempt)
		d.Attempts = append(d.Attempts, code)
		slip.Rows = append(slip.Rows, letter.SlipRow{Attempt: code, Product: postal.Product(j.Product), Tracking: tracking})
	}
	if d.Slip, err = letter.Slip(slip); err != nil {
		return Deposit{}, fmt.Errorf("make the deposit slip: %w", err)
	}
	return d, nil
}

func (s *Station) closeDeposit(ctx context.Context, id string, d Deposit) error {
	digest := sha256.Sum256(d.Slip)
	request := wire.DepositRequest{ClosedAt: d.Closed, SlipSHA256: hex.EncodeToString(digest[:])}
	row := store.Deposit{ID: id, Number: d.Number, Closed: d.Closed, Slip: d.Slip, Seen: s.CentralTime()}
	for _, a := range d.Attempts {
		request.Attempts = append(request.Attempts, string(a))
		row.Attempts = append(row.Attempts, string(a))
	}
	body, err := json.Marshal(request)
	if err != nil {
		return fmt.Errorf("write the deposit's report: %w", err)
	}
	return s.cfg.Store.CloseDeposit(ctx, row, store.Message{ID: id, Kind: store.DepositMessage, Body: body})
}

// tracking opens a job's registered number, "" for a job that has none.
func tracking(storeKey *keys.StoreKey, j store.Job) (postal.TrackingNumber, error) {
	if !j.Numbered {
		return "", nil
	}
	if j.Closed != nil {
		return "", j.Closed
	}
	buf, err := storeKey.Open(keys.TrackingNumber(j.ID), j.Tracking)
	if err != nil {
		return "", fmt.Errorf("open the registered number of job %s: %w", j.ID, err)
	}
	defer buf.Destroy()
	return postal.TrackingNumber(buf.Bytes()), nil
}

// depositNumber is short enough to be typed: the day, then six symbols.
func depositNumber(now time.Time) (string, error) {
	code, err := postal.NewAttemptCode(rand.Reader)
	if err != nil {
		return "", fmt.Errorf("make a deposit's number: %w", err)
	}
	return "D" + now.Format("060102") + "-" + string(code[:6]), nil
}
